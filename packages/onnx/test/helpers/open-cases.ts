/** Models of one node with what comes before it, for a range of opsets, with known sizes and with open ones. */
import { compareWithRuntime } from './compare.js';
import type { AttributeValue, ModelSpec, NodeSpec, TensorSpec } from './onnx-encoder.js';
import { OPSETS } from './operator-cases.js';

export interface OpenCase {
  op: string;
  title?: string;
  /** Shapes of secret inputs, called x0, x1, ... */
  x: number[][];
  /** Inputs in order; default: all secret ones, then the constants. */
  inputs?: string[];
  constants?: Record<string, TensorSpec>;
  attributes?: Record<string, AttributeValue>;
  outputs?: number;
  opsets?: [number, number];
  /** Only with known sizes. */
  known?: boolean;
  /** Nodes before the operator: shape arithmetic. */
  before?: NodeSpec[];
}

export const table = (shape: number[], ...data: number[]): TensorSpec => ({ type: 7, shape, data });
export const int = (value: number): TensorSpec => table([], value);
export const floats = (...data: number[]): TensorSpec => ({ shape: [data.length], data });
export const s = (value: string): AttributeValue => ({ s: value });
export const node = (op: string, inputs: string[], output: string, attributes = {}): NodeSpec => ({
  op,
  inputs,
  outputs: [output],
  attributes,
});
/** All opsets from one on. */
export const latest = (from: number): [number, number] => [from, 24];

function toModel(test: OpenCase, opset: number, open: boolean): ModelSpec {
  const { before = [], attributes, constants } = test;
  const names = test.x.map((_, index) => `x${index}`);
  const outputs = Array.from({ length: test.outputs ?? 1 }, (_, index) => `y${index}`);
  return {
    opset,
    inputs: test.x.map((shape, index) => ({
      name: `x${index}`,
      shape: shape.map((d, axis) => (open ? `n${index}.${axis}` : d)),
    })),
    outputs: outputs.map((name) => ({ name })),
    nodes: [
      ...before,
      {
        op: test.op,
        inputs: test.inputs ?? [...names, ...Object.keys(constants ?? {})],
        outputs,
        ...(attributes && { attributes }),
      },
    ],
    ...(constants && { initializers: constants }),
  };
}
/** A test of each case against onnxruntime. */
export function openCases(what: string, cases: readonly OpenCase[]): void {
  describe(`onnx: ${what}, against onnxruntime`, () => {
    for (const test of cases)
      it(`${test.op} ${test.title ?? ''}`, async () => {
        const shapes = Object.fromEntries(test.x.map((shape, index) => [`x${index}`, shape]));
        const [from, to] = test.opsets ?? latest(7);
        for (const opset of OPSETS.filter((version) => version >= from && version <= to))
          for (const open of test.known ? [false] : [false, true])
            try {
              await compareWithRuntime(toModel(test, opset, open), shapes);
            } catch (cause) {
              const sizes = open ? 'open' : 'known';
              throw new Error(`opset ${opset}, ${sizes} sizes: ${(cause as Error).message}`, { cause });
            }
      });
  });
}
