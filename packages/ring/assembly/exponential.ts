// Powers of two of a number x of which only c = x + r is known: a public factor for c, one for r, and what a party makes
// of the two. Integers only, so that all machines compute the same. Numbers are exponents with 16 fraction bits, from bit
// `shift` of the words on: 20 bits are the place in a period of 16, the next one tells two periods apart.

/** With 19/16 added, the periods are those from -16 and from 0: together they reach from -275/16 to 237/16. */
const START: u64 = 19;
/** What 19/16 leaves of 2, in an exponent. */
const REST: u64 = 0xd000;
const PERIOD: u64 = 1 << 20;

/** 2^(p / 2^16) * 2^30, at most 2^-22 of it off, for p < 2^22. */
// @ts-ignore: decorator
@inline
function power(p: u64): u64 {
  const f = p & 0xffff;
  let y: u64 = 2033403;
  y = 9609550 + ((y * f) >> 16);
  y = 59979580 + ((y * f) >> 16);
  y = 257850314 + ((y * f) >> 16);
  y = 744268966 + ((y * f) >> 16);
  return ((<u64>1 << 30) + ((y * f) >> 16)) << (p >> 16);
}

/** All ones where a plane has the bit of an element. */
// @ts-ignore: decorator
@inline
function mask(plane: usize, i: i32): u64 {
  return 0 - (<u64>(load<u8>(plane + (<usize>(i >>> 3))) >> (<u8>(i & 7))) & 1);
}

/** A share of b a, where e = b ^ beta is a mask: e ? a - ba : ba, ba being a share of beta a. */
// @ts-ignore: decorator
@inline
function select(e: u64, a: u64, ba: u64): u64 {
  return (a & e) + ((ba ^ e) - e);
}

/**
 * A share of 2^46 (inside * 2^x + above * 2^15). Planes of e: the masked bits inside, above, and wrapped, which says that
 * the mask is further in its period than c. `dealt` and `above` are shares of what exponentialMasks makes.
 */
export function exponentialCombine(
  out: usize, c: usize, e: usize, planeBytes: usize, dealt: usize, above: usize, n: i32, shift: i32, first: i32,
): void {
  const stride = (<usize>n) << 3;
  const one: u64 = first ? 1 : 0;
  const start = START << (<u64>(shift + 12));
  for (let i = 0; i < n; i++) {
    const at = (<usize>i) << 3;
    const p = (load<u64>(c + at) + start) >> (<u64>shift);
    const high = power((p & (PERIOD - 1)) + REST);
    const odd = p & PERIOD ? stride << 2 : 0;
    const same = dealt + at + odd;
    const other = dealt + at + (stride << 2) - odd;
    const inside = mask(e, i);
    const near = select(inside, load<u64>(same), load<u64>(same + stride));
    const far = select(inside, load<u64>(other), load<u64>(other + stride));
    const insideWrapped = select(inside, load<u64>(other + 2 * stride), load<u64>(other + 3 * stride));
    const up = select(mask(e + 2 * planeBytes, i), far, insideWrapped);
    const beyond = select(mask(e + planeBytes, i), one, <u64>load<u32>(above + (at >> 1)));
    const middle = (high + (<u64>1 << 15)) >> 16;
    const low = (high + (<u64>1 << 31)) >> 32;
    const sum = middle * near + low * far + (high - low) * up;
    store<u64>(out + at, sum + (beyond << 61));
  }
}

/**
 * What exponentialCombine needs of masks r and of the bits beta (planes as those of e). Eight runs of n words: 2^30 / 2^r,
 * the same where beta is set for inside, for wrapped, for both; all that for each period, 0 where r is in the
 * other one. And beta for above, in n 32-bit numbers.
 */
export function exponentialMasks(
  out: usize, above: usize, r: usize, beta: usize, planeBytes: usize, n: i32, shift: i32,
): void {
  const stride = (<usize>n) << 3;
  for (let i = 0; i < n; i++) {
    const at = (<usize>i) << 3;
    const p = load<u64>(r + at) >> (<u64>shift);
    const value = (power(PERIOD - (p & (PERIOD - 1))) + (1 << 15)) >> 16;
    const inside = mask(beta, i);
    const wrapped = mask(beta + 2 * planeBytes, i);
    const odd = p & PERIOD ? ~(<u64>0) : 0;
    let to = out + at;
    for (let period: u64 = 0; period < 2; period++) {
      const v = value & (period ? odd : ~odd);
      store<u64>(to, v);
      store<u64>(to + stride, v & inside);
      store<u64>(to + 2 * stride, v & wrapped);
      store<u64>(to + 3 * stride, v & wrapped & inside);
      to += stride << 2;
    }
    store<u32>(above + (at >> 1), <u32>(mask(beta + planeBytes, i) & 1));
  }
  if (n & 1) store<u32>(above + ((<usize>n) << 2), 0);
}
