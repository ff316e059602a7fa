/** The shape of a value: public, even of a secret one. */
import { isNumeric, plainTensor } from '@tacit/graph';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const shapeOnnx: OnnxOperator = {
  name: 'Shape',
  opsets: ALL_OPSETS,
  note: 'start, end',
  convert(context) {
    const x = context.input(0);
    const dims = context.shape(x);
    const bound = (value: number) =>
      Math.min(Math.max(value < 0 ? value + dims.length : value, 0), dims.length);
    const start = context.opset < 15 ? 0 : bound(context.int('start', 0));
    const end = context.opset < 15 ? dims.length : bound(context.int('end', dims.length));
    const wanted = dims.slice(start, end);
    context.result(
      isNumeric(wanted)
        ? context.makeConstant('shape', plainTensor([wanted.length], wanted), 'int')
        : context.emit('Shape', [x], { start, end }, 'int'),
    );
  },
};
