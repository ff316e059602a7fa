/**
 * Infinite constants. Files mask by -Infinity, or by the lowest number of their floating-point type: added to scores, or
 * chosen by Where. Fixed point has no such number, so where one of them meets secret values, one takes its place that is
 * as good as infinite: beyond all inputs, and e to that power is 0 beside any score. Sums of hundreds of them and
 * products with zeros and ones stay in range (2^28 at 16 fraction bits, 2^20 at 20).
 *
 * What values are compared with must be beyond all of them, not only beyond inputs, and is not computed with. Where an
 * infinite number is no mask at all, as a weight or a divisor of a remainder, it stays and is refused.
 */
import { type Attributes, definitionOf, type OpName } from '../operation/registry.js';
import { numbersOf } from '../plain/numbers.js';
import type { PlainTensor } from '../plain/plain-tensor.js';

/** What stands for infinity. */
export const AS_GOOD_AS_INFINITE = 2 ** 20;
/** What stands for it in comparisons: beyond all values that are promised, by a factor of 4. */
export const BEYOND_ALL_VALUES = 2 ** 30;
/** Finite numbers from here on are meant to be infinite: no float16, and no number that a network computes with. */
const INFINITE_FROM = 1e30;

const COMPARISONS: ReadonlySet<OpName> = new Set([
  'Equal',
  'Greater',
  'GreaterOrEqual',
  'Less',
  'LessOrEqual',
  'Max',
  'Min',
  'NotEqual',
]);
const WITHOUT_MASKS: ReadonlySet<OpName> = new Set([
  'Affine',
  'Conv',
  'ConvTranspose',
  'Einsum',
  'Linear',
  'MatMul',
  'Mod',
  'Pow',
]);

/** Operations beside those that move elements whose result is infinite where an operand is. */
const CARRY: ReadonlySet<OpName> = new Set([
  'Abs',
  'Add',
  'CumSum',
  'Identity',
  'IndexAdd',
  'Mul',
  'Neg',
  'ReduceMean',
  'ReduceSum',
  'ScatterElements',
  'ScatterND',
  'Squeeze',
  'Sub',
  'Unsqueeze',
  'Where',
]);

const isInfinite = (v: number): boolean => Math.abs(v) >= INFINITE_FROM;
const sizeFor = (op: OpName): number => (COMPARISONS.has(op) ? BEYOND_ALL_VALUES : AS_GOOD_AS_INFINITE);

/** A constant of an operation without infinite numbers, how many it had and what they became the size of. */
export function saturated(
  op: OpName,
  tensor: PlainTensor,
): { readonly tensor: PlainTensor; readonly count: number; readonly size: number } {
  const size = sizeFor(op);
  let count = 0;
  if (!WITHOUT_MASKS.has(op)) for (const v of numbersOf(tensor)) if (isInfinite(v)) count++;
  if (count === 0) return { tensor, count, size };
  const data = tensor.data.map((v) => (isInfinite(v) ? Math.sign(v) * size : v));
  return { tensor: { shape: tensor.shape, data }, count, size };
}

/** The same of attributes that are numbers, such as the value of a padding. */
export function saturatedAttributes<Op extends OpName>(
  op: Op,
  attributes: Attributes<Op, 'model'>,
): { readonly attributes: Attributes<Op, 'model'>; readonly count: number; readonly size: number } {
  const kinds = definitionOf(op).attributes as Readonly<Record<string, unknown>>;
  const infinite = Object.entries(attributes).filter(
    ([name, v]) =>
      (kinds[name] === 'number' || kinds[name] === 'limit') && typeof v === 'number' && isInfinite(v),
  );
  const size = AS_GOOD_AS_INFINITE;
  if (infinite.length === 0) return { attributes, count: 0, size };
  const changed = Object.fromEntries(infinite.map(([name, v]) => [name, Math.sign(v as number) * size]));
  return { attributes: { ...attributes, ...changed }, count: infinite.length, size };
}

/** Whether a result still holds what stands for infinity in an operand, instead of the 0 or 1 that a softmax or comparison makes of it. */
export const carriesInfinity = (op: OpName): boolean =>
  CARRY.has(op) || (definitionOf(op) as { readonly moves?: true }).moves === true;
