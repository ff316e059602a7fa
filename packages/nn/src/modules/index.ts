/** Modules. */
export * from './activations.js';
export {
  Conv1d,
  type Conv1dModuleOptions,
  Conv2d,
  type Conv2dModuleOptions,
  type Pair,
} from './conv.js';
export { Flatten } from './flatten.js';
export { Lambda } from './lambda.js';
export { Linear, type LinearOptions } from './linear.js';
