/** A public constant of a given shape. */
import { sizeOf } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
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
      const data = new Float64Array(constantSize(context, shape)).fill(value);
      context.result(context.makeConstant('value', { shape, data }, type));
    } else context.result(context.emit('ConstantOfShape', [], { shape, value }, type));
  },
};

/** A few bytes of a file may ask for so much memory (128 MiB), and no more; masks of attention over 4,096 words are of this size. */
const MOST_ELEMENTS = 2 ** 24;

function constantSize(context: NodeContext, shape: readonly number[]): number {
  const size = sizeOf(shape);
  if (!shape.every((d) => Number.isSafeInteger(d) && d >= 0) || size > MOST_ELEMENTS)
    context.fail(`a constant of shape [${shape.join(', ')}]`);
  return size;
}
