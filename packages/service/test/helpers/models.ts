/** Small models as files: several inputs and outputs, indices, fixed batches. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EncodedModel, type EncodedTensor, encodeOnnx } from '@tacit/onnx';

const node = (op: string, inputs: readonly string[], outputs: readonly string[], attributes = {}) => ({
  op,
  name: `${op}_${outputs[0]}`,
  inputs,
  outputs,
  attributes,
});

/** sum = a + b, product = a * b, larger = a > b; rows are open, a text. */
export const pair: EncodedModel = {
  opset: 17,
  name: 'pair',
  inputs: [
    { name: 'a', type: 'float', shape: ['rows', 2] },
    { name: 'b', type: 'float', shape: ['rows', 2] },
  ],
  outputs: [
    { name: 'sum', type: 'float', shape: ['rows', 2] },
    { name: 'product', type: 'float', shape: ['rows', 2] },
  ],
  nodes: [node('Add', ['a', 'b'], ['sum']), node('Mul', ['a', 'b'], ['product'])],
  initializers: new Map(),
};

/** score = x · w for three numbers, or any number of them that the file does not say: only three fit. */
export const loose: EncodedModel = {
  opset: 17,
  name: 'loose',
  inputs: [{ name: 'x', type: 'float', shape: ['rows', 'width'] }],
  outputs: [{ name: 'score', type: 'float', shape: ['rows', 1] }],
  nodes: [node('MatMul', ['x', 'w'], ['score'])],
  initializers: new Map([['w', { shape: [3, 1], data: [1, 2, 3] }]]),
};

/** y = x W + c on exactly two rows. */
export const fixed: EncodedModel = {
  opset: 17,
  name: 'fixed',
  inputs: [{ name: 'x', type: 'float', shape: [2, 3] }],
  outputs: [{ name: 'y', type: 'float', shape: [2, 2] }],
  nodes: [node('MatMul', ['x', 'w'], ['t']), node('Add', ['t', 'c'], ['y'])],
  initializers: new Map([
    ['w', { shape: [3, 2], data: [1, 2, 3, 4, 5, 6] }],
    ['c', { shape: [2], data: [0.5, -0.5] }],
  ]),
};

/** The class with the largest score, and the rows of a table by private indices. */
export const indices: EncodedModel = {
  opset: 17,
  name: 'indices',
  inputs: [
    { name: 'scores', type: 'float', shape: [1, 4] },
    { name: 'ids', type: 'int64', shape: [1, 3] },
  ],
  outputs: [
    { name: 'best', type: 'int64', shape: [1] },
    { name: 'rows', type: 'float', shape: [1, 3, 2] },
  ],
  nodes: [
    node('ArgMax', ['scores'], ['best'], { axis: { i: 1 }, keepdims: { i: 0 } }),
    node('Gather', ['table', 'ids'], ['rows'], { axis: { i: 0 } }),
  ],
  initializers: new Map([['table', { shape: [4, 2], data: [0, 1, 10, 11, 20, 21, 30, 31] }]]),
};

const LONGEST = 8;
const WIDTH = 4;
const WORDS = 500;
export const wordAt = (word: number, j: number): number => ((word * 5 + j * 3) % 7) / 4;
export const placeAt = (place: number, j: number): number => (place - j) / 8;

/**
 * The mean of words and of their places, as language models begin: how many places there are follows from the shape of the
 * input, so the model can be built for known lengths only. At most 8 words.
 */
export const text: EncodedModel = {
  opset: 13,
  name: 'text',
  inputs: [{ name: 'ids', type: 'int64', shape: ['batch', 'length'] }],
  outputs: [{ name: 'mean', type: 'float', shape: ['batch', WIDTH] }],
  nodes: [
    node('Shape', ['ids'], ['shape']),
    node('Gather', ['shape', 'one'], ['length']),
    node('Unsqueeze', ['length', 'zero'], ['lengths']),
    node('Slice', ['places', 'zero', 'lengths', 'ones'], ['some']),
    node('Gather', ['placed', 'some'], ['place']),
    node('Gather', ['worded', 'ids'], ['word']),
    node('Add', ['word', 'place'], ['both']),
    node('ReduceMean', ['both'], ['mean'], { axes: { ints: [1] }, keepdims: { i: 0 } }),
  ],
  initializers: new Map([
    ['zero', { type: 'int64', shape: [1], data: [0] }],
    ['ones', { type: 'int64', shape: [1], data: [1] }],
    ['one', { type: 'int64', shape: [], data: [1] }],
    ['places', { type: 'int64', shape: [1, LONGEST], data: [...Array(LONGEST).keys()] }],
    ['placed', table(LONGEST, placeAt)],
    ['worded', table(WORDS, wordAt)],
  ]),
};

function table(rows: number, at: (row: number, column: number) => number): EncodedTensor {
  const data = Array.from({ length: rows * WIDTH }, (_, i) => at(Math.floor(i / WIDTH), i % WIDTH));
  return { shape: [rows, WIDTH], data };
}

/** Largest of each 4 x 4 pixels of images of any size; of less than 4 pixels there is none. */
export const pooled: EncodedModel = {
  opset: 13,
  name: 'pooled',
  inputs: [{ name: 'image', type: 'float', shape: ['batch', 1, 'height', 'width'] }],
  outputs: [{ name: 'largest', type: 'float', shape: ['batch', 1, undefined, undefined] }],
  nodes: [
    node('MaxPool', ['image'], ['largest'], { kernel_shape: { ints: [4, 4] }, strides: { ints: [4, 4] } }),
  ],
  initializers: new Map(),
};

/**
 * A model as a file.
 * @param folder where it goes
 * @param model what it is
 * @returns its path
 */
export function modelFile(folder: string, model: EncodedModel): string {
  const path = join(folder, `${model.name}.onnx`);
  writeFileSync(path, encodeOnnx(model));
  return path;
}
