/** Padding (or cropping, where negative); zeros before Conv and AveragePool are merged into them later. */
import { at, EXTEND_MODES, isNumeric, map, type OpenInts, show, sizeOf, type Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const padOnnx: OnnxOperator = {
  name: 'Pad',
  opsets: ALL_OPSETS,
  note: 'mode constant (also by a secret value), reflect, edge, wrap; zeros before Conv and AveragePool are merged into them',
  convert(context) {
    const mode = context.string('mode', 'constant');
    const modes = context.opset < 19 ? EXTEND_MODES.slice(0, 2) : EXTEND_MODES;
    const own = modes.find((known) => known === mode);
    if (mode !== 'constant' && own === undefined) context.reject(`mode ${JSON.stringify(mode)}`);
    const x = context.input(0);
    const { pads, value } =
      context.opset < 11
        ? { pads: context.ints('pads') ?? context.fail('pads is missing'), value: context.float('value', 0) }
        : readInputs(context);
    const fill = context.opset < 11 || own !== undefined ? undefined : context.optional(2);
    const none = Array.isArray(pads) && pads.every((amount) => amount === 0);
    if (none) context.result(x);
    else if (own !== undefined) context.result(context.emit('Extend', [x], { pads, mode: own }));
    else if (fill?.kind === 'secret') context.result(filled(context, x, pads, fill));
    else context.result(context.emit('Pad', [x], { pads, value }));
  },
};

/** Padding with a secret number: that number, times ones where padding is, is added to a padding with zeros. */
function filled(context: NodeContext, x: Value, pads: OpenInts, fill: Value): Value {
  const shape = context.shape(x);
  if (!isNumeric(shape) || !Array.isArray(pads))
    return context.fail(`with a secret padding value, the sizes ${show(shape)} must be known`);
  context.checkCount(sizeOf(shape), 'the padding');
  const ones = context.makeConstant('ones', { shape, data: new Float64Array(sizeOf(shape)).fill(1) });
  const inside = context.constant(context.emit('Pad', [ones], { pads, value: 0 }), 'the padding');
  const outside = context.makeConstant(
    'outside',
    map(inside, (v) => 1 - v),
  );
  const number = context.emit('Reshape', [fill], { shape: [], allowZero: false });
  const padded = context.emit('Pad', [x], { pads, value: 0 });
  return context.emit('Add', [padded, context.emit('Mul', [outside, number], {})], {});
}

function readInputs(context: NodeContext): { pads: OpenInts; value: number } {
  const fill = context.optional(2);
  const value = fill === undefined || fill.kind === 'secret' ? 0 : context.scalar(fill, 'the padding value');
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
