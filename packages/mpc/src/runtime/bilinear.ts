/** The bilinear maps that share one protocol: elementwise product (after views), matrix product, convolution. */
import type { Conv2dSizes, Ring, Words } from '@tacit/ring';

export type Bilinear =
  | { readonly op: 'mul'; readonly n: number }
  | {
      readonly op: 'matmul';
      readonly m: number;
      readonly k: number;
      readonly n: number;
      readonly batch: number;
      /** The left or right operand is one matrix for the whole batch. */
      readonly aBroadcast: boolean;
      readonly bBroadcast: boolean;
    }
  | { readonly op: 'conv2d'; readonly params: Conv2dSizes };

/** out (+)= f(a, b). For conv2d a is the image (NCHW) and b the weights (OIHW). */
export function applyBilinear(
  ring: Ring,
  f: Bilinear,
  out: Words,
  a: Words,
  b: Words,
  accumulate: boolean,
): void {
  switch (f.op) {
    case 'mul':
      if (accumulate) ring.mulAdd(out, a, b, out);
      else ring.mul(out, a, b);
      return;
    case 'matmul':
      ring.matmul(out, a, b, { ...f, accumulate });
      return;
    case 'conv2d':
      ring.conv2d(out, a, b, { ...f.params, accumulate });
      return;
  }
}
