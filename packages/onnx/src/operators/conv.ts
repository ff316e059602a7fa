/** Convolution (cross-correlation) over one or two spatial axes, with groups, strides, dilations and padding. */
import { ModelShapeError } from '../errors.js';
import { ALL_OPSETS, type GraphOperator, type OnnxOperator } from '../operator.js';
import { at, mapDim, mayEqual, show, sizeOf, windowSizes } from '../shapes.js';
import { multiplyInto } from './mat-mul.js';
import { asWindow2d, concretePads, readWindow, type Window2d } from './window.js';

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
    const [batch, outputs, { group }] = [at(shape, 0), at(shape, 1), attributes];
    const outPlane = w.outHeight * w.outWidth;
    const inGroup = at(weight.shape, 1) * w.height * w.width;
    const rows = at(weight.shape, 1) * w.kernel[0] * w.kernel[1];
    const data = new Float64Array(sizeOf(shape));
    if (bias !== undefined)
      for (let i = 0; i < batch * outputs; i++)
        data.fill(at(bias.data, i % outputs), i * outPlane, (i + 1) * outPlane);
    const outGroup = (outputs / group) * outPlane;
    const weights = (outputs / group) * rows;
    for (let part = 0; part < batch * group; part++) {
      const patches = gatherPatches(x.data.subarray(part * inGroup, (part + 1) * inGroup), w, rows);
      const own = (part % group) * weights;
      const y = data.subarray(part * outGroup, (part + 1) * outGroup);
      multiplyInto(y, weight.data.subarray(own, own + weights), patches, outPlane, rows);
    }
    return { shape, data };
  },
};

/** What each tap of the kernel sees: one row for each channel and tap, one column for each output position. */
function gatherPatches(x: Float64Array, w: Window2d, rows: number): Float64Array {
  const patches = new Float64Array(rows * w.outHeight * w.outWidth);
  const taps = w.kernel[0] * w.kernel[1];
  let to = 0;
  for (let row = 0; row < rows; row++) {
    const plane = Math.floor(row / taps) * w.height * w.width;
    const top = Math.floor((row % taps) / w.kernel[1]) * w.dilations[0] - w.pads[0];
    const left = (row % w.kernel[1]) * w.dilations[1] - w.pads[1];
    for (let i = 0; i < w.outHeight; i++) {
      const y = top + i * w.strides[0];
      for (let j = 0; j < w.outWidth; j++, to++) {
        const column = left + j * w.strides[1];
        if (y >= 0 && y < w.height && column >= 0 && column < w.width)
          patches[to] = x[plane + y * w.width + column] as number;
      }
    }
  }
  return patches;
}

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
