/** Matrix products and their gradients, by strides: nothing is transposed or repeated in memory. */
import { type Linearization, stridesOf, walk } from '@tacit/graph';
import type { FloatTensor, Machine } from '../machine.js';

interface Product {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** Byte offsets of the matrices of each product: of both operands and of the result. */
  readonly parts: readonly (readonly [a: number, b: number, c: number])[];
}

/** The products that a MatMul consists of; a left operand without batches of its own is one tall matrix. */
function productOf(x: readonly number[], y: readonly number[]): Product {
  const a = x.length === 1 ? [1, ...x] : x;
  const b = y.length === 1 ? [...y, 1] : y;
  const [m, k] = a.slice(-2);
  const n = b[b.length - 1];
  const [left, right] = [a.slice(0, -2), b.slice(0, -2)];
  const count = (shape: readonly number[]) => shape.reduce((product, d) => product * d, 1);
  if (count(right) === 1 && left.length >= right.length)
    return { m: count(left) * m, k, n, parts: [[0, 0, 0]] };
  const axes = Math.max(left.length, right.length);
  const full = Array.from({ length: axes }, (_, i) => {
    const [p, q] = [left[i - axes + left.length] ?? 1, right[i - axes + right.length] ?? 1];
    return p === 1 ? q : p;
  });
  const offsets = (own: readonly number[], size: number) => {
    const lead = axes - own.length;
    const strides = stridesOf(own);
    const steps = full.map((_, i) => (i < lead || own[i - lead] === 1 ? 0 : strides[i - lead] * size * 4));
    const found: number[] = [];
    walk(full, steps, 0, (_, offset) => found.push(offset));
    return found;
  };
  const seconds = offsets(right, k * n);
  const parts = offsets(left, m * k).map((first, i) => [first, seconds[i], i * m * n * 4] as const);
  return { m, k, n, parts };
}

export function matMul(
  m: Machine,
  [x, y]: readonly FloatTensor[],
  _attributes: object,
  [shape]: readonly (readonly number[])[],
): readonly FloatTensor[] {
  const z = m.take(shape);
  multiply(m, productOf(x.shape, y.shape), x, y, z, false);
  return [z];
}

function multiply(
  machine: Machine,
  { m, k, n, parts }: Product,
  x: FloatTensor,
  y: FloatTensor,
  z: FloatTensor,
  accumulate: boolean,
): void {
  const { kernels, work } = machine;
  machine.at([x, y, z], (xs, ys, zs) => {
    for (const [a, b, c] of parts)
      kernels.gemm(zs + c, xs + a, ys + b, m, k, n, k, 1, n, 1, n, Number(accumulate), work);
  });
}

export function matMulGradient(
  machine: Machine,
  { inputs: [x, y], dy: [dz], needed }: Linearization<FloatTensor, object>,
): readonly (FloatTensor | undefined)[] {
  const { m, k, n, parts } = productOf(x.shape, y.shape);
  const { kernels, work } = machine;
  // Where an operand meets several others, what they send back adds up.
  const back = (
    of: FloatTensor,
    run: (to: number, zs: number, other: number) => void,
    other: FloatTensor,
  ) => {
    const made = machine.zeros(of.shape);
    machine.at([made, dz, other], run);
    return made;
  };
  return [
    needed[0]
      ? back(
          x,
          (to, zs, ys) => {
            for (const [a, b, c] of parts)
              kernels.gemm(to + a, zs + c, ys + b, m, n, k, n, 1, 1, n, k, 1, work);
          },
          y,
        )
      : undefined,
    needed[1]
      ? back(
          y,
          (to, zs, xs) => {
            for (const [a, b, c] of parts)
              kernels.gemm(to + b, xs + a, zs + c, k, m, n, 1, k, n, 1, n, 1, work);
          },
          x,
        )
      : undefined,
  ];
}

export function linear(
  m: Machine,
  [x, weight, bias]: readonly FloatTensor[],
  attributes: object,
  shapes: readonly (readonly number[])[],
): readonly FloatTensor[] {
  if (!bias) return matMul(m, [x, weight], attributes, shapes);
  const z = m.take(shapes[0]);
  const width = bias.data.length;
  for (let i = 0; i < z.data.length; i += width) z.data.set(bias.data, i);
  multiply(m, productOf(x.shape, weight.shape), x, weight, z, true);
  return [z];
}

export function linearGradient(
  m: Machine,
  at: Linearization<FloatTensor, object>,
): readonly (FloatTensor | undefined)[] {
  const { inputs, dy, needed } = at;
  const [, , bias] = inputs;
  const products = matMulGradient(m, { ...at, inputs: inputs.slice(0, 2) });
  if (!bias || !needed[2]) return [...products, undefined].slice(0, inputs.length);
  const width = bias.data.length;
  const sums = new Float64Array(width);
  const { data } = dy[0];
  for (let i = 0; i < data.length; i += width) for (let j = 0; j < width; j++) sums[j] += data[i + j];
  return [...products, m.tensor(bias.shape, sums)];
}
