/** Simulations of tensor programs, and what is shared and revealed by most tests here. */
import { type SimulationOptions, simulate } from '@tacit/testing/tensors';
import type { CrypTensor, Party, Plain, PlainInput } from '../../src/index.js';

export type RunOptions = Omit<SimulationOptions, 'parties'>;

/** What the program returned at each party, in order. */
export const runParties = async <T>(
  parties: number,
  program: (party: Party) => Promise<T>,
  options: RunOptions = {},
): Promise<T[]> => (await simulate({ ...options, parties }, program)).results;

export interface Evaluated extends Plain {
  /** Rounds to the result, before it is revealed. */
  readonly rounds: number;
}

/** Shares the inputs (owned in turn), applies f and reveals the result; the parties must agree. */
export async function evaluate(
  parties: number,
  inputs: readonly PlainInput[],
  f: (...x: CrypTensor[]) => CrypTensor,
  options?: RunOptions,
): Promise<Evaluated> {
  const results = await runParties(
    parties,
    async (party) => {
      const y = f(...inputs.map((values, i) => party.cryptensor(values, { src: i % parties })));
      const { rounds } = y;
      const plain = await y.revealFloat64();
      if (!plain) throw new Error('a value revealed to all was not received');
      return { ...plain, rounds };
    },
    options,
  );
  const [first, ...others] = results;
  for (const other of others)
    if (`${other.shape}/${other.data}` !== `${first.shape}/${first.data}`)
      throw new Error('the parties revealed different values');
  return first;
}
