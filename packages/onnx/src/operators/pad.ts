/** Constant padding (or cropping, where negative); zeros before Conv and AveragePool are merged into them later. */
import { ModelShapeError } from '../errors.js';
import type { Ints } from '../graph.js';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type GraphOperator, type OnnxOperator } from '../operator.js';
import { stridesOf } from '../plain-tensor.js';
import { at, mapDim, sizeOf, UNKNOWN } from '../shapes.js';

export const pad: GraphOperator<'Pad'> = {
  op: 'Pad',
  summary: 'Padding with a public constant; negative amounts crop',
  attributes: { pads: 'public', value: 'number' },
  arity: [1, 1],
  infer(inputs, { pads }) {
    const x = at(inputs, 0);
    const length = 'length' in pads ? pads.length : 0;
    if (length !== 2 * x.length)
      throw new ModelShapeError(`${length} amounts of padding for ${x.length} axes`);
    if (!Array.isArray(pads)) return x.map(() => UNKNOWN);
    return x.map((dim, axis) =>
      mapDim(dim, (size) => {
        const padded = size + pads[axis] + pads[axis + x.length];
        if (!Number.isSafeInteger(padded) || padded < 0)
          throw new ModelShapeError(`padding [${pads.join(', ')}] of size ${size}`);
        return padded;
      }),
    );
  },
  evaluate(inputs, attributes) {
    const x = at(inputs, 0);
    const shape = pad.infer([x.shape], attributes) as number[];
    const data = new Float64Array(sizeOf(shape)).fill(attributes.value);
    const strides = stridesOf(shape);
    const before = attributes.pads.slice(0, shape.length);
    const own = stridesOf(x.shape);
    x.data.forEach((value, position) => {
      let offset = 0;
      for (let axis = 0; axis < shape.length; axis++) {
        const index = (Math.floor(position / at(own, axis)) % at(x.shape, axis)) + at(before, axis);
        if (index < 0 || index >= at(shape, axis)) return;
        offset += index * at(strides, axis);
      }
      data[offset] = value;
    });
    return { shape, data };
  },
};

export const padOnnx: OnnxOperator = {
  name: 'Pad',
  opsets: ALL_OPSETS,
  note: 'mode constant; zeros before Conv and AveragePool are merged into them',
  convert(context) {
    const mode = context.string('mode', 'constant');
    if (mode !== 'constant') context.reject(`mode ${JSON.stringify(mode)}`);
    const x = context.input(0);
    const { pads, value } =
      context.opset < 11
        ? { pads: context.ints('pads') ?? context.fail('pads is missing'), value: context.float('value', 0) }
        : readInputs(context);
    const none = Array.isArray(pads) && pads.every((amount) => amount === 0);
    if (none) context.result(x);
    else context.result(context.emit('Pad', [x], { pads, value }));
  },
};

function readInputs(context: NodeContext): { pads: Ints<'model'>; value: number } {
  const fill = context.optional(2);
  const value = fill === undefined ? 0 : context.scalar(fill, 'the padding value');
  const pads = context.publicInts(context.input(1), 'pads');
  const axesInput = context.opset >= 18 ? context.optional(3) : undefined;
  if (axesInput === undefined) return { pads, value };
  const listed = context.constantInts(axesInput, 'axes');
  if (!Array.isArray(pads) || pads.length !== 2 * listed.length)
    return context.fail('with axes, pads must be constant and give two amounts an axis');
  const rank = context.rank(context.input(0));
  context.axes(listed, rank);
  const all = new Array<number>(2 * rank).fill(0);
  listed.forEach((listedAxis, i) => {
    const axis = listedAxis < 0 ? listedAxis + rank : listedAxis;
    all[axis] = at(pads, i);
    all[axis + rank] = at(pads, i + listed.length);
  });
  return { pads: all, value };
}
