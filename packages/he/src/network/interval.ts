/**
 * Bounds of every element between the stages of a compiled network. The bounds of `@tacit/graph` are those of its nodes;
 * here one matrix stands for all layers between two activations, which is tighter than layer after layer, and
 * activations are in normal form, whose argument no node of the graph has. What is measured is what has to fit into the
 * modulus, element by element, so no axis is summed up.
 */
import { type Activation, evaluateActivation } from './normalize.js';
import type { SparseMatrix } from './sparse-matrix.js';

export interface Interval {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/**
 * The same bounds for all elements.
 * @param size number of elements
 * @param low lower bound
 * @param high upper bound
 * @returns an interval for each element
 */
export function uniformInterval(size: number, low: number, high: number): Interval {
  return { low: new Float64Array(size).fill(low), high: new Float64Array(size).fill(high) };
}

/**
 * Largest absolute value that any element can have.
 * @param interval bounds of a tensor
 * @returns the largest of |low| and |high|; 0 without elements
 */
export function boundOf({ low, high }: Interval): number {
  let bound = 0;
  for (let i = 0; i < low.length; i++)
    bound = Math.max(bound, Math.abs(low[i] as number), Math.abs(high[i] as number));
  return bound;
}

/**
 * Each weight takes the end of the interval that its sign asks for.
 * @param matrix weights
 * @param bias what is added; undefined: nothing
 * @param interval bounds of x
 * @returns bounds of matrix · x + bias, exact where elements of x are independent
 */
export function affineInterval(
  matrix: SparseMatrix,
  bias: Float64Array | undefined,
  { low, high }: Interval,
): Interval {
  const lower = new Float64Array(matrix.rows);
  const upper = new Float64Array(matrix.rows);
  for (let row = 0; row < matrix.rows; row++) {
    let [a, b] = [bias?.[row] ?? 0, bias?.[row] ?? 0];
    matrix.forRow(row, (column, weight) => {
      a += weight * ((weight > 0 ? low : high)[column] as number);
      b += weight * ((weight > 0 ? high : low)[column] as number);
    });
    [lower[row], upper[row]] = [a, b];
  }
  return { low: lower, high: upper };
}

/**
 * Even and odd parts of a polynomial of degree 3 or 4 are bounded on their own: wide, but never too narrow.
 * @param activation in normal form
 * @param interval bounds of its argument
 * @returns bounds of its values
 */
export function activationInterval(activation: Activation, { low, high }: Interval): Interval {
  const lower = new Float64Array(low.length);
  const upper = new Float64Array(low.length);
  for (let i = 0; i < low.length; i++) {
    const [a, b] = [low[i] as number, high[i] as number];
    const top = Math.max(Math.abs(a), Math.abs(b));
    if (a === b) lower[i] = upper[i] = evaluateActivation(activation, a);
    else if (activation.kind === 'square') {
      lower[i] = a <= 0 && b >= 0 ? 0 : Math.min(a * a, b * b);
      upper[i] = top * top;
    } else {
      const reach =
        activation.kind === 'cubic'
          ? top * (top * top + Math.abs(activation.p))
          : (top * top + Math.abs(activation.p) / 2) ** 2 + Math.abs(activation.r) * top;
      [lower[i], upper[i]] = [-reach, reach];
    }
  }
  return { low: lower, high: upper };
}
