/** Linkages in one thread, and what an honest third party would say of them. */
import type { CrypTensor, Party } from '@tacit/tensor';
import { simulate } from '@tacit/testing/tensors';
import { type Key, type LinkOptions, linkTables } from '../src/index.js';

/** A table in the clear. */
export interface Table {
  readonly keys: readonly Key[];
  readonly columns?: Readonly<Record<string, readonly number[]>>;
}

/** A joined table in the clear. */
export interface Revealed {
  readonly rowsOf: string;
  readonly matched: readonly number[];
  readonly left: readonly (readonly number[])[];
  readonly right: readonly (readonly number[])[];
  readonly matches: number | undefined;
}

export const runParties = async <T>(
  parties: number,
  program: (party: Party) => Promise<T>,
  options: Record<string, unknown> = {},
): Promise<T[]> => (await simulate({ ...options, parties }, program)).results;

export const told = async (x: CrypTensor): Promise<Float64Array> => {
  const plain = await x.revealFloat64();
  if (!plain) throw new Error('nothing was told');
  return plain.data;
};

export async function rowsOf(x: CrypTensor): Promise<number[][]> {
  const [rows, width] = x.shape;
  const data = await told(x);
  return Array.from({ length: rows }, (_, i) => [...data.subarray(i * width, (i + 1) * width)]);
}

/** Links both tables, owned by parties 0 and 1, and tells everything: once for each party. */
export const linked = (
  parties: number,
  left: Table,
  right: Table,
  options: LinkOptions = {},
  simulation: Record<string, unknown> = {},
): Promise<Revealed[]> =>
  runParties(
    parties,
    async (party) => {
      const joined = await linkTables(
        party,
        {
          left: party.rank === 0 ? { src: 0, ...left } : { src: 0 },
          right: party.rank === 1 ? { src: 1, ...right } : { src: 1 },
        },
        options,
      );
      const result = {
        rowsOf: joined.rowsOf,
        matched: [...(await told(joined.matched))],
        left: await rowsOf(joined.left.values),
        right: await rowsOf(joined.right.values),
        matches: joined.matches,
      };
      joined.dispose();
      return result;
    },
    simulation,
  );
