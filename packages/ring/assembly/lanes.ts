// Shared by kernels that read bit planes beside words; exports nothing to the outside.

/** All ones in the lanes whose bit is set: lane 0 is bit 0, lane 1 is bit 1. */
// @ts-ignore: decorator
@inline
export function twoBits(word: u64): v128 {
  const position = i64x2(1, 2);
  return i64x2.eq(v128.and(i64x2.splat(word), position), position);
}
