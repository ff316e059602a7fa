/** Shared by the elementwise operators: one line each in their files. */
import type { OpName } from '../graph.js';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type GraphOperator, type OnnxOperator } from '../operator.js';
import { map, zip } from '../plain-tensor.js';
import { at, broadcast } from '../shapes.js';

export type UnaryOp = 'Relu' | 'Tanh' | 'Sigmoid' | 'Square' | 'Neg' | 'Floor' | 'Identity';
export type BinaryOp = 'Add' | 'Sub' | 'Mul' | 'Equal';

/** A function of each element. */
export function unary<Op extends OpName & UnaryOp>(
  op: Op,
  summary: string,
  compute: (x: number) => number,
): GraphOperator<Op> {
  return {
    op,
    summary,
    // None of these operations has attributes.
    attributes: {} as GraphOperator<Op>['attributes'],
    arity: [1, 1],
    infer: (inputs) => at(inputs, 0),
    evaluate: (inputs) => map(at(inputs, 0), compute),
  };
}

/** A function of two elements, with broadcasting. */
export function binary<Op extends OpName & BinaryOp>(
  op: Op,
  summary: string,
  compute: (x: number, y: number) => number,
): GraphOperator<Op> {
  return {
    op,
    summary,
    attributes: {} as GraphOperator<Op>['attributes'],
    arity: [2, 2],
    infer: (inputs) => broadcast(at(inputs, 0), at(inputs, 1)),
    evaluate: (inputs) => zip(at(inputs, 0), at(inputs, 1), compute),
  };
}

/** An ONNX operator that is the graph's operation of the same name. */
export function sameName(name: UnaryOp | BinaryOp, note: string, inputs: 1 | 2): OnnxOperator {
  return {
    name,
    opsets: ALL_OPSETS,
    note,
    convert(context: NodeContext) {
      const operands = Array.from({ length: inputs }, (_, index) => context.input(index));
      context.result(context.emit(name, operands, {}, name === 'Equal' ? 'bool' : undefined));
    },
  };
}
