/** Encrypted numbers in BFV. */
export { Bfv, type BfvOptions, type DecryptOptions, type Operand } from './bfv.js';
export type {
  MultiplicationDepth,
  MultiplicationDepthOptions,
  MultiplicationStep,
} from './multiplication-depth.js';
