/** A cache of keys or values with an update written into it. */
import { at, isNumeric, show, type Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { MAX_OPSET, type OnnxOperator } from '../operator.js';

export const tensorScatterOnnx: OnnxOperator = {
  name: 'TensorScatter',
  opsets: [24, MAX_OPSET],
  note: 'known sizes, constant write_indices; mode linear or circular',
  convert(context) {
    const [cache, update] = [context.input(0), context.input(1)];
    const [axis = 0] = context.axes([context.int('axis', -2)], context.rank(cache));
    const mode = context.string('mode', 'linear');
    if (mode !== 'linear' && mode !== 'circular') context.fail(`mode ${JSON.stringify(mode)}`);
    if (axis === 0) context.fail('the axis is that of the batch');
    const [shape, own] = [context.shape(cache), context.shape(update)];
    if (!isNumeric(shape) || !isNumeric(own))
      return context.fail(`the sizes ${show(shape)} and ${show(own)} must be known`);
    const [batch, size, count] = [at(shape, 0), at(shape, axis), at(own, axis)];
    const listed = context.optional(2);
    const starts = listed ? context.constantInts(listed, 'write_indices') : new Array<number>(batch).fill(0);
    if (starts.length !== batch) context.fail(`${starts.length} write_indices for ${batch} rows`);
    const both = context.emit('Concat', [cache, update], { axis });
    const written = (value: Value, start: number): Value => {
      if (start < 0 || count > size || (mode === 'linear' && start + count > size))
        context.fail(`${count} elements from ${start} on do not fit into ${size}`);
      const indices = Array.from({ length: size }, (_, i) => i);
      for (let i = 0; i < count; i++) indices[(start + i) % size] = size + i;
      return context.emit('Take', [value], { axis, indices, shape: [size] });
    };
    const [first = 0] = starts;
    if (starts.every((start) => start === first)) return context.result(written(both, first));
    context.result(byRow(context, both, (row, b) => written(row, at(starts, b)), batch));
  },
};

/** What is made of each row of the batch. */
function byRow(context: NodeContext, x: Value, make: (row: Value, b: number) => Value, batch: number): Value {
  const rows = Array.from({ length: batch }, (_, b) =>
    make(context.emit('Slice', [x], { axes: [0], starts: [b], ends: [b + 1], steps: [1] }), b),
  );
  return context.emit('Concat', rows, { axis: 0 });
}
