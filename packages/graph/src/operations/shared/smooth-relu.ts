/** Functions that are close to max(x, 0): they fall to one minimum below 0 and rise from 0 on. */
import type { Interval } from '../../plain/interval.js';
import { map } from '../../plain/plain-tensor.js';

/**
 * Bounds of such a function.
 * @param value the function
 * @param least a number that it is nowhere below
 */
export const smoothReluBounds =
  (value: (x: number) => number, least: number) =>
  ([x]: readonly Interval[]): readonly Interval[] => [
    {
      shape: x.shape,
      low: map(x.low, (v) => (v < 0 ? least : value(v))),
      high: map(x.high, (v) => Math.max(v, 0)),
    },
  ];
