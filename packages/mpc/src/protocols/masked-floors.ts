/**
 * What the dealer knows of a truncated value: x >> f = (c >> f) + T_s up to one unit, for c = x + r opened mod 2^l and
 * s the top bit of c.
 *
 *     T_s = 2^(l-1-f) (s ^ r_t) - (r' >> f), s = 0, 1          r = r' + 2^(l-1) r_t
 */
import type { Ring, Words } from '@tacit/ring';

/** T_0 and T_1 of a block of masks r (destroyed), in scratch. */
export function maskedFloors(op: { readonly ring: Ring }, r: Words, l: number, f: number): [Words, Words] {
  const { ring } = op;
  const T0 = ring.scratch.words(r.length);
  const T1 = ring.scratch.words(r.length);
  const step = 1n << BigInt(l - 1 - f);
  ring.shrU(T0, r, l - 1);
  ring.maskLow(T0, T0, 1);
  ring.mulScalar(T0, T0, step); // 2^(l-1-f) r_t
  ring.maskLow(r, r, l - 1);
  ring.shrU(r, r, f);
  ring.neg(T1, T0);
  ring.addScalar(T1, T1, step); // 2^(l-1-f) (1 - r_t)
  ring.sub(T0, T0, r);
  ring.sub(T1, T1, r);
  return [T0, T1];
}
