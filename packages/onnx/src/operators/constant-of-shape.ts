/** A public constant of a given shape. */
import { checkedShape, sizeOf } from '@tacit/graph';
import { elementKind } from '../onnx-model.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

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
