/** Selection by public index; on secret data a constant index becomes Slice. */
import { ModelShapeError } from '../errors.js';
import { ALL_OPSETS, type GraphOperator, type OnnxOperator } from '../operator.js';
import { at, normalizeAxis, sizeOf } from '../shapes.js';

export const gather: GraphOperator<'Gather'> = {
  op: 'Gather',
  summary: 'Selects from public values',
  attributes: { axis: 'axis' },
  arity: [2, 2],
  infer(inputs, { axis }) {
    const [data, indices] = [at(inputs, 0), at(inputs, 1)];
    normalizeAxis(axis, data.length);
    return [...data.slice(0, axis), ...indices, ...data.slice(axis + 1)];
  },
  evaluate(inputs, { axis }) {
    const [x, indices] = [at(inputs, 0), at(inputs, 1)];
    const size = at(x.shape, axis);
    const inner = sizeOf(x.shape.slice(axis + 1));
    const outer = sizeOf(x.shape.slice(0, axis));
    const shape = gather.infer([x.shape, indices.shape], { axis }) as number[];
    const data = new Float64Array(sizeOf(shape));
    let to = 0;
    for (let o = 0; o < outer; o++)
      for (const index of indices.data) {
        const from = (o * size + normalizeIndex(index, size)) * inner;
        data.set(x.data.subarray(from, from + inner), to);
        to += inner;
      }
    return { shape, data };
  },
};

function normalizeIndex(index: number, size: number): number {
  const position = index < 0 ? index + size : index;
  if (!Number.isInteger(position) || position < 0 || position >= size)
    throw new ModelShapeError(`index ${index} is out of range for size ${size}`);
  return position;
}

/** More slices than this are better written as another network. */
const MAX_SLICES = 256;

export const gatherOnnx: OnnxOperator = {
  name: 'Gather',
  opsets: ALL_OPSETS,
  note: 'public values; secret ones by constant index (becomes Slice)',
  convert(context) {
    const [x, indices] = [context.input(0), context.input(1)];
    const [axis = 0] = context.axes([context.int('axis', 0)], context.rank(x));
    if (x.kind !== 'secret') {
      context.result(context.emit('Gather', [x, indices], { axis }, x.type));
      return;
    }
    const { shape, data } = context.constant(indices, 'the index');
    if (shape.length > 1 || data.length === 0 || data.length > MAX_SLICES)
      context.fail(`indices of shape [${shape.join(', ')}] into secret data`);
    const size = at(context.shape(x), axis);
    const parts = Array.from(data, (index) => {
      // From the end, an index needs a known size only to be checked.
      const start = typeof size === 'number' ? normalizeIndex(index, size) : index;
      const end = start === -1 ? Infinity : start + 1;
      return context.emit('Slice', [x], { axes: [axis], starts: [start], ends: [end], steps: [1] });
    });
    const first = at(parts, 0);
    if (shape.length === 0) context.result(context.emit('Squeeze', [first], { axes: [axis] }));
    else context.result(parts.length === 1 ? first : context.emit('Concat', parts, { axis }));
  },
};
