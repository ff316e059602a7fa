/**
 * Infinite constants. Files mask by -Infinity, or by the lowest number of their floating-point type: added to scores, or
 * chosen by Where. Fixed point has no such number, so where one of them meets secret values, one takes its place that is
 * as good as infinite: beyond all inputs, and e to that power is 0 beside any score. Sums of hundreds of them and
 * products with zeros and ones stay in range (2^28 at 16 fraction bits, 2^20 at 20).
 */
import { type Attributes, definitionOf, type OpName } from '../operation/registry.js';
import type { PlainTensor } from '../plain/plain-tensor.js';

/** What stands for infinity. */
export const AS_GOOD_AS_INFINITE = 2 ** 20;
/** Finite numbers from here on are meant to be infinite: no float16, and no number that a network computes with. */
const INFINITE_FROM = 1e30;

const isInfinite = (v: number): boolean => Math.abs(v) >= INFINITE_FROM;
const saturate = (v: number): number => (isInfinite(v) ? Math.sign(v) * AS_GOOD_AS_INFINITE : v);

const PRODUCTS: ReadonlySet<OpName> = new Set([
  'Affine',
  'Conv',
  'ConvTranspose',
  'Einsum',
  'Linear',
  'MatMul',
]);

/** Whether constants of an operation are weights, of which an infinite one is no mask: it is refused where it is used. */
export const isWeightOf = (op: OpName): boolean => PRODUCTS.has(op);

/** A constant without infinite numbers, and how many it had. */
export function saturated(tensor: PlainTensor): { readonly tensor: PlainTensor; readonly count: number } {
  let count = 0;
  for (const v of tensor.data) if (isInfinite(v)) count++;
  if (count === 0) return { tensor, count };
  return { tensor: { shape: tensor.shape, data: tensor.data.map(saturate) }, count };
}

/** The same of attributes that are numbers, such as the value of a padding. */
export function saturatedAttributes<Op extends OpName>(
  op: Op,
  attributes: Attributes<Op, 'model'>,
): { readonly attributes: Attributes<Op, 'model'>; readonly count: number } {
  const kinds = definitionOf(op).attributes as Readonly<Record<string, unknown>>;
  const infinite = Object.entries(attributes).filter(
    ([name, v]) =>
      (kinds[name] === 'number' || kinds[name] === 'limit') && typeof v === 'number' && isInfinite(v),
  );
  if (infinite.length === 0) return { attributes, count: 0 };
  const changed = Object.fromEntries(infinite.map(([name, v]) => [name, saturate(v as number)]));
  return { attributes: { ...attributes, ...changed }, count: infinite.length };
}
