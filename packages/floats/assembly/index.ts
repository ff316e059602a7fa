// Kernels in single precision. All pointers are byte offsets into the imported memory; counts are in numbers. Kernels
// keep no state and allocate nothing.
import { GEMM_WORK } from './gemm';

export { convolvePlane, correlatePlane, padPlane } from './depthwise';
export { addAll, clipAll, mulAll, passAbove, passWithin, subAll } from './elementwise';
export { gemm } from './gemm';
export { gatherPatches, scatterPatches } from './patches';
export { affinePlanes, dotPlanes, sumPlanes } from './planes';
export { transposeMatrix } from './transpose';

/** First byte of memory that the kernels do not use themselves. */
export function heapBase(): usize {
  return __heap_base;
}

/** Bytes of work space of a matrix product. */
export function gemmWork(): usize {
  return GEMM_WORK;
}
