/** Joins values along an axis. Local. */
import { ShapeError } from '@tacit/errors';
import type { OperationDefinition } from '../operation/definition.js';
import type { PlainTensor } from '../plain/plain-tensor.js';
import { normalizeAxis } from '../shape/axes.js';
import { at, type Dim, mayEqual, show, sizeOf, UNKNOWN } from '../shape/dims.js';

interface ConcatAttributes {
  readonly axis: number;
}

export const definition: OperationDefinition<'Concat', ConcatAttributes> = {
  op: 'Concat',
  summary: 'joins values along an axis',
  attributes: { axis: 'axis' },
  arity: [1, Infinity],
  moves: true,
  infer(inputs, { axis }) {
    const shape: Dim[] = [...at(inputs, 0)];
    normalizeAxis(axis, shape.length);
    for (const other of inputs.slice(1)) {
      if (other.length !== shape.length || other.some((dim, i) => i !== axis && !mayEqual(dim, at(shape, i))))
        throw new ShapeError(`${show(inputs[0])} and ${show(other)} do not join along axis ${axis}`);
      other.forEach((dim, i) => {
        const mine = at(shape, i);
        if (i === axis) shape[i] = typeof mine === 'number' && typeof dim === 'number' ? mine + dim : UNKNOWN;
        else if (typeof mine === 'string') shape[i] = dim;
      });
    }
    return [shape];
  },
  evaluate: (inputs, { axis }) => [joined(inputs, axis)],
  gradient(k, { inputs, dy: [dy], attributes: { axis } }) {
    let start = 0;
    return inputs.map((x) => {
      const end = start + k.shapeOf(x)[axis];
      const part = k.slice(dy, { axes: [axis], starts: [start], ends: [end], steps: [1] });
      start = end;
      return part;
    });
  },
  examples: [
    {
      shapes: [
        [2, 3],
        [2, 1],
      ],
      attributes: { axis: 1 },
    },
    {
      shapes: [
        [1, 2],
        [2, 2],
        [1, 2],
      ],
      attributes: { axis: 0 },
    },
    { shapes: [[3]], attributes: { axis: 0 } },
    {
      shapes: [
        [0, 2],
        [1, 2],
      ],
      attributes: { axis: 0 },
    },
  ],
};

function joined(inputs: readonly PlainTensor[], axis: number): PlainTensor {
  const [shape] = definition.infer(
    inputs.map((input) => input.shape),
    { axis },
  ) as number[][];
  const data = new Float64Array(sizeOf(shape));
  const rows = sizeOf(shape.slice(0, axis));
  const width = data.length / Math.max(rows, 1);
  let start = 0;
  for (const input of inputs) {
    const part = input.data.length / Math.max(rows, 1);
    for (let row = 0; row < rows; row++)
      data.set(input.data.subarray(row * part, (row + 1) * part), row * width + start);
    start += part;
  }
  return { shape, data };
}
