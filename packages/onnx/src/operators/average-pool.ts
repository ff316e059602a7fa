/** Mean over a sliding window; whether padding counts is explicit. */
import { ALL_OPSETS, type GraphOperator, type OnnxOperator } from '../operator.js';
import { at, sizeOf } from '../shapes.js';
import { asWindow2d, concretePads, inferPool, readPool } from './window.js';

export const averagePool: GraphOperator<'AveragePool'> = {
  op: 'AveragePool',
  summary: 'Mean over a window',
  attributes: {
    kernel: 'sizes',
    strides: 'sizes',
    dilations: 'sizes',
    pads: 'pads',
    ceilMode: 'bool',
    countIncludePad: 'bool',
  },
  arity: [1, 1],
  infer: ([x], attributes) => inferPool(x, attributes),
  resolve: (node, inputs) => ({
    ...node,
    attributes: { ...node.attributes, pads: concretePads(at(inputs, 0), node.attributes) },
  }),
  evaluate(inputs, attributes) {
    const x = at(inputs, 0);
    const shape = inferPool(x.shape, attributes) as number[];
    const w = asWindow2d(x.shape, shape, attributes);
    const data = new Float64Array(sizeOf(shape));
    const outPlane = w.outHeight * w.outWidth;
    const inPlane = w.height * w.width;
    for (let index = 0; index < data.length; index++) {
      const plane = Math.floor(index / outPlane) * inPlane;
      const top = Math.floor((index % outPlane) / w.outWidth) * w.strides[0] - w.pads[0];
      const left = (index % w.outWidth) * w.strides[1] - w.pads[1];
      let sum = 0;
      let count = 0;
      for (let i = 0; i < w.kernel[0]; i++) {
        const row = top + i * w.dilations[0];
        for (let j = 0; j < w.kernel[1]; j++) {
          const column = left + j * w.dilations[1];
          const inside = row >= 0 && row < w.height && column >= 0 && column < w.width;
          if (inside) sum += at(x.data, plane + row * w.width + column);
          // With ceilMode a window may reach beyond the padding: that part never counts.
          const padded = row < w.height + w.pads[2] && column < w.width + w.pads[3];
          if (inside || (attributes.countIncludePad && padded)) count++;
        }
      }
      data[index] = sum / count;
    }
    return { shape, data };
  },
};

export const averagePoolOnnx: OnnxOperator = {
  name: 'AveragePool',
  opsets: ALL_OPSETS,
  note: '1-d and 2-d; pads, auto_pad, ceil_mode, count_include_pad, dilations',
  convert(context) {
    const ceilMode = context.int('ceil_mode', 0) !== 0;
    const countIncludePad = context.int('count_include_pad', 0) !== 0;
    const x = context.input(0);
    const window = readPool(context, context.shape(x));
    context.result(context.emit('AveragePool', [x], { ...window, ceilMode, countIncludePad }));
  },
};
