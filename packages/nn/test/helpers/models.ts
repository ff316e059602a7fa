/** Model files against onnxruntime, in the clear and in private. */
import { buildGraph, evaluatePlain, parseOnnx, specialize } from '@tacit/onnx';
import { simulate } from '@tacit/testing/tensors';
import { expect } from 'chai';
import { compareWithRuntime, numbers, size } from '../../../onnx/test/helpers/compare.js';
import {
  encodeModel,
  type ModelSpec,
  type NodeSpec,
  type TensorSpec,
} from '../../../onnx/test/helpers/onnx-encoder.js';
import { Graph, withWeightScales } from '../../src/index.js';

export const node = (
  op: string,
  inputs: string[],
  outputs: string | string[] = 'y',
  attributes: NodeSpec['attributes'] = {},
): NodeSpec => ({ op, inputs, outputs: typeof outputs === 'string' ? [outputs] : outputs, attributes });

export interface ModelCase {
  readonly inputs: Record<string, number[]>;
  readonly nodes: NodeSpec[];
  readonly constants?: Record<string, TensorSpec>;
  readonly outputs?: string[];
  readonly opset?: number;
  readonly parties?: readonly number[];
  readonly modes?: readonly ('owned' | 'shared')[];
  readonly tolerance?: number;
  /** Of onnxruntime, relative to 1 + the largest. */
  readonly rounding?: number;
}

/** The model in onnxruntime, in the plain evaluator, and between parties of which the first owns it. */
export async function agrees(one: ModelCase): Promise<void> {
  const { inputs, nodes, constants = {}, outputs = ['y'], tolerance = 2 ** -9 } = one;
  const spec: ModelSpec = {
    opset: one.opset ?? 17,
    inputs: Object.entries(inputs).map(([name, shape]) => ({ name, shape })),
    outputs: outputs.map((name) => ({ name })),
    nodes,
    initializers: constants,
  };
  await compareWithRuntime(spec, inputs, one.rounding);
  const concrete = specialize(buildGraph(parseOnnx(encodeModel(spec))), inputs);
  const values = Object.fromEntries(
    Object.entries(inputs).map(([name, shape], i) => [name, { shape, data: numbers(size(shape), i + 1) }]),
  );
  const right = evaluatePlain(concrete, values);
  for (const parties of one.parties ?? [2])
    for (const mode of one.modes ?? ['owned']) {
      const { results } = await simulate({ parties }, async (party) => {
        const scaled = withWeightScales(concrete, party.context.precision);
        const bare = Array.from(
          scaled.parameters,
          ([name, { shape, scales }]) => [name, { shape, scales }] as const,
        );
        const network = new Graph(party.rank === 0 ? scaled : { ...scaled, parameters: new Map(bare) });
        await network.encrypt(party, { src: 0, mode }).prepare();
        const xs = Object.values(values).map(({ data, shape }) => party.cryptensor(data, { src: 1, shape }));
        return Promise.all(network.forwardAll(...xs).map((y) => y.revealFloat64()));
      });
      for (const made of results)
        made.forEach((y, i) => {
          const expected = right[concrete.outputs[i].name];
          expect(y?.shape).deep.equal(expected.shape);
          expected.data.forEach((v, j) => {
            expect(y?.data[j], `${parties} parties, ${mode}, ${outputs[i]}[${j}]`).closeTo(v, tolerance);
          });
        });
    }
}
