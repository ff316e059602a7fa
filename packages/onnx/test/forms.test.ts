/** Every operation whose definition names its operator of ONNX, against onnxruntime. Nothing here names one. */
import { type AnyDefinition, allDefinitions, evaluateNode, type OnnxForm } from '@tacit/graph';
import { exampleInputs } from '@tacit/testing/examples';
import { expect } from 'chai';
import * as ort from 'onnxruntime-web';
import { buildGraph, parseOnnx, specialize } from '../src/index.js';
import { IN_DOUBLE, sessionOf, widened } from './helpers/compare.js';
import { encodeModel, type ModelSpec } from './helpers/onnx-encoder.js';

/** The newest operator set that onnxruntime has all of these operators for. */
const OPSET = 22;

type Example = AnyDefinition['examples'][number];

const isTruth = (form: OnnxForm, input: number): boolean => form.truths?.includes(input) === true;

/** TensorProto.DataType of truth values. */
const BOOL = 9;

function modelOf(
  { attributes: kinds }: AnyDefinition,
  form: OnnxForm,
  { shapes, attributes }: Example,
): ModelSpec {
  const given = attributes as Record<string, number | boolean>;
  const isFloat = (own: string) => ['number', 'limit'].includes((kinds as Record<string, string>)[own]);
  const named = Object.fromEntries(
    Object.entries(form.attributes ?? {}).map(([own, [name]]) => [
      name,
      isFloat(own) ? { f: Number(given[own]) } : { i: Number(given[own]) },
    ]),
  );
  return {
    opset: OPSET,
    inputs: shapes.map((shape, i) => ({
      name: `x${i}`,
      shape: [...shape],
      ...(isTruth(form, i) && { type: BOOL }),
    })),
    outputs: [{ name: 'y', ...(form.type === 'bool' && { type: BOOL }) }],
    nodes: [{ op: form.name, inputs: shapes.map((_, i) => `x${i}`), outputs: ['y'], attributes: named }],
  };
}

/** Operations that were compared in double precision as well. */
const inDouble = new Set<string>();

for (const definition of allDefinitions()) {
  const { op, onnx, examples, publicOnly } = definition;
  if (!onnx || publicOnly) continue;
  describe(`${op} as ${onnx.name} of ONNX`, () => {
    examples.forEach((example, index) => {
      it(`is what onnxruntime computes: [${example.shapes.join('] [')}] ${JSON.stringify(example.attributes)}`, async () => {
        const bytes = encodeModel(modelOf(definition, onnx, example));
        // Compared as onnxruntime sees them, in single precision.
        const inputs = exampleInputs(example, index).map(({ shape, data }) => ({
          shape,
          data: Float64Array.from(Float32Array.from(data)),
        }));
        const graph = specialize(
          buildGraph(parseOnnx(bytes)),
          Object.fromEntries(inputs.map(({ shape }, i) => [`x${i}`, shape])),
        );
        const [node] = graph.nodes;
        const mine = evaluateNode(node, inputs);
        const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 });
        const feeds = Object.fromEntries(
          inputs.map(({ shape, data }, i) => [
            `x${i}`,
            isTruth(onnx, i)
              ? new ort.Tensor('bool', Uint8Array.from(data), shape)
              : new ort.Tensor('float32', Float32Array.from(data), shape),
          ]),
        );
        const { y } = await session.run(feeds);
        await session.release();
        expect([...y.dims]).deep.equal([...mine.shape]);
        (y.data as Float32Array).forEach((v, i) => {
          expect(mine.data[i], `element ${i}`).closeTo(Number(v), 1e-5 * Math.max(1, Math.abs(Number(v))));
        });

        // In double precision, where onnxruntime has such kernels.
        const wide = await sessionOf(encodeModel(widened(modelOf(definition, onnx, example))));
        if (!wide || onnx.truths) return;
        const doubles = inputs.map(({ shape, data }, i) => [`x${i}`, new ort.Tensor('float64', data, shape)]);
        const exact = (await wide.run(Object.fromEntries(doubles))).y;
        await wide.release();
        Array.from(exact.data as ArrayLike<number>, Number).forEach((v, i) => {
          if (Number.isFinite(v))
            expect(Math.abs(mine.data[i] - v)).most(IN_DOUBLE * Math.abs(v), `element ${i}`);
          else expect(mine.data[i], `element ${i}`).deep.equal(v);
        });
        inDouble.add(op);
      });
    });
  });
}

describe('operations in double precision', () => {
  it('are compared where onnxruntime has such kernels', () => {
    const expected = [
      'Abs',
      'Add',
      'Cos',
      'Exp',
      'Log',
      'Neg',
      'Reciprocal',
      'Relu',
      'Sigmoid',
      'Sin',
      'Sqrt',
      'Sub',
      'Tanh',
    ];
    expect([...inDouble]).include.members(expected);
  });
});
