/** Part of a value along some axes. Bounds follow ONNX: negative ones count from the end, all are clamped. */
import { ModelShapeError } from '../errors.js';
import type { Ints } from '../graph.js';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type GraphOperator, type OnnxOperator } from '../operator.js';
import { gatherStrided, stridesOf } from '../plain-tensor.js';
import { at, mapDim, normalizeAxes, UNKNOWN } from '../shapes.js';

interface Range {
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

/** Bounds within a size. With a negative step, end is -size - 1 for one before the first. */
function resolveRange(size: number, start: number, end: number, step: number): Range {
  if (Number.isNaN(start) || Number.isNaN(end) || !Number.isInteger(step) || step === 0)
    throw new ModelShapeError(`slice from ${start} to ${end} by ${step}`);
  const from = start < 0 ? start + size : start;
  const to = end < 0 ? end + size : end;
  const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);
  const first = step > 0 ? clamp(from, 0, size) : clamp(from, 0, size - 1);
  const last = step > 0 ? clamp(to, 0, size) : clamp(to, -1, size - 1);
  const count = Math.max(0, Math.ceil((last - first) / step));
  return { start: first, end: last < 0 ? -size - 1 : last, count };
}

export const slice: GraphOperator<'Slice'> = {
  op: 'Slice',
  summary: 'Part of a value along some axes',
  attributes: { axes: 'axes', starts: 'public', ends: 'public', steps: 'ints' },
  arity: [1, 1],
  infer(inputs, { axes, starts, ends, steps }) {
    const shape = [...at(inputs, 0)];
    normalizeAxes(axes, shape.length);
    if (starts.length !== axes.length || ends.length !== axes.length || steps.length !== axes.length)
      throw new ModelShapeError('starts, ends, axes and steps of a slice differ in length');
    axes.forEach((axis, i) => {
      shape[axis] =
        Array.isArray(starts) && Array.isArray(ends)
          ? mapDim(
              at(shape, axis),
              (size) => resolveRange(size, at(starts, i), at(ends, i), at(steps, i)).count,
            )
          : UNKNOWN;
    });
    return shape;
  },
  resolve(node, inputs) {
    const { axes, starts, ends, steps } = node.attributes;
    const shape = at(inputs, 0);
    if (!Array.isArray(starts) || !Array.isArray(ends))
      throw new ModelShapeError('the bounds of a slice are not known');
    const ranges = axes.map((axis, i) =>
      resolveRange(at(shape, axis), at(starts, i), at(ends, i), at(steps, i)),
    );
    return {
      ...node,
      attributes: {
        axes,
        starts: ranges.map((range) => range.start),
        ends: ranges.map((range) => range.end),
        steps,
      },
    };
  },
  evaluate(inputs, attributes) {
    const x = at(inputs, 0);
    const shape = slice.infer([x.shape], attributes) as number[];
    const strides = stridesOf(x.shape);
    let start = 0;
    attributes.axes.forEach((axis, i) => {
      start += at(attributes.starts, i) * at(strides, axis);
      strides[axis] = at(strides, axis) * at(attributes.steps, i);
    });
    return gatherStrided(x.data, shape, strides, start);
  },
};

export const sliceOnnx: OnnxOperator = {
  name: 'Slice',
  opsets: ALL_OPSETS,
  note: 'bounds constant or computed from shapes; negative steps on public values only',
  convert(context) {
    const x = context.input(0);
    const rank = context.rank(x);
    const { starts, ends, listedAxes, listedSteps } =
      context.opset < 10 ? readAttributes(context) : readInputs(context);
    const listed = listedAxes ?? Array.from({ length: starts.length }, (_, axis) => axis);
    context.axes(listed, rank);
    const axes = listed.map((axis) => (axis < 0 ? axis + rank : axis));
    const steps = listedSteps ?? axes.map(() => 1);
    if (x.kind === 'secret' && steps.some((step) => step < 0)) context.fail('a negative step on secret data');
    context.result(context.emit('Slice', [x], { axes, starts, ends, steps }));
  },
};

interface SliceArguments {
  readonly starts: Ints<'model'>;
  readonly ends: Ints<'model'>;
  readonly listedAxes: readonly number[] | undefined;
  readonly listedSteps: readonly number[] | undefined;
}

function readAttributes(context: NodeContext): SliceArguments {
  return {
    starts: context.ints('starts') ?? context.fail('starts is missing'),
    ends: context.ints('ends') ?? context.fail('ends is missing'),
    listedAxes: context.ints('axes'),
    listedSteps: undefined,
  };
}

function readInputs(context: NodeContext): SliceArguments {
  const [axes, steps] = [context.optional(3), context.optional(4)];
  return {
    starts: context.publicInts(context.input(1), 'starts'),
    ends: context.publicInts(context.input(2), 'ends'),
    listedAxes: axes && context.constantInts(axes, 'axes'),
    listedSteps: steps && context.constantInts(steps, 'steps'),
  };
}
