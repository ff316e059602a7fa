import { readFileSync } from 'node:fs';
import { type ConcreteGraph, specialize } from '@tacit/graph';
import { buildGraph, parseOnnx } from '@tacit/onnx';

const root = new URL('../../../../fixtures/', import.meta.url);

export const fixture = (path: string): Uint8Array => readFileSync(new URL(path, root));

export function fixtureGraph(name: string, input: readonly number[]): ConcreteGraph {
  const model = parseOnnx(fixture(`${name}/model.onnx`));
  return specialize(buildGraph(model, { inputShapes: { input } }), { input: [...input] });
}

/** Test digits as inputs of a network: pixel / 255. */
export function digits(count: number, first = 0): Float64Array[] {
  const images = fixture('mnist_test_1000/images.npy');
  const start = images.length - 784_000;
  return Array.from({ length: count }, (_, i) =>
    Float64Array.from(
      images.subarray(start + (first + i) * 784, start + (first + i + 1) * 784),
      (v) => v / 255,
    ),
  );
}
