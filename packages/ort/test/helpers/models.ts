/** Small models, written here. */
import { type EncodedModel, type EncodedNode, type EncodedTensor, encodeOnnx } from '@tacit/onnx';

export const INVITE = 'tacit:1:test';

/** Numbers that look random and are always the same. */
export const numbers = (count: number, scale = 1, seed = 1): number[] =>
  Array.from({ length: count }, (_, i) => scale * Math.sin(12.9898 * (i + 1) * seed));

export const tensor = (shape: number[], scale?: number, seed?: number): EncodedTensor => ({
  shape,
  data: numbers(
    shape.reduce((a, b) => a * b, 1),
    scale,
    seed,
  ),
});

export const ints = (...data: number[]): EncodedTensor => ({ type: 'int64', shape: [data.length], data });

export const node = (
  op: string,
  inputs: string[],
  outputs: string | string[],
  attributes: EncodedNode['attributes'] = {},
): EncodedNode => ({ op, name: `${op}_${outputs}`, inputs, outputs: [outputs].flat(), attributes });

type Written = Partial<Omit<EncodedModel, 'initializers'>> & {
  readonly constants?: Readonly<Record<string, EncodedTensor>>;
};

export const modelOf = ({ constants = {}, ...model }: Written): Uint8Array =>
  encodeOnnx({
    opset: 17,
    name: 'test',
    inputs: [],
    outputs: [],
    nodes: [],
    ...model,
    initializers: new Map(Object.entries(constants)),
  });

/** Two inputs, two outputs: sum = relu(x w + b) + y, and doubled = 2 y. */
export const twoInputs = (): Uint8Array =>
  modelOf({
    inputs: [
      { name: 'x', type: 'float', shape: ['batch', 4] },
      { name: 'y', type: 'float', shape: ['batch', 3] },
    ],
    outputs: [
      { name: 'sum', type: 'float', shape: ['batch', 3] },
      { name: 'doubled', type: 'float', shape: ['batch', 3] },
    ],
    constants: { w: tensor([4, 3]), b: tensor([3], 0.5), two: { shape: [], data: [2] } },
    nodes: [
      node('Gemm', ['x', 'w', 'b'], 'h'),
      node('Relu', ['h'], 'r'),
      node('Add', ['r', 'y'], 'sum'),
      node('Mul', ['y', 'two'], 'doubled'),
    ],
  });

/** Indices of words to the scores of two classes: an embedding, its mean, a layer. */
export const words = (): Uint8Array =>
  modelOf({
    inputs: [{ name: 'input_ids', type: 'int64', shape: ['batch', 5] }],
    outputs: [{ name: 'logits', type: 'float', shape: ['batch', 2] }],
    constants: { table: tensor([11, 4]), w: tensor([4, 2]), b: tensor([2]) },
    nodes: [
      node('Gather', ['table', 'input_ids'], 'e', { axis: { i: 0 } }),
      node('ReduceMean', ['e'], 'm', { axes: { ints: [1] }, keepdims: { i: 0 } }),
      node('Gemm', ['m', 'w', 'b'], 'logits'),
    ],
  });

/** As ONNX Runtime says it. */
export async function refusal(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    if (error instanceof Error) return `${(error as { code?: string }).code ?? error.name} ${error.message}`;
    throw error;
  }
  return 'nothing was refused';
}
