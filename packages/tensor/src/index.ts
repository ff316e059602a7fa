/** @packageDocumentation CrypTensor: the secret tensor that a program holds. */
export type {
  AveragePool1dOptions,
  AveragePoolOptions,
  Conv1dOptions,
  ConvOptions,
  ConvTranspose1dOptions,
  ConvTransposeOptions,
  CumSumOptions,
  Indices,
  LookupOptions,
  MaxPoolOptions,
  PadOptions,
  Pool1dOptions,
  SortOptions,
} from '@tacit/graph';
export { GradientError } from './autograd/backward.js';
export { noGrad } from './autograd/no-grad.js';
export { BinaryTensor } from './binary-tensor.js';
export * from './cat-stack-where.js';
export type { Context, Tracked } from './context.js';
export {
  backendValue,
  CrypTensor,
  isEncryptedTensor,
  type Operand,
} from './cryptensor.js';
export type { DropoutOptions } from './dropout.js';
export { FixedPoint } from './fixed-point/fixed-point.js';
export { type ConstantTerm, featuresPrecise, Precision } from './fixed-point/precision.js';
export { OwnedTensor, type WeightScales } from './owned-tensor.js';
export * from './party.js';
export * from './plain-input.js';
export { type PrivateValue, secretOf } from './private-value.js';
export { tidy } from './tidy.js';
export { Twin, TwinError } from './twin.js';
