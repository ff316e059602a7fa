/** Runs test/programs/accuracy.ts at two parties in threads and says what it found. */
import { runExported } from '@tacit/launch';
import { expect } from 'chai';
import type { Accuracy, Amounts, Errors } from '../programs/accuracy.js';

const program = new URL('../programs/accuracy.ts', import.meta.url);

/** Expects no wrong result in any of so many, and rounding without bias. */
export async function expectAccurate(amounts: Amounts): Promise<Accuracy> {
  const options = { worldSize: 2, timeoutMs: 300_000 };
  const [, found] = (await runExported(options, program, 'measureAccuracy', amounts)) as Accuracy[];
  for (const [name, { count, wrong, roundedUp, expectedUp }] of Object.entries(found) as [string, Errors][]) {
    const isProduct = ['fused', 'separate', 'squares'].includes(name);
    expect(count, name).equal(isProduct ? amounts.products : amounts.comparisons);
    expect(wrong, name).equal(0);
    // Each rounding is a coin of its own: the deviation is at most half the root of their number. 6 deviations.
    if (isProduct) expect(Math.abs(roundedUp - expectedUp), `${name}: bias`).below(3 * Math.sqrt(count));
  }
  return found;
}
