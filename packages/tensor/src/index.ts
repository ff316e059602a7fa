/** @packageDocumentation CrypTensor: the secret-shared tensor that a program holds. */
export * from './cryptensor.js';
export type { Conv1dOptions, ConvOptions } from './ops/linear.js';
export type { MaxPoolOptions } from './ops/max-pool.js';
export type { AveragePoolOptions } from './ops/pooling.js';
export { cat, stack } from './ops/views.js';
export * from './owned-tensor.js';
export * from './party.js';
export * from './plain.js';
export { tidy } from './tidy.js';
