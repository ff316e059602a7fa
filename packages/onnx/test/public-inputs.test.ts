/** Inputs that everybody may know: conditions and shapes may depend on them, and nobody shares them. */
import { InputShapeError } from '@tacit/graph';
import { expect } from 'chai';
import { buildGraph, evaluatePlain, modelInputs, parseOnnx, specialize } from '../src/index.js';
import { encodeModel, type ModelSpec } from './helpers/onnx-encoder.js';

const INT64 = 7;

/** y = x rate / 8000 where rate is 16000, else -x; with an input of a size that is left open. */
const spec: ModelSpec = {
  opset: 17,
  inputs: [
    { name: 'x', shape: [2] },
    { name: 'rate', type: INT64, shape: [] },
    { name: 'scale', shape: ['n'] },
  ],
  outputs: [{ name: 'y', shape: [2] }],
  nodes: [
    { op: 'Equal', inputs: ['rate', 'wide'], outputs: ['c'] },
    {
      op: 'If',
      inputs: ['c'],
      outputs: ['z'],
      attributes: {
        then_branch: {
          g: {
            inputs: [],
            outputs: [{ name: 'a' }],
            nodes: [{ op: 'Add', inputs: ['x', 'x'], outputs: ['a'] }],
            initializers: {},
          },
        },
        else_branch: {
          g: {
            inputs: [],
            outputs: [{ name: 'b' }],
            nodes: [{ op: 'Neg', inputs: ['x'], outputs: ['b'] }],
            initializers: {},
          },
        },
      },
    },
    { op: 'Mul', inputs: ['z', 'scale'], outputs: ['y'] },
  ],
  initializers: { wide: { type: INT64, shape: [], data: [16000] } },
};
const model = parseOnnx(encodeModel(spec));

const run = (publicInputs: Record<string, number | number[]>) => {
  const graph = buildGraph(model, { publicInputs });
  const concrete = specialize(graph, {});
  return evaluatePlain(concrete, { x: { shape: [2], data: Float64Array.of(1, -3) } }).y.data;
};

describe('public inputs', () => {
  it('decide which branch is taken, and are no inputs any more', () => {
    expect([...run({ rate: 16000, scale: 1 })]).deep.equal([2, -6]);
    expect([...run({ rate: 8000, scale: [2, 3] })]).deep.equal([-2, 9]);
    const publicInputs = { rate: 16000, scale: 1 };
    expect(modelInputs(model, { publicInputs }).map(({ name }) => name)).deep.equal(['x']);
    expect(buildGraph(model, { publicInputs }).nodes.map(({ op }) => op)).not.include('Where');
  });

  it('that do not exist or do not fit are refused', () => {
    expect(() => run({ speed: 1 })).throw(InputShapeError, 'no input of the model has this name');
    expect(() => run({ rate: [1, 2], scale: 1 })).throw(InputShapeError, 'numbers that fill it');
    expect(() => run({ rate: Number.NaN, scale: 1 })).throw(InputShapeError, 'numbers that fill it');
  });
});
