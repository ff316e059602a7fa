/** Public matrices and lists that follow from constants and known shapes. */
import { isNumeric, plainTensor, show, stridesOf } from '@tacit/graph';
import { elementKind } from '../onnx-model.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const eyeLikeOnnx: OnnxOperator = {
  name: 'EyeLike',
  opsets: [9, ALL_OPSETS[1]],
  note: 'k; the size must be known',
  convert(context) {
    const x = context.input(0);
    const shape = context.shape(x);
    if (shape.length !== 2) context.fail('the input is a matrix');
    if (!isNumeric(shape))
      return context.fail(`the size ${show(shape)} must be known: give it with the option inputShapes`);
    const k = context.int('k', 0);
    const type = context.has('dtype') ? elementKind(context.int('dtype', 1)) : x.type;
    const [rows, columns] = shape as [number, number];
    const ones = Array.from({ length: rows * columns }, (_, i) =>
      (i % columns) - Math.floor(i / columns) === k ? 1 : 0,
    );
    context.result(context.makeConstant('eye', plainTensor(shape, ones), type));
  },
};

export const nonZeroOnnx: OnnxOperator = {
  name: 'NonZero',
  opsets: [9, ALL_OPSETS[1]],
  note: 'constants only',
  convert(context) {
    const { shape, data } = context.constant(context.input(0), 'the input');
    const strides = stridesOf(shape);
    const places = Array.from(data.keys()).filter((i) => data[i] !== 0);
    const rows = strides.flatMap((stride, axis) =>
      places.map((place) => Math.floor(place / stride) % (shape[axis] ?? 1)),
    );
    context.result(context.makeConstant('places', plainTensor([shape.length, places.length], rows), 'int'));
  },
};
