/** Functions of positive numbers of all magnitudes. */
import type { Example, None } from '../../operation/definition.js';
import type { Interval } from '../../plain/interval.js';
import { map } from '../../plain/plain-tensor.js';

/** Bounds of a function that falls wherever x is positive; none where x may not be. */
export const fallingBounds =
  (value: (x: number) => number) =>
  ([x]: readonly Interval[]): readonly Interval[] => {
    const known = x.low.data.every((v) => v > 0);
    return [
      {
        shape: x.shape,
        low: map(x.high, (v) => (known ? value(v) : -Infinity)),
        high: map(x.low, (v) => (known ? value(v) : Infinity)),
      },
    ];
  };

/** Positive numbers of several magnitudes. */
export const positiveExamples: readonly Example<None>[] = [[6], [2, 3], [], [0]].map((shape) => ({
  shapes: [shape],
  attributes: {},
  range: [0.25, 8] as const,
}));
