/**
 * One-hot rows of private indices: for x the row of `depth` numbers that has a 1 at place x and zeros elsewhere.
 *
 *     dealt    E, the one-hot row of -r mod K, K = 2^k >= depth
 *     open     c = x + r mod K                                       (r is a fresh free mask: c is uniform mod K)
 *     row[j] = E[(j - c) mod K] for j < depth                       (j - c = -r where j = x; each party turns its share)
 *
 * The row of a table at a secret place is the product of this row with the table. Source: a table that the dealer turned
 * by a random offset, Ishai, Kushilevitz, Meldgaard, Orlandi and Paskin-Cherniavsky, "On the Power of Correlated
 * Randomness in Secure Computation", TCC 2013, section 3 (one-time truth tables), here of the identity.
 *
 * For every word x: of x mod K the row, or zeros where that is depth or more. So -1 gives zeros unless depth is K, and
 * K + 2 what 2 gives; whoever must tell such indices from others compares first.
 *
 * Opened: c alone, whose mask is used nowhere else. Rounds 1; bytes an index k / 8 to each peer; dealer 8 K. An index
 * takes K words at a time; operations are cut so that no one holds more than 2 MiB (or one row) of them beside the result.
 */
import { sizeOf } from '@tacit/ring';
import { indexBits, MAX_ROWS } from '../checks.js';
import { openMaskedInput } from '../compare/masked-input.js';
import { defineProtocol } from '../definition/protocol.js';
import { type Field, Layout } from '../runtime/layout.js';
import { remembered } from '../runtime/remembered.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { mapLocal } from './local-maps.js';

interface Parameters {
  /** k: indices count mod 2^k. */
  readonly bits: number;
}

interface Fields {
  readonly layout: Layout;
  readonly r: Field;
  readonly row: Field;
}

/** Words of rows that an operation is dealt. */
const MOST_WORDS = 2 ** 18;

/**
 * The one-hot rows of x mod 2^k at scale 0, [...x.shape, depth]; k is the least with 2^k >= depth, and 1 at least.
 * @throws RangeError unless `depth` is a whole number from 0 to 2^20
 */
export function oneHot(session: Session, x: Share, depth: number): Share {
  const bits = indexBits(depth);
  const shape = [...x.shape, depth];
  if (sizeOf(shape) === 0) return mapLocal(session, 'no-rows', [x], shape, () => {});
  const most = Math.max(1, Math.floor(MOST_WORDS / 2 ** bits));
  const parts: Share[] = [];
  for (let start = 0; start < x.size; start += most) {
    const n = Math.min(most, x.size - start);
    parts.push(
      oneHotProtocol.run(session, { inputs: [x], shape: [n, depth], n, parameters: { bits } }, start),
    );
  }
  if (parts.length === 1) return reshapedAlone(parts[0], shape);
  const joined = mapLocal(session, 'rows', parts, shape, (_, words, out) => {
    words.reduce((at, part) => {
      out.set(part, at);
      return at + part.length;
    }, 0);
  });
  for (const part of parts) part.dispose();
  return joined;
}

function reshapedAlone(x: Share, shape: readonly number[]): Share {
  const result = x.reshaped(shape);
  x.dispose();
  return result;
}

const known = new Map<number, Fields>();

export const oneHotProtocol = defineProtocol<Parameters, Fields, number>({
  kind: 'one-hot',
  elementwise: false,
  parameters(request) {
    const bits = request.whole('bits', 1, Math.log2(MAX_ROWS));
    const words = request.n * 2 ** bits;
    if (words > request.limits.maxElements) request.fail(`rows of ${words} words are too many`);
    return { bits };
  },
  fields: ({ bits }) =>
    remembered(known, bits, () => {
      const layout = new Layout();
      return { layout, r: layout.freeWords('r'), row: layout.rows('row of -r', 2 ** bits) };
    }),
  rounds: () => 1,
  opens: ({ bits }) => [{ bits }],
  async party(op, { inputs: [x], out, parameters: { bits }, fields: { r, row }, argument: start }) {
    const width = 2 ** bits;
    const depth = out.length / op.n;
    const c = await openMaskedInput(op, r, bits, x.subarray(start, start + op.n));
    await op.dealt();
    const rows = op.shareAll(row);
    for (let i = 0; i < op.n; i++) {
      const from = i * width;
      const first = (width - Number(c[i])) % width; // of place 0
      const whole = Math.min(depth, width - first);
      out.set(rows.subarray(from + first, from + first + whole), i * depth);
      out.set(rows.subarray(from, from + depth - whole), i * depth + whole);
    }
    op.pool.give(rows);
    op.pool.give(c);
  },
  dealer(op, { bits }, { r, row }) {
    const all = { start: 0, length: op.n };
    const masks = op.pool.take(op.n);
    const rows = op.pool.take(op.n * 2 ** bits);
    op.free(r, masks, all);
    rows.fill(0n);
    masks.forEach((mask, i) => {
      rows[i * 2 ** bits + Number(BigInt.asUintN(bits, -mask))] = 1n;
    });
    op.deal(row, rows, all);
    op.pool.give(masks);
    op.pool.give(rows);
  },
  examples: {
    'one-hot row of 8': (s, { x }) => oneHot(s, x, 8),
  },
});
