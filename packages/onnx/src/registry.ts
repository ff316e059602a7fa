/**
 * All operators. To add one: a file under `operators/`, its type in `graph.ts` if it is new to the graph, and a line
 * here; the compiler finds what is missing.
 */
import type { OpName, PublicOpName } from './graph.js';
import { type GraphOperator, MAX_OPSET, MIN_OPSET, type OnnxOperator } from './operator.js';
import { add, addOnnx } from './operators/add.js';
import { affine, batchNormalizationOnnx } from './operators/affine.js';
import { averagePool, averagePoolOnnx } from './operators/average-pool.js';
import { cast, castOnnx } from './operators/cast.js';
import { clip, clipOnnx } from './operators/clip.js';
import { concat, concatOnnx } from './operators/concat.js';
import { constant, constantOnnx } from './operators/constant.js';
import { constantOfShape, constantOfShapeOnnx } from './operators/constant-of-shape.js';
import { conv, convOnnx } from './operators/conv.js';
import { div, divOnnx } from './operators/div.js';
import { dropoutOnnx } from './operators/dropout.js';
import { equal, equalOnnx } from './operators/equal.js';
import { expand, expandOnnx } from './operators/expand.js';
import { flatten, flattenOnnx } from './operators/flatten.js';
import { floor, floorOnnx } from './operators/floor.js';
import { gather, gatherOnnx } from './operators/gather.js';
import { globalAveragePool, globalAveragePoolOnnx } from './operators/global-average-pool.js';
import { identity, identityOnnx } from './operators/identity.js';
import { gemmOnnx, linear } from './operators/linear.js';
import { matMul, matMulOnnx } from './operators/mat-mul.js';
import { maxPool, maxPoolOnnx } from './operators/max-pool.js';
import { mul, mulOnnx } from './operators/mul.js';
import { neg, negOnnx } from './operators/neg.js';
import { pad, padOnnx } from './operators/pad.js';
import { pow, powOnnx } from './operators/pow.js';
import { range, rangeOnnx } from './operators/range.js';
import { reduceMean, reduceMeanOnnx } from './operators/reduce-mean.js';
import { reduceProd, reduceProdOnnx } from './operators/reduce-prod.js';
import { reduceSum, reduceSumOnnx } from './operators/reduce-sum.js';
import { relu, reluOnnx } from './operators/relu.js';
import { reshape, reshapeOnnx } from './operators/reshape.js';
import { shape, shapeOnnx } from './operators/shape.js';
import { sigmoid, sigmoidOnnx } from './operators/sigmoid.js';
import { slice, sliceOnnx } from './operators/slice.js';
import { splitOnnx } from './operators/split.js';
import { square } from './operators/square.js';
import { squeeze, squeezeOnnx } from './operators/squeeze.js';
import { sub, subOnnx } from './operators/sub.js';
import { sumOnnx } from './operators/sum.js';
import { tanh, tanhOnnx } from './operators/tanh.js';
import { transpose, transposeOnnx } from './operators/transpose.js';
import { unsqueeze, unsqueezeOnnx } from './operators/unsqueeze.js';
import { where, whereOnnx } from './operators/where.js';

const GRAPH_OPERATORS: { readonly [Op in OpName]: GraphOperator<Op> } = {
  Add: add,
  Affine: affine,
  AveragePool: averagePool,
  Cast: cast,
  Clip: clip,
  Concat: concat,
  ConstantOfShape: constantOfShape,
  Constant: constant,
  Conv: conv,
  Div: div,
  Equal: equal,
  Expand: expand,
  Flatten: flatten,
  Floor: floor,
  Gather: gather,
  GlobalAveragePool: globalAveragePool,
  Identity: identity,
  Linear: linear,
  MatMul: matMul,
  MaxPool: maxPool,
  Mul: mul,
  Neg: neg,
  Pad: pad,
  Pow: pow,
  Range: range,
  ReduceMean: reduceMean,
  ReduceProd: reduceProd,
  ReduceSum: reduceSum,
  Relu: relu,
  Reshape: reshape,
  Shape: shape,
  Sigmoid: sigmoid,
  Slice: slice,
  Square: square,
  Squeeze: squeeze,
  Sub: sub,
  Tanh: tanh,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
  Where: where,
};

const ONNX_OPERATORS: readonly OnnxOperator[] = [
  addOnnx,
  batchNormalizationOnnx,
  averagePoolOnnx,
  castOnnx,
  clipOnnx,
  concatOnnx,
  constantOfShapeOnnx,
  constantOnnx,
  convOnnx,
  divOnnx,
  dropoutOnnx,
  equalOnnx,
  expandOnnx,
  flattenOnnx,
  floorOnnx,
  gatherOnnx,
  globalAveragePoolOnnx,
  identityOnnx,
  gemmOnnx,
  matMulOnnx,
  maxPoolOnnx,
  mulOnnx,
  negOnnx,
  padOnnx,
  powOnnx,
  rangeOnnx,
  reduceMeanOnnx,
  reduceProdOnnx,
  reduceSumOnnx,
  reluOnnx,
  reshapeOnnx,
  shapeOnnx,
  sigmoidOnnx,
  sliceOnnx,
  splitOnnx,
  squeezeOnnx,
  subOnnx,
  sumOnnx,
  tanhOnnx,
  transposeOnnx,
  unsqueezeOnnx,
  whereOnnx,
];

/** Meaning of an operation of the graph. */
export function graphOperator<Op extends OpName>(op: Op): GraphOperator<Op> {
  return GRAPH_OPERATORS[op];
}

export function isOpName(name: string): name is OpName {
  return Object.hasOwn(GRAPH_OPERATORS, name);
}

const ONNX_BY_NAME: ReadonlyMap<string, OnnxOperator> = new Map(
  ONNX_OPERATORS.map((operator) => [operator.name, operator]),
);

/** How an operator of ONNX is converted; undefined when it is not supported. */
export function onnxOperator(name: string): OnnxOperator | undefined {
  return ONNX_BY_NAME.get(name);
}

const PUBLIC_ONLY: { readonly [Op in PublicOpName]: true } = {
  Constant: true,
  Shape: true,
  Gather: true,
  ConstantOfShape: true,
  Expand: true,
  Cast: true,
  Div: true,
  Floor: true,
  Equal: true,
  Where: true,
  Range: true,
  ReduceProd: true,
};

/** True for operations of shape arithmetic, which take no secret operand (but for Shape). */
export function isPublicOnly(op: OpName): op is PublicOpName {
  return Object.hasOwn(PUBLIC_ONLY, op);
}

export interface OperatorTableRow {
  readonly name: string;
  /** First and last supported version of the operator set. */
  readonly opsets: readonly [number, number];
  readonly note: string;
}

/** What is supported, as a table: ONNX operators by name. */
export function operatorTable(): OperatorTableRow[] {
  return ONNX_OPERATORS.map(({ name, opsets, note }) => ({ name, opsets, note })).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
}

/** The operations that an executor meets in a concrete graph, with what they compute. */
export function graphOperatorTable(): { readonly op: OpName; readonly summary: string }[] {
  return Object.values(GRAPH_OPERATORS)
    .filter(({ op }) => !isPublicOnly(op) && op !== 'Squeeze' && op !== 'Unsqueeze')
    .map(({ op, summary }) => ({ op, summary }));
}

export { MAX_OPSET, MIN_OPSET };
