/** The trained models of the repository's fixtures folder. */
import { readFileSync } from 'node:fs';
import { type NpyArray, readNpy } from './npy.js';

const ROOT = new URL('../../../../fixtures/', import.meta.url);

export const FIXTURES = [
  'linear_4_2',
  'mlp_50_20_2',
  'mnist_mlp_784_128_128_10',
  'mnist_lenet1_tanh',
  'mnist_lenet1_square',
  'mnist_cnn_bn',
  'mnist_cnn_bn_folded',
  'mnist_cnn_bn_opset13',
] as const;

export function fixtureBytes(path: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(path, ROOT)));
}

export function fixtureArray(path: string): NpyArray {
  return readNpy(fixtureBytes(path));
}

export function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`lengths ${a.length} and ${b.length}`);
  let max = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs((a[i] ?? Number.NaN) - (b[i] ?? Number.NaN));
    // A NaN must not pass as small.
    if (!(difference <= max)) max = difference;
  }
  return max;
}
