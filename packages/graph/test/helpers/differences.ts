/** Slopes of plain functions by finite differences, accurate to about ten digits. */
import { expect } from 'chai';
import type { PlainTensor } from '../../src/index.js';

/** Below half of the distance of examples to kinks, which they keep by the grid that they lie on. */
const STEP = 2 ** -11;

/**
 * Derivatives by every element of x: central differences at three steps, with the errors of second and fourth order
 * taken out (Richardson's extrapolation).
 */
export function slopes(f: (x: PlainTensor) => number, { shape, data }: PlainTensor): Float64Array {
  return data.map((_, i) => {
    const value = (d: number) => f({ shape, data: data.map((v, j) => (j === i ? v + d : v)) });
    const [wide, middle, narrow] = [STEP, STEP / 2, STEP / 4].map((h) => (value(h) - value(-h)) / (2 * h));
    const [first, second] = [(4 * middle - wide) / 3, (4 * narrow - middle) / 3];
    return (16 * second - first) / 15;
  });
}

/** Holds a tensor to numbers, to a part of each number or of the largest of 1 and it. */
export function expectClose(made: PlainTensor, wanted: ArrayLike<number>, relative: number, what = ''): void {
  expect(made.data.length, what).equal(wanted.length);
  made.data.forEach((v, i) => {
    expect(v, `${what}, element ${i}`).closeTo(wanted[i], relative * Math.max(1, Math.abs(wanted[i])));
  });
}

/** Sum of the products of the elements. */
export const dot = (x: PlainTensor, y: PlainTensor): number =>
  x.data.reduce((sum, v, i) => sum + v * y.data[i], 0);
