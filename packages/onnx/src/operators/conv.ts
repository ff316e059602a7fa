/** Convolution (cross-correlation) over one or two spatial axes, with groups, strides, dilations and padding. */
import { ModelShapeError } from '../errors.js';
import { ALL_OPSETS, type GraphOperator, type OnnxOperator } from '../operator.js';
import { at, mapDim, mayEqual, show, sizeOf, windowSizes } from '../shapes.js';
import { asWindow2d, concretePads, readWindow } from './window.js';

export const conv: GraphOperator<'Conv'> = {
  op: 'Conv',
  summary: '1-d or 2-d convolution; W [out, in / group, ...kernel]',
  attributes: {
    kernel: 'sizes',
    strides: 'sizes',
    dilations: 'sizes',
    pads: 'pads',
    group: 'size',
  },
  arity: [2, 3],
  parameters: [1, 2],
  infer([x, weight, bias], attributes) {
    const axes = attributes.kernel.length;
    if (x === undefined || weight === undefined || x.length !== axes + 2 || weight.length !== axes + 2)
      throw new ModelShapeError(`no convolution of ${show(x)} with weight ${show(weight)}`);
    const { group, kernel } = attributes;
    const outputs = at(weight, 0);
    if (
      !mayEqual(
        at(x, 1),
        mapDim(at(weight, 1), (size) => size * group),
      )
    )
      throw new ModelShapeError(`weight ${show(weight)} with ${group} groups does not fit input ${show(x)}`);
    if (typeof outputs === 'number' && outputs % group !== 0)
      throw new ModelShapeError(`${outputs} output channels do not split into ${group} groups`);
    if (kernel.some((size, axis) => !mayEqual(size, at(weight, axis + 2))))
      throw new ModelShapeError(`kernel ${show(kernel)} does not fit weight ${show(weight)}`);
    if (bias !== undefined && (bias.length !== 1 || !mayEqual(at(bias, 0), outputs)))
      throw new ModelShapeError(`bias ${show(bias)} does not fit weight ${show(weight)}`);
    return [at(x, 0), outputs, ...windowSizes(x.slice(2), attributes)];
  },
  resolve: (node, inputs) => ({
    ...node,
    attributes: { ...node.attributes, pads: concretePads(at(inputs, 0), node.attributes) },
  }),
  evaluate(inputs, attributes) {
    const [x, weight, bias] = [at(inputs, 0), at(inputs, 1), inputs[2]];
    const shape = conv.infer(
      inputs.map((input) => input.shape),
      attributes,
    ) as number[];
    const w = asWindow2d(x.shape, shape, attributes);
    const [batch, outputs] = [at(shape, 0), at(shape, 1)];
    const [channels, perGroup] = [at(x.shape, 1), at(weight.shape, 1)];
    const outputsPerGroup = outputs / attributes.group;
    const inPlane = w.height * w.width;
    const outPlane = w.outHeight * w.outWidth;
    const taps = w.kernel[0] * w.kernel[1];
    const data = new Float64Array(sizeOf(shape));
    for (let n = 0; n < batch; n++)
      for (let o = 0; o < outputs; o++) {
        const y = data.subarray((n * outputs + o) * outPlane, (n * outputs + o + 1) * outPlane);
        if (bias !== undefined) y.fill(at(bias.data, o));
        const firstChannel = Math.floor(o / outputsPerGroup) * perGroup;
        for (let c = 0; c < perGroup; c++) {
          const plane = (n * channels + firstChannel + c) * inPlane;
          for (let tap = 0; tap < taps; tap++) {
            const factor = at(weight.data, (o * perGroup + c) * taps + tap);
            const i = Math.floor(tap / w.kernel[1]);
            const j = tap % w.kernel[1];
            const down = i * w.dilations[0] - w.pads[0];
            const across = j * w.dilations[1] - w.pads[1];
            // Columns for which the tap lies inside the row.
            const first = Math.max(0, Math.ceil(-across / w.strides[1]));
            const last = Math.min(w.outWidth - 1, Math.floor((w.width - 1 - across) / w.strides[1]));
            for (let row = 0; row < w.outHeight; row++) {
              const source = row * w.strides[0] + down;
              if (source < 0 || source >= w.height) continue;
              let from = plane + source * w.width + first * w.strides[1] + across;
              for (let to = row * w.outWidth + first; to <= row * w.outWidth + last; to++) {
                y[to] = (y[to] as number) + factor * (x.data[from] as number);
                from += w.strides[1];
              }
            }
          }
        }
      }
    return { shape, data };
  },
};

export const convOnnx: OnnxOperator = {
  name: 'Conv',
  opsets: ALL_OPSETS,
  note: '1-d and 2-d, constant weights; group, strides, dilations, pads, auto_pad',
  convert(context) {
    const group = context.int('group', 1);
    const kernelAttribute = context.ints('kernel_shape');
    const [x, weight, bias] = [context.input(0), context.input(1), context.optional(2)];
    const { shape } = context.constant(weight, 'the weight');
    if (bias !== undefined) context.constant(bias, 'the bias');
    if (!Number.isInteger(group) || group < 1) context.fail(`group is ${group}`);
    const window = readWindow(context, context.shape(x), kernelAttribute ?? shape.slice(2));
    const inputs = bias === undefined ? [x, weight] : [x, weight, bias];
    context.result(context.emit('Conv', inputs, { ...window, group }));
  },
};
