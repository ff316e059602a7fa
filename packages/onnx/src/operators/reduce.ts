/** Reductions along axes: shared by ReduceMean, ReduceSum and ReduceProd. */
import type { Shape } from '../graph.js';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type GraphOperator, type OnnxOperator } from '../operator.js';
import { type PlainTensor, stridesOf, walk } from '../plain-tensor.js';
import { at, normalizeAxes, sizeOf } from '../shapes.js';

type ReduceOp = 'ReduceMean' | 'ReduceSum' | 'ReduceProd';
export type ReduceMode = 'mean' | 'sum' | 'prod';

export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  const reduced = new Set(normalizeAxes(axes, shape.length));
  return shape.flatMap((dim, axis) => (reduced.has(axis) ? (keepDims ? [1] : []) : [dim]));
}

export function reduceAxes(
  x: PlainTensor,
  axes: readonly number[],
  keepDims: boolean,
  mode: ReduceMode,
): PlainTensor {
  const kept = reducedShape(x.shape, axes, true) as number[];
  const strides = stridesOf(kept).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
  const data = new Float64Array(sizeOf(kept)).fill(mode === 'prod' ? 1 : 0);
  walk(x.shape, strides, 0, (position, offset) => {
    const [so, value] = [at(data, offset), at(x.data, position)];
    data[offset] = mode === 'prod' ? so * value : so + value;
  });
  if (mode === 'mean') {
    const count = axes.reduce((size, axis) => size * at(x.shape, axis), 1);
    for (let i = 0; i < data.length; i++) data[i] = at(data, i) / count;
  }
  return { shape: keepDims ? kept : (reducedShape(x.shape, axes, false) as number[]), data };
}

export function reduction<Op extends ReduceOp>(
  op: Op,
  mode: ReduceMode,
  summary: string,
): GraphOperator<ReduceOp> & { readonly op: Op } {
  return {
    op,
    summary,
    attributes: { axes: 'axes', keepDims: 'bool' },
    arity: [1, 1],
    infer: (inputs, { axes, keepDims }) => reducedShape(at(inputs, 0), axes, keepDims),
    evaluate: (inputs, { axes, keepDims }) => reduceAxes(at(inputs, 0), axes, keepDims, mode),
  };
}

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
