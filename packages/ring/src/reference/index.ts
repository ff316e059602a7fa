// Plain TypeScript versions of all kernels: slow, and short enough to be trusted. Tests hold the kernels to them.
export * from './bit-program.js';
export * from './chacha.js';
export * from './combine.js';
export * from './conv.js';
export * from './elementwise.js';
export * from './exponential.js';
export * from './fixed-point.js';
export * from './matmul.js';
export * from './packing.js';
export * from './shapes.js';
export * from './sines.js';
export * from './word.js';
export * from './wraps.js';
