/** Part of a value along some axes. Bounds follow ONNX: negative ones count from the end, all are clamped. */
import type { OpenInts } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const sliceOnnx: OnnxOperator = {
  name: 'Slice',
  opsets: ALL_OPSETS,
  note: 'bounds constant or computed from shapes; constant axes and steps, also negative ones',
  convert(context) {
    const x = context.input(0);
    const rank = context.rank(x);
    const { starts, ends, listedAxes, listedSteps } =
      context.opset < 10 ? readAttributes(context) : readInputs(context);
    const listed = listedAxes ?? Array.from({ length: starts.length }, (_, axis) => axis);
    context.axes(listed, rank);
    const axes = listed.map((axis) => (axis < 0 ? axis + rank : axis));
    const steps = listedSteps ?? axes.map(() => 1);
    context.result(context.emit('Slice', [x], { axes, starts, ends, steps }));
  },
};

interface SliceArguments {
  readonly starts: OpenInts;
  readonly ends: OpenInts;
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
