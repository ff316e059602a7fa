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
import { encodeModel, type ModelSpec } from './onnx-encoder.js';

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
  const session = await ort.InferenceSession.create(bytes, {
    logSeverityLevel: 4,
    // Its optimiser merges Pad into pools where that is not exact (MaxPool, ceil_mode).
    graphOptimizationLevel: 'disabled',
  });
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
