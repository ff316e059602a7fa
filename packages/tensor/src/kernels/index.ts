/** A kernel for every operation that is not composed of others; some composed ones have one that costs less. */
import type { ConcreteOpName } from '@tacit/graph';
import * as addition from './addition.js';
import { conv } from './convolution.js';
import type { PrivateKernel } from './kernel.js';
import { lookup, oneHot } from './lookup.js';
import { matMul } from './matrix-product.js';
import * as multiplication from './multiplication.js';
import * as nonLinear from './non-linear.js';
import { reduceL2 } from './norm.js';
import { topK } from './order.js';
import * as pools from './pools.js';
import * as reductions from './reductions.js';
import { logSoftmax, softmax } from './softmax.js';
import { standardize } from './standardize.js';
import * as views from './views.js';

export const kernels: { readonly [N in ConcreteOpName]?: PrivateKernel<N> } = {
  Abs: nonLinear.abs,
  Add: addition.add,
  ArgMax: reductions.argMax,
  ArgMin: reductions.argMin,
  AveragePool: pools.averagePool,
  Clip: nonLinear.clip,
  Concat: views.concat,
  Conv: conv,
  Cos: nonLinear.cos,
  Div: multiplication.div,
  Equal: nonLinear.equal,
  Erf: nonLinear.erf,
  Exp: nonLinear.exp,
  Expand: views.expand,
  Gelu: nonLinear.gelu,
  GreaterOrEqual: nonLinear.greaterOrEqual,
  InvSqrt: nonLinear.invSqrt,
  Log: nonLinear.log,
  LogSoftmax: logSoftmax,
  Lookup: lookup,
  MatMul: matMul,
  MaxPool: pools.maxPool,
  Mish: nonLinear.mish,
  Mul: multiplication.mul,
  Neg: addition.neg,
  OneHot: oneHot,
  Pad: views.pad,
  Reciprocal: nonLinear.reciprocal,
  ReduceL2: reduceL2,
  ReduceMax: reductions.reduceMax,
  ReduceMean: reductions.reduceMean,
  ReduceMin: reductions.reduceMin,
  ReduceSum: reductions.reduceSum,
  Relu: nonLinear.relu,
  Reshape: views.reshape,
  Sigmoid: nonLinear.sigmoid,
  Sign: nonLinear.sign,
  Floor: nonLinear.floor,
  Silu: nonLinear.silu,
  Sin: nonLinear.sin,
  Slice: views.slice,
  Softmax: softmax,
  Softplus: nonLinear.softplus,
  Sqrt: nonLinear.sqrt,
  Standardize: standardize,
  Sub: addition.sub,
  Take: views.take,
  Tanh: nonLinear.tanh,
  TopK: topK,
  Transpose: views.transpose,
};
