// Elementwise operations with NumPy's broadcasting. Equal shapes and scalars take no copy; otherwise an operand that
// must be stretched is gathered first.
import { gather } from './broadcast.js';
import { checkLength } from './core.js';
import { broadcastShapes, broadcastTo, type Shape, sizeOf } from './shapes.js';
import type { Words } from './words.js';

export type BinaryOperation = 'add' | 'sub' | 'mul' | 'xor' | 'and' | 'or';

type Elementwise = Record<BinaryOperation, (out: Words, a: Words, b: Words) => void>;

export function binary(
  ring: Elementwise,
  operation: BinaryOperation,
  a: Words,
  aShape: Shape,
  b: Words,
  bShape: Shape,
): { words: Words; shape: number[] } {
  checkLength(`${operation}: a of shape [${aShape.join(', ')}]`, a.length, sizeOf(aShape));
  checkLength(`${operation}: b of shape [${bShape.join(', ')}]`, b.length, sizeOf(bShape));
  const shape = broadcastShapes(aShape, bShape);
  const words = new BigUint64Array(sizeOf(shape));
  // A stretched operand may lie in the result's array, since the operation reads each word before it writes it.
  const left = stretch(a, aShape, shape, words);
  const right = stretch(b, bShape, shape, left === words ? undefined : words);
  ring[operation](words, left, right);
  return { words, shape };
}

function stretch(words: Words, from: Shape, to: Shape, into: Words | undefined): Words {
  const size = sizeOf(to);
  if (words.length === size) return words;
  const stretched = into ?? new BigUint64Array(size);
  gather(stretched, words, broadcastTo(from, to));
  return stretched;
}
