/** Models of one node, for every opset in turn. */
import { compareInDouble, compareWithRuntime, numbers, size } from './compare.js';
import type { AttributeValue, ModelSpec, TensorSpec } from './onnx-encoder.js';

export const OPSETS = [7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24];

export type Attributes = Record<string, AttributeValue>;

interface Variant {
  /** In the order of inputs, after the secret ones. */
  constants?: Record<string, TensorSpec>;
  attributes?: Attributes;
}

export interface Case extends Variant {
  /** Shapes of secret inputs, called x0, x1, ... */
  x: number[][];
  /** Names of inputs in another order; '' leaves one out. */
  inputs?: string[];
  outputs?: number;
  /** Element types of outputs that are not numbers of 32 bits. */
  types?: number[];
  /** Constants and attributes of an operator whose form has changed. */
  variant?: (opset: number) => Variant;
  /** The first opset that has it. */
  from?: number;
}

/** By title, which begins with the operator. */
export type Cases = Record<string, Case>;

export const weight = (shape: number[], seed = 7): TensorSpec => ({
  shape,
  data: numbers(size(shape), seed),
});
export const ints = (...data: (number | bigint)[]): TensorSpec => ({ type: 7, shape: [data.length], data });
export const scalar = (value: number): TensorSpec => ({ shape: [], data: [value] });
export const i = (value: number): AttributeValue => ({ i: value });
export const list = (...values: number[]): AttributeValue => ({ ints: values });

/** An operator that takes the same in another form since some opset. */
export const changing = (since: number, before: Variant, after: Variant): Pick<Case, 'variant'> => ({
  variant: (opset) => (opset < since ? before : after),
});

/** Lists that moved from attributes to inputs at some opset. */
export function moving(since: number, lists: Record<string, (number | bigint)[]>): Pick<Case, 'variant'> {
  const mapped = <T>(map: (values: (number | bigint)[]) => T): Record<string, T> =>
    Object.fromEntries(Object.entries(lists).map(([key, values]) => [key, map(values)]));
  return changing(
    since,
    { attributes: mapped((values) => ({ ints: values })) },
    { constants: mapped((values) => ints(...values)) },
  );
}

/** One case for each value, with a title of its own. */
export const each = <T>(values: readonly T[], make: (value: T) => readonly [string, Case]): Cases =>
  Object.fromEntries(values.map(make));

function toModel(title: string, test: Case, opset: number): ModelSpec {
  const { constants = {}, attributes = {} } = test.variant?.(opset) ?? test;
  const inputs = test.x.map((shape, index) => ({ name: `x${index}`, shape }));
  const outputs = Array.from({ length: test.outputs ?? 1 }, (_, index) => `y${index}`);
  const names = test.inputs ?? [...inputs.map(({ name }) => name), ...Object.keys(constants)];
  return {
    opset,
    inputs,
    outputs: outputs.map((name, index) => ({ name, type: test.types?.[index] })),
    nodes: [{ op: title.split(' ')[0], inputs: names, outputs, attributes }],
    initializers: constants,
  };
}

/** One that onnxruntime has kernels of all operators for. */
const DOUBLE_OPSET = 21;

/** Tests each case against onnxruntime, with all opsets that have it. */
export function testOperators(what: string, cases: Cases): void {
  describe(`onnx: ${what} against onnxruntime, opsets 7 to 24`, () => {
    for (const [title, test] of Object.entries(cases))
      it(title, async () => {
        const inputs = Object.fromEntries(test.x.map((shape, index) => [`x${index}`, shape]));
        for (const opset of OPSETS.filter((version) => version >= (test.from ?? 7)))
          try {
            await compareWithRuntime(toModel(title, test, opset), inputs);
          } catch (cause) {
            throw new Error(`opset ${opset}: ${(cause as Error).message}`, { cause });
          }
        // In double precision, where onnxruntime has such kernels.
        await compareInDouble(toModel(title, test, DOUBLE_OPSET), inputs);
      });
  });
}
