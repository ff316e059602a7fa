/** How large the values of a network get, and how much of them is typical: what scales and precision are chosen by. */

import type { InputRange } from '../network/inputs.js';
import { activationInterval, affineInterval, boundOf, uniformInterval } from '../network/interval.js';
import { sizeOf } from '../network/network.js';
import { evaluateNormal, type NormalNetwork } from '../network/normalize.js';

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
function intervalBounds(network: NormalNetwork, range: InputRange): number[] {
  let values = uniformInterval(sizeOf(network.input.shape), range.low, range.high);
  return network.stages.map((stage) => {
    values =
      stage.kind === 'affine'
        ? affineInterval(stage.matrix, stage.bias, values)
        : activationInterval(stage.activation, values);
    return boundOf(values);
  });
}

const largestOf = (values: Float64Array): number =>
  values.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
