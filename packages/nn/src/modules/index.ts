/** Modules. */
export * from './activations.js';
export { MultiheadAttention, type MultiheadAttentionOptions } from './attention.js';
export { BatchNorm1d, BatchNorm2d, type BatchNormOptions } from './batch-norm.js';
export * from './containers.js';
export { Conv1d, type Conv1dModuleOptions, Conv2d, type Conv2dModuleOptions } from './conv.js';
export {
  ConvTranspose1d,
  type ConvTranspose1dModuleOptions,
  ConvTranspose2d,
  type ConvTranspose2dModuleOptions,
} from './conv-transpose.js';
export { Dropout, Dropout2d } from './dropout.js';
export { Embedding, type EmbeddingOptions } from './embedding.js';
export { Flatten } from './flatten.js';
export { Lambda } from './lambda.js';
export { Linear, type LinearOptions } from './linear.js';
export { GroupNorm, type GroupNormOptions, LayerNorm, type LayerNormOptions } from './norms.js';
export { ConstantPad1d, ConstantPad2d } from './padding.js';
export * from './pools.js';
export type { Pair } from './sizes.js';
