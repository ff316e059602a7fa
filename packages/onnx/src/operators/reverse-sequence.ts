/** Each sequence of a batch turned around, up to its own length. */
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const reverseSequenceOnnx: OnnxOperator = {
  name: 'ReverseSequence',
  opsets: [10, ALL_OPSETS[1]],
  note: 'constant lengths; becomes GatherND',
  convert(context) {
    const x = context.input(0);
    const lengths = context.constantInts(context.input(1), 'sequence_lens');
    const [time, batch] = [context.int('time_axis', 0), context.int('batch_axis', 1)];
    if (time + batch !== 1 || time * batch !== 0) context.fail(`time_axis is ${time}, batch_axis ${batch}`);
    const size = context.shape(x)[time];
    if (typeof size !== 'number') return context.fail(`the size ${size} of axis ${time} must be known`);
    if (context.shape(x)[batch] !== lengths.length)
      context.fail(`${lengths.length} lengths for axis ${batch}`);
    if (!lengths.every((length) => length >= 0 && length <= size))
      context.fail(`lengths [${lengths}] of ${size}`);
    const places = (t: number, b: number) => {
      const length = lengths[b] ?? 0;
      const from = t < length ? length - 1 - t : t;
      return time === 0 ? [from, b] : [b, from];
    };
    const [rows, columns] = time === 0 ? [size, lengths.length] : [lengths.length, size];
    const indices = Array.from({ length: rows * columns }, (_, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      return time === 0 ? places(row, column) : places(column, row);
    }).flat();
    context.result(context.emit('GatherND', [x], { batchDims: 0, indices, shape: [rows, columns, 2] }));
  },
};
