/** The trained models and digits of the repository's folder `fixtures`. */
import { readFileSync } from 'node:fs';
import { npyNumbers, parseNpy } from '@tacit/files';

const root = new URL('../../../fixtures/', import.meta.url);

/** The folders of models, each with `model.onnx`, `input.npy` and `output.npy`. */
export const MODELS = [
  'linear_4_2',
  'mlp_50_20_2',
  'mnist_mlp_784_128_128_10',
  'mnist_lenet1_tanh',
  'mnist_lenet1_square',
  'mnist_cnn_bn',
  'mnist_cnn_bn_folded',
  'mnist_cnn_bn_opset13',
] as const;

/**
 * Reads a file.
 * @param path within the folder
 * @returns its bytes
 */
export const fixtureBytes = (path: string): Uint8Array => new Uint8Array(readFileSync(new URL(path, root)));

/**
 * Reads a .npy file.
 * @param path within the folder
 * @returns its elements as doubles
 */
export function fixtureArray(path: string): { shape: number[]; data: Float64Array } {
  const array = parseNpy(fixtureBytes(path));
  return { shape: [...array.shape], data: npyNumbers(array) };
}
