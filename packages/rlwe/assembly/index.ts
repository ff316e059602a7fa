// The kernels of CKKS evaluation. Every pointer is a byte address in the one linear memory. A row is `n` 32-bit residues
// modulo one prime below 2^30; n is a power of two from 1024 on. Kernels allocate nothing.
export * from './tables';
export * from './forward';
export * from './inverse';
export * from './rows';
export * from './lift';
export * from './permute';
export * from './dot';
export * from './combine';
export * from './words';
export * from './embedding';

/** First byte that the module itself does not use. */
export function heapBase(): usize {
  return __heap_base;
}
