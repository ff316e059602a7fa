/** Brings operands to a common form. */
import { gather, ShapeError } from '@tacit/mpc';
import { broadcastShapes, broadcastTo, type Ring, type Words } from '@tacit/ring';
import { CrypTensor, type Operand } from '../cryptensor.js';
import { OwnedTensor } from '../owned-tensor.js';
import { type Plain, toPlain } from '../plain.js';

export type Resolved =
  | { readonly kind: 'secret'; readonly tensor: CrypTensor }
  | { readonly kind: 'owned'; readonly tensor: OwnedTensor }
  | { readonly kind: 'public'; readonly plain: Plain };

export function resolve(y: Operand): Resolved {
  if (y instanceof CrypTensor) return { kind: 'secret', tensor: y };
  if (y instanceof OwnedTensor) return { kind: 'owned', tensor: y };
  return { kind: 'public', plain: toPlain(y) };
}

export const shapeOf = (y: Resolved): readonly number[] =>
  y.kind === 'public' ? y.plain.shape : y.tensor.shape;

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);

/** NumPy's broadcast of two shapes, with an error that names the operation. */
export function commonShape(what: string, a: readonly number[], b: readonly number[]): number[] {
  try {
    return broadcastShapes(a, b);
  } catch {
    throw new ShapeError(`${what}: shapes [${a}] and [${b}] do not broadcast`);
  }
}

/** A secret tensor broadcast to a shape. Local. */
export function broadcast(x: CrypTensor, shape: readonly number[]): CrypTensor {
  if (sameShape(x.shape, shape)) return x;
  return new CrypTensor(x.session, gather(x.session, x.share, broadcastTo(x.shape, shape)), x.scale);
}

/** Words broadcast to a shape. */
export function broadcastWords(
  ring: Ring,
  words: Words,
  from: readonly number[],
  to: readonly number[],
): Words {
  return sameShape(from, to) ? words : ring.materialize(words, broadcastTo(from, to));
}

/** Plain values as words at a scale, broadcast to a shape. */
export const encodeAs = (ring: Ring, plain: Plain, scale: number, shape: readonly number[]): Words =>
  broadcastWords(ring, ring.encode(plain.data, scale), plain.shape, shape);
