/** Reductions along axes. */
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

type ReduceOp =
  | 'ReduceL1'
  | 'ReduceL2'
  | 'ReduceLogSum'
  | 'ReduceLogSumExp'
  | 'ReduceMax'
  | 'ReduceMean'
  | 'ReduceMin'
  | 'ReduceProd'
  | 'ReduceSum'
  | 'ReduceSumSquare';

/** @param inputSince the opset in which the axes became an input */
export function reductionOnnx(name: ReduceOp, inputSince: number, note = ''): OnnxOperator {
  return {
    name,
    opsets: ALL_OPSETS,
    note,
    convert(context) {
      const keepDims = context.int('keepdims', 1) !== 0;
      const x = context.input(0);
      if (name === 'ReduceMean' && x.type === 'int') context.fail('the mean of integers');
      const listed = readAxes(context, inputSince);
      if (
        listed.length === 0 &&
        context.opset >= inputSince &&
        context.int('noop_with_empty_axes', 0) !== 0
      ) {
        context.result(x);
        return;
      }
      const rank = context.rank(x);
      const axes =
        listed.length === 0 ? Array.from({ length: rank }, (_, axis) => axis) : context.axes(listed, rank);
      context.result(axes.length === 0 ? x : context.emit(name, [x], { axes, keepDims }));
    },
  };
}

function readAxes(context: NodeContext, inputSince: number): readonly number[] {
  if (context.opset < inputSince) return context.ints('axes') ?? [];
  context.ignore('noop_with_empty_axes');
  const input = context.optional(1);
  return input === undefined ? [] : context.constantInts(input, 'axes');
}
