/**
 * The suite that every suite of protocols must pass: each member of `Engine` against its plain definition, for several
 * numbers of parties, with edges and random numbers of all magnitudes, and the same errors for the same mistakes. Call it
 * at the top level of a mocha test file. Its random numbers follow from `TACIT_SEED` in the environment.
 */
import type { Engine } from '@tacit/mpc';
import { bitCases } from './bits.js';
import type { Case, RunEngines } from './cases.js';
import { exchangeCases } from './exchange.js';
import { linearCases } from './linear.js';
import { nonLinearCases } from './non-linear.js';
import { Draw } from './numbers.js';
import { orderCases } from './order.js';
import { productCases } from './products.js';

/** The methods of an engine: the compiler asks for a case of each. */
type Operation = {
  [K in keyof Engine]-?: NonNullable<Engine[K]> extends (...args: never[]) => unknown ? K : never;
}[keyof Engine];

/**
 * Tests a suite of protocols.
 * @param name for the titles of the tests
 * @param run runs a program at that many parties of the suite, awaits `finish` at each, and cleans up
 * @param parties numbers of parties to try
 * @example
 * engineCompliance('plain', runPlain, [2, 3]);
 */
export function engineCompliance(name: string, run: RunEngines, parties: readonly number[]): void {
  const seed = Number(process.env.TACIT_SEED ?? 0);
  for (const count of parties)
    describe(`${name}, ${count} parties`, () => {
      const draw = new Draw(seed + count);
      const cases: Record<Operation | 'truncatedProducts' | 'refusals' | 'disposal', Case> = {
        ...exchangeCases(draw),
        ...linearCases(draw),
        ...productCases(draw),
        ...nonLinearCases(draw),
        ...orderCases(draw),
        ...bitCases(draw),
      };
      for (const [title, test] of Object.entries(cases)) it(title, () => test({ parties: count, run }));
    });
}
