/** Joins values along an axis. */
import { ModelShapeError } from '../errors.js';
import type { Dim } from '../graph.js';
import { ALL_OPSETS, type GraphOperator, type OnnxOperator } from '../operator.js';
import { at, mayEqual, normalizeAxis, show, sizeOf, UNKNOWN } from '../shapes.js';

export const concat: GraphOperator<'Concat'> = {
  op: 'Concat',
  summary: 'Joins values along an axis',
  attributes: { axis: 'axis' },
  arity: [1, Infinity],
  infer(inputs, { axis }) {
    const shape: Dim[] = [...at(inputs, 0)];
    normalizeAxis(axis, shape.length);
    for (const other of inputs.slice(1)) {
      if (other.length !== shape.length || other.some((dim, i) => i !== axis && !mayEqual(dim, at(shape, i))))
        throw new ModelShapeError(`${show(inputs[0])} and ${show(other)} do not join along axis ${axis}`);
      other.forEach((dim, i) => {
        const mine = at(shape, i);
        if (i === axis) shape[i] = typeof mine === 'number' && typeof dim === 'number' ? mine + dim : UNKNOWN;
        else if (typeof mine === 'string') shape[i] = dim;
      });
    }
    return shape;
  },
  evaluate(inputs, attributes) {
    const shape = concat.infer(
      inputs.map((input) => input.shape),
      attributes,
    ) as number[];
    const data = new Float64Array(sizeOf(shape));
    const rows = sizeOf(shape.slice(0, attributes.axis));
    const width = data.length / Math.max(rows, 1);
    let start = 0;
    for (const input of inputs) {
      const part = input.data.length / Math.max(rows, 1);
      for (let row = 0; row < rows; row++)
        data.set(input.data.subarray(row * part, (row + 1) * part), row * width + start);
      start += part;
    }
    return { shape, data };
  },
};

export const concatOnnx: OnnxOperator = {
  name: 'Concat',
  opsets: ALL_OPSETS,
  note: '',
  convert(context) {
    const listed = context.int('axis', 0);
    if (!context.has('axis')) context.reject('axis is missing');
    const inputs = Array.from({ length: context.inputCount }, (_, index) => context.input(index));
    const rank = context.rank(context.input(0));
    const [axis] = context.axes([listed], rank);
    context.result(context.emit('Concat', inputs, { axis: axis ?? 0 }));
  },
};
