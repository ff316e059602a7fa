/** A public constant of a given shape. */
import { ModelShapeError } from '../errors.js';
import type { Dim } from '../graph.js';
import { elementKind } from '../onnx-model.js';
import { ALL_OPSETS, type GraphOperator, type OnnxOperator } from '../operator.js';
import { show, sizeOf, UNKNOWN } from '../shapes.js';

/** Shape arithmetic works on lists of sizes, not on data. */
export const MAX_PUBLIC_ELEMENTS = 2 ** 20;

/** A shape given as data. */
export function checkedShape(shape: readonly number[]): readonly number[] {
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0) || sizeOf(shape) > MAX_PUBLIC_ELEMENTS)
    throw new ModelShapeError(`a public value of shape ${show(shape)}`);
  return shape;
}

export const constantOfShape: GraphOperator<'ConstantOfShape'> = {
  op: 'ConstantOfShape',
  summary: 'A public constant of a given shape',
  attributes: { shape: 'public', value: 'number' },
  arity: [0, 0],
  infer: (_inputs, { shape }) =>
    Array.isArray(shape) ? checkedShape(shape) : new Array<Dim>(shape.length).fill(UNKNOWN),
  evaluate: (_inputs, { shape, value }) => ({ shape, data: new Float64Array(sizeOf(shape)).fill(value) }),
};

export const constantOfShapeOnnx: OnnxOperator = {
  name: 'ConstantOfShape',
  opsets: [9, ALL_OPSETS[1]],
  note: 'public',
  convert(context) {
    const tensor = context.tensor('value');
    const value = tensor?.data[0] ?? 0;
    const type = tensor === undefined ? 'float' : elementKind(tensor.dataType);
    const shape = context.publicInts(context.input(0), 'the shape');
    if (Array.isArray(shape)) {
      const data = new Float64Array(sizeOf(checkedShape(shape))).fill(value);
      context.result(context.makeConstant('value', { shape, data }, type));
    } else context.result(context.emit('ConstantOfShape', [], { shape, value }, type));
  },
};
