/** @packageDocumentation Private machine learning in TypeScript: the public surface of all packages. */

export * from '@tacit/launch';
export {
  BT3,
  BT4,
  defaultConfig,
  type OperationStats,
  type ProtocolConfig,
  type TreeChoice,
  type TreeShape,
} from '@tacit/mpc';
export { optim } from '@tacit/nn';
export * from '@tacit/tables';
export * from '@tacit/tensor';
export * from './errors.js';
export * as nn from './nn.js';
