/** Inputs that are exact in fixed point, and results that are close to those in double precision. */
import { expect } from 'chai';
import type { Evaluated } from './parties.js';
import { make, type Nd } from './plain.js';

/** Two units in the last place and the rounding of inputs. */
const TOLERANCE = 2 ** -14;

/** How many examples a property is tried on. */
export const RUNS = { numRuns: 12 };

/** Multiples of 2^-10 below 4: exact in fixed point. */
export const filled = (shape: readonly number[], seed: number): Nd =>
  make(shape, (index) => ((index.reduce((h, i) => h * 31 + i + 1, seed) * 7919) % 8192) / 1024 - 4);
export const input = ({ shape, data }: Nd) => ({ dims: shape, data });

export function expectClose(y: Evaluated, plain: Nd, tolerance = TOLERANCE): void {
  expect(y.shape).deep.equal(plain.shape);
  plain.data.forEach((v, i) => {
    expect(y.data[i], `element ${i}`).closeTo(v, tolerance);
  });
}
