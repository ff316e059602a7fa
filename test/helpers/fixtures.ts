/** The trained models and digits in fixtures/. */
import { readFileSync } from 'node:fs';

const root = new URL('../../fixtures/', import.meta.url);

export interface NpyArray {
  readonly shape: number[];
  readonly data: Float64Array;
}

/** Reads float32 and uint8 arrays in C order, which is all that the fixtures hold. */
export function readNpy(path: string): NpyArray {
  const bytes = readFileSync(new URL(path, root));
  const headerLength = bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, 10 + headerLength);
  const shape = (/\(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .filter((s) => s.trim() !== '')
    .map(Number);
  const body = bytes.buffer.slice(bytes.byteOffset + 10 + headerLength, bytes.byteOffset + bytes.length);
  if (header.includes("'<f4'")) return { shape, data: Float64Array.from(new Float32Array(body)) };
  if (header.includes("'|u1'")) return { shape, data: Float64Array.from(new Uint8Array(body)) };
  throw new Error(`${path}: unexpected ${header}`);
}

export const readModel = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`${name}/model.onnx`, root)));

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
