/** The shape of a value, and its number of elements: public, even of a secret one. */
import { isNumeric, type PublicRef, plainTensor, sizeOf, type Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

/** All sizes of a value: known, or as they will be once the input shapes are. */
export function sizesOf(context: NodeContext, x: Value): readonly number[] | PublicRef {
  const dims = context.shape(x);
  if (isNumeric(dims)) return dims;
  return context.publicInts(context.emit('Shape', [x], { start: 0, end: dims.length }, 'int'), 'the shape');
}

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

export const sizeOnnx: OnnxOperator = {
  name: 'Size',
  opsets: ALL_OPSETS,
  note: '',
  convert(context) {
    const x = context.input(0);
    const dims = context.shape(x);
    if (isNumeric(dims))
      return context.result(context.makeConstant('size', plainTensor([], [sizeOf(dims)]), 'int'));
    const sizes = context.emit('Shape', [x], { start: 0, end: dims.length }, 'int');
    context.result(context.emit('ReduceProd', [sizes], { axes: [0], keepDims: false }));
  },
};
