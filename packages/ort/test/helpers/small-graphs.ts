/** The graphs that transformers.js 4.3.1 makes beside its models (src/ops/registry.js), written anew. */
import { modelOf, node } from './models.js';

const floats = (name: string, shape: (string | number | undefined)[] | undefined) => ({
  name,
  type: 'float',
  shape,
});
const whole = (name: string, shape: number[] | undefined) => ({ name, type: 'int64', shape });
const image = ['b', 'c', 'h', 'w'];

const resize = (mode: string) =>
  modelOf({
    opset: 20,
    inputs: [floats('x', image), whole('s', [4])],
    outputs: [floats('y', image)],
    nodes: [node('Resize', ['x', '', '', 's'], 'y', { mode: { s: mode } })],
  });

export const nearest = resize('nearest');
export const bilinear = resize('linear');
export const bicubic = resize('cubic');
export const matmul = modelOf({
  opset: 20,
  inputs: [floats('a', undefined), floats('b', undefined)],
  outputs: [floats('c', undefined)],
  nodes: [node('MatMul', ['a', 'b'], 'c')],
});
export const topK = modelOf({
  opset: 21,
  inputs: [floats('x', undefined), whole('k', [1])],
  outputs: [floats('v', undefined), whole('i', undefined)],
  nodes: [node('TopK', ['x', 'k'], ['v', 'i'])],
});
export const slice = modelOf({
  opset: 13,
  inputs: [floats('x', undefined), ...['s', 'e', 'a', 't'].map((name) => whole(name, undefined))],
  outputs: [floats('y', undefined)],
  nodes: [node('Slice', ['x', 's', 'e', 'a', 't'], 'y')],
});
export const rfft = modelOf({
  opset: 20,
  inputs: [floats('x', [undefined, undefined, 1]), whole('a', [])],
  outputs: [floats('y', [undefined, undefined, 2])],
  nodes: [node('DFT', ['x', '', 'a'], 'y', { onesided: { i: 1 } })],
});
export const dft = (attributes: Record<string, { i: number }>, parts: number, opset = 20) =>
  modelOf({
    opset,
    inputs: [floats('x', [undefined, undefined, undefined, parts])],
    outputs: [floats('y', undefined)],
    nodes: [node('DFT', ['x'], 'y', attributes)],
  });
export const stft = modelOf({
  opset: 17,
  inputs: [floats('s', ['b', 's', 'c']), whole('j', []), floats('w', ['w']), whole('l', [])],
  outputs: [floats('o', ['b', 'f', 'd', 'c'])],
  nodes: [node('STFT', ['s', 'j', 'w', 'l'], 'o', { onesided: { i: 1 } })],
});
