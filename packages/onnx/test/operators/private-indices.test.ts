/** Gather and OneHot by indices that are an input of the model, against onnxruntime. */
import { expect } from 'chai';
import * as ort from 'onnxruntime-web';
import {
  architectureOf,
  buildGraph,
  evaluatePlain,
  graphFromArchitecture,
  parseOnnx,
  specialize,
} from '../../src/index.js';
import { encodeModel, type ModelSpec } from '../helpers/onnx-encoder.js';
import { floats, int } from '../helpers/open-cases.js';
import { i, weight } from '../helpers/operator-cases.js';

/** What both say of whole numbers, of a type of ONNX's. */
async function compare(
  spec: ModelSpec,
  shape: number[],
  ids: number[],
  type: 'int64' | 'int32',
): Promise<void> {
  const bytes = encodeModel(spec);
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 });
  const data = type === 'int64' ? BigInt64Array.from(ids, BigInt) : Int32Array.from(ids);
  const expected = await session.run({ ids: new ort.Tensor(type, data, shape) });
  await session.release();
  const model = buildGraph(parseOnnx(bytes));
  const graph = specialize(model, { ids: shape });
  const { y } = evaluatePlain(graph, { ids: { shape, data: Float64Array.from(ids) } });
  expect(y.shape).deep.equal([...expected.y.dims]);
  (expected.y.data as Float32Array).forEach((v, at) => {
    expect(y.data[at]).closeTo(v, 1e-5);
  });
  // What the other party knows of it says that the input is whole.
  expect(model.inputs[0].type).equal('int');
  expect(graphFromArchitecture(architectureOf(model)).inputs).deep.equal(model.inputs);
  expect(graphFromArchitecture(architectureOf(graph)).inputs).deep.equal(graph.inputs);
}

const model = (
  opset: number,
  open: boolean,
  type: number,
  rest: Pick<ModelSpec, 'nodes' | 'initializers'>,
) => ({
  opset,
  inputs: [{ name: 'ids', type, shape: open ? ['batch', 'words'] : [2, 3] }],
  outputs: [{ name: 'y' }],
  ...rest,
});

describe('onnx: secret indices, against onnxruntime', () => {
  for (const [type, number] of [
    ['int64', 7],
    ['int32', 6],
  ] as const)
    for (const open of [false, true])
      for (const axis of [0, 1, 2, -1])
        it(`Gather of a table along axis ${axis}, ${type}, ${open ? 'open' : 'known'} sizes`, async () => {
          for (const opset of [7, 11, 13, 24]) {
            const initializers = { table: weight([5, 6, 7]) };
            const nodes = [
              { op: 'Gather', inputs: ['table', 'ids'], outputs: ['y'], attributes: { axis: i(axis) } },
            ];
            const spec = model(opset, open, number, { nodes, initializers });
            await compare(spec, [2, 3], [0, 4, 3, 1, 2, 0], type);
          }
        });
  for (const depth of [4, 20])
    for (const axis of [-1, 0, 1])
      it(`OneHot of depth ${depth} along axis ${axis}, indices from the back and out of range`, async () => {
        for (const opset of [9, 11, 24]) {
          const initializers = { depth: int(depth), values: floats(-0.5, 2) };
          const nodes = [
            {
              op: 'OneHot',
              inputs: ['ids', 'depth', 'values'],
              outputs: ['y'],
              attributes: { axis: i(axis) },
            },
          ];
          const ids = [0, depth - 1, -1, -depth, depth, -depth - 1];
          await compare(model(opset, true, 7, { nodes, initializers }), [2, 3], ids, 'int64');
        }
      });
});
