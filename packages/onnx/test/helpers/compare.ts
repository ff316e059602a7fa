/** Runs a model in onnxruntime-web and in the plain interpreter, folded, not, and to be trained, and compares. */
import { expect } from 'chai';
import * as ort from 'onnxruntime-web';
import {
  type BuildOptions,
  buildGraph,
  type ConcreteGraph,
  evaluatePlain,
  parseOnnx,
  specialize,
} from '../../src/index.js';
import { maxDifference } from './max-difference.js';
import { encodeModel, type ModelSpec, type TensorSpec } from './onnx-encoder.js';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'fatal';

/** Numbers in (-2, 2), the same in each run. */
export function numbers(count: number, seed = 1): Float64Array {
  let state = seed * 2654435761;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.fround((state / 2 ** 32) * 4 - 2);
  });
}

export const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** What onnxruntime says where it has no kernel for numbers of a type, or an operator takes single precision only. */
const NO_KERNEL = /Could not find an implementation|NOT_IMPLEMENTED|Type Error|INVALID_GRAPH|Type parameter/;

/**
 * What values in double precision may differ by, of the largest of their tensor. onnxruntime composes some operators with
 * constants in single precision (GroupNormalization, Gelu by tanh); all others agree within 1e-9.
 */
export const IN_DOUBLE = 1e-7;

/** TensorProto.DataType of double precision. */
const DOUBLE = 11;

/** The model in double precision throughout. */
export function widened(spec: ModelSpec): ModelSpec {
  const wide = <V extends { type?: number }>(value: V): V =>
    value.type === undefined || value.type === 1 ? { ...value, type: DOUBLE } : value;
  const attributes = (own: ModelSpec['nodes'][number]['attributes']) =>
    own &&
    Object.fromEntries(
      Object.entries(own).map(([name, value]) => [
        name,
        value && 't' in value ? { t: wide(value.t) } : value,
      ]),
    );
  const initializers = Object.entries(spec.initializers ?? {}).map(([name, tensor]): [string, TensorSpec] => [
    name,
    wide(tensor),
  ]);
  return {
    ...spec,
    inputs: spec.inputs.map(wide),
    outputs: spec.outputs.map(wide),
    nodes: spec.nodes.map((node) => ({ ...node, attributes: attributes(node.attributes) })),
    initializers: Object.fromEntries(initializers),
  };
}

/** A session of onnxruntime; undefined where it has no kernels for the model's types. */
export async function sessionOf(bytes: Uint8Array): Promise<ort.InferenceSession | undefined> {
  try {
    return await ort.InferenceSession.create(bytes, {
      logSeverityLevel: 4,
      // Its optimiser merges Pad into pools where that is not exact (MaxPool, ceil_mode).
      graphOptimizationLevel: 'disabled',
    });
  } catch (error) {
    if (error instanceof Error && NO_KERNEL.test(error.message)) return undefined;
    throw error;
  }
}

/**
 * Whether onnxruntime computes the model in double precision; if so, the plain interpreter gives the same within
 * `tolerance`, relative to the value or, where that is smaller, to the largest one of its tensor.
 */
export async function compareInDouble(
  spec: ModelSpec,
  inputShapes: Record<string, number[]>,
  tolerance = IN_DOUBLE,
): Promise<boolean> {
  const bytes = encodeModel(widened(spec));
  const session = await sessionOf(bytes);
  if (!session) return false;
  const inputs = Object.fromEntries(
    Object.entries(inputShapes).map(([name, shape], index) => [
      name,
      { shape, data: numbers(size(shape), index + 1) },
    ]),
  );
  const feeds = Object.entries(inputs).map(([name, { shape, data }]) => [
    name,
    new ort.Tensor('float64', data, shape),
  ]);
  const expected = await session.run(Object.fromEntries(feeds));
  await session.release();
  const results = evaluatePlain(
    specialize(buildGraph(parseOnnx(bytes), { trainable: true }), inputShapes),
    inputs,
  );
  for (const { name } of spec.outputs) {
    const data = Array.from(expected[name].data as ArrayLike<number | bigint>, Number);
    const scale = data.reduce((max, value) => Math.max(max, Math.abs(value)), Number.MIN_VALUE);
    expect(results[name].shape, name).to.deep.equal([...expected[name].dims]);
    expect(maxDifference(results[name].data, data) / scale, name).to.be.most(tolerance);
  }
  return true;
}

/** The folded graph, after both forms gave what onnxruntime gives within `tolerance`, relative to 1 + the largest. */
export async function compareWithRuntime(
  spec: ModelSpec,
  inputShapes: Record<string, number[]>,
  tolerance = 1e-5,
): Promise<ConcreteGraph> {
  const bytes = encodeModel(spec);
  const feeds: Record<string, ort.Tensor> = {};
  const inputs: Record<string, { shape: number[]; data: Float64Array }> = {};
  Object.entries(inputShapes).forEach(([name, shape], index) => {
    const data = numbers(size(shape), index + 1);
    inputs[name] = { shape, data };
    feeds[name] = new ort.Tensor('float32', Float32Array.from(data), shape);
  });
  const session = await sessionOf(bytes);
  if (!session) throw new Error('onnxruntime has no kernel for this');
  const expected = await session.run(feeds);
  await session.release();
  const model = parseOnnx(bytes);
  // A mask of what training drops is not known.
  const masked = spec.nodes.some(({ op, outputs }) => op === 'Dropout' && outputs.length > 1);
  const trained: BuildOptions[] = masked ? [] : [{ trainable: true }];
  for (const options of [...trained, { foldBatchNorm: false }, { foldBatchNorm: true }]) {
    const graph = specialize(buildGraph(model, options), inputShapes);
    const results = evaluatePlain(graph, inputs);
    for (const { name } of spec.outputs) {
      const [mine, theirs] = [results[name], expected[name]];
      if (mine === undefined || theirs === undefined) throw new Error(`no output ${name}`);
      expect(mine.shape, name).to.deep.equal([...theirs.dims]);
      const data = Array.from(theirs.data as ArrayLike<number | bigint>, Number);
      const scale = 1 + data.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      expect(maxDifference(mine.data, data) / scale, name).to.be.lessThan(tolerance);
    }
    if (options.foldBatchNorm) return graph;
  }
  throw new Error('unreachable');
}
