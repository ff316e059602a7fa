// The kernels of Z_2^64. Every pointer is a byte address in the one linear memory; every count is in 64-bit
// words unless the name says bytes. Kernels allocate nothing: the caller passes work space.
export * from './elementwise';
export * from './fused';
export * from './combine';
export * from './floors';
export * from './wraps';
export * from './strided';
export * from './reduce';
export * from './packing';
export * from './fixed-point';
export * from './chacha';
export * from './planes';
export * from './bit-program';
export * from './sines';
export * from './exponential';
export * from './gemm';
export * from './strassen';
export * from './conv';

/** First byte that the module itself does not use. */
export function heapBase(): usize {
  return __heap_base;
}
