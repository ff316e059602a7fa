/** Maximum over a sliding window; padding never wins. */
import { ALL_OPSETS, type GraphOperator, type OnnxOperator } from '../operator.js';
import { at, sizeOf } from '../shapes.js';
import { asWindow2d, concretePads, inferPool, readPool } from './window.js';

export const maxPool: GraphOperator<'MaxPool'> = {
  op: 'MaxPool',
  summary: 'Maximum over a window',
  attributes: { kernel: 'sizes', strides: 'sizes', dilations: 'sizes', pads: 'pads', ceilMode: 'bool' },
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
      let max = -Infinity;
      for (let i = 0; i < w.kernel[0]; i++) {
        const row = top + i * w.dilations[0];
        if (row < 0 || row >= w.height) continue;
        for (let j = 0; j < w.kernel[1]; j++) {
          const column = left + j * w.dilations[1];
          if (column >= 0 && column < w.width)
            max = Math.max(max, at(x.data, plane + row * w.width + column));
        }
      }
      data[index] = max;
    }
    return { shape, data };
  },
};

export const maxPoolOnnx: OnnxOperator = {
  name: 'MaxPool',
  opsets: ALL_OPSETS,
  note: '1-d and 2-d; pads, auto_pad, ceil_mode, dilations; no Indices output',
  convert(context) {
    // Only the order of the second output's indices depends on it.
    context.ignore('storage_order');
    const ceilMode = context.int('ceil_mode', 0) !== 0;
    const x = context.input(0);
    const window = readPool(context, context.shape(x));
    context.result(context.emit('MaxPool', [x], { ...window, ceilMode }));
  },
};
