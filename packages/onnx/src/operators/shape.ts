/** The shape of a value: public, even of a secret one. */
import { ALL_OPSETS, type GraphOperator, type OnnxOperator } from '../operator.js';
import { plainTensor } from '../plain-tensor.js';
import { at, isNumeric } from '../shapes.js';

export const shape: GraphOperator<'Shape'> = {
  op: 'Shape',
  summary: 'Sizes of the axes start..end',
  attributes: { start: 'axis', end: 'axis' },
  arity: [1, 1],
  infer: (_inputs, { start, end }) => [Math.max(0, end - start)],
  evaluate(inputs, { start, end }) {
    const sizes = at(inputs, 0).shape.slice(start, end);
    return plainTensor([sizes.length], sizes);
  },
};

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
