/** How large the values of a network get, and how much of them is typical: what scales and precision are chosen by. */

import type { InputRange } from '../network/inputs.js';
import { sizeOf } from '../network/network.js';
import { evaluateActivation, evaluateNormal, type NormalNetwork } from '../network/normalize.js';

export interface StageRange {
  /** No input in range leads to a larger absolute value (interval arithmetic). */
  readonly bound: number;
  /** Largest absolute value over the samples. */
  readonly largest: number;
  /** Root mean square over the samples. */
  readonly rms: number;
  /** Largest absolute constant that is added there: it must be encoded, so it needs room too. */
  readonly constant: number;
}

export interface Ranges {
  readonly input: StageRange;
  /** One for every stage of the normal network. */
  readonly stages: readonly StageRange[];
}

/** @param samples inputs of the network; at least one */
export function measureRanges(
  network: NormalNetwork,
  range: InputRange,
  samples: readonly ArrayLike<number>[],
): Ranges {
  const bounds = intervalBounds(network, range);
  const found = network.stages.map(() => ({ largest: 0, squares: 0, count: 0 }));
  const input = { largest: 0, squares: 0, count: 0 };
  for (const sample of samples) {
    gather(input, sample);
    evaluateNormal(network, sample, (value, index) => gather(found[index] as Gathered, value));
  }
  const finish = ({ largest, squares, count }: Gathered, bound: number, constant: number): StageRange => ({
    bound: Math.max(bound, largest),
    largest,
    constant,
    rms: Math.sqrt(squares / Math.max(count, 1)),
  });
  return {
    input: finish(input, Math.max(Math.abs(range.low), Math.abs(range.high)), 0),
    stages: found.map((stage, i) => {
      const { [i]: planned } = network.stages;
      return finish(stage, bounds[i] as number, planned?.kind === 'affine' ? largestOf(planned.bias) : 0);
    }),
  };
}

interface Gathered {
  largest: number;
  squares: number;
  count: number;
}

function gather(into: Gathered, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    const value = Math.abs(values[i] as number);
    into.largest = Math.max(into.largest, value);
    into.squares += value * value;
  }
  into.count += values.length;
}

/** Largest absolute value of every stage for inputs in range. */
export function intervalBounds(network: NormalNetwork, range: InputRange): number[] {
  const size = sizeOf(network.input.shape);
  let low: Float64Array = new Float64Array(size).fill(range.low);
  let high: Float64Array = new Float64Array(size).fill(range.high);
  return network.stages.map((stage) => {
    if (stage.kind === 'affine') {
      const lower = stage.bias.slice();
      const upper = stage.bias.slice();
      for (let row = 0; row < stage.matrix.rows; row++)
        stage.matrix.forRow(row, (column, weight) => {
          const [a, b] = [weight * (low[column] as number), weight * (high[column] as number)];
          lower[row] = (lower[row] as number) + Math.min(a, b);
          upper[row] = (upper[row] as number) + Math.max(a, b);
        });
      [low, high] = [lower, upper];
    } else {
      const { activation } = stage;
      const square = (a: number, b: number): [number, number] => [
        a <= 0 && b >= 0 ? 0 : Math.min(a * a, b * b),
        Math.max(a * a, b * b),
      ];
      for (let i = 0; i < low.length; i++) {
        const [a, b] = [low[i] as number, high[i] as number];
        if (activation.kind === 'square') [low[i], high[i]] = square(a, b);
        else {
          // Odd and even parts are bounded on their own: wide, but never too narrow.
          const top = Math.max(Math.abs(a), Math.abs(b));
          const reach =
            activation.kind === 'cubic'
              ? top * (top * top + Math.abs(activation.p))
              : (top * top + Math.abs(activation.p) / 2) ** 2 + Math.abs(activation.r) * top;
          [low[i], high[i]] = [-reach, reach];
          if (a === b) low[i] = high[i] = evaluateActivation(activation, a);
        }
      }
    }
    return Math.max(largestOf(low), largestOf(high));
  });
}

const largestOf = (values: Float64Array): number =>
  values.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
