/** @packageDocumentation Plain networks in single precision: kernels in WebAssembly as a backend of graphs, and gradients on several threads. Knows nothing of parties. */
export * from './errors.js';
export * from './floats.js';
export * from './loss-gradients.js';
export type { FloatTensor } from './machine.js';
