// ChaCha keystream, RFC 8439 layout (96-bit nonce, 32-bit block counter), a multiple of four rounds.
// Four blocks at once, one in each 32-bit lane; the sixteen words of the state are sixteen vectors.

// mixN: exclusive or, then a rotation by N bits. Rotations by whole bytes are swizzles with a constant, one
// instruction; engines build the immediate of a shuffle anew each time.

// @ts-ignore: decorator
@inline
function mix16(x: v128, y: v128): v128 {
  return i8x16.swizzle(v128.xor(x, y), i8x16(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
}

// @ts-ignore: decorator
@inline
function mix12(x: v128, y: v128): v128 {
  const z = v128.xor(x, y);
  return v128.or(i32x4.shl(z, 12), i32x4.shr_u(z, 20));
}

// @ts-ignore: decorator
@inline
function mix8(x: v128, y: v128): v128 {
  return i8x16.swizzle(v128.xor(x, y), i8x16(3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14));
}

// @ts-ignore: decorator
@inline
function mix7(x: v128, y: v128): v128 {
  const z = v128.xor(x, y);
  return v128.or(i32x4.shl(z, 7), i32x4.shr_u(z, 25));
}

// What becomes of the keystream. All but STORE save a pass over memory to those who would add it to something next.
const STORE = 0;
const ADD = 1;
const SUBTRACT = 2;
const ADD_TWICE = 3;
const SUBTRACT_HALVES = 4;
const XOR = 5;

// @ts-ignore: decorator
@inline
function put(mode: i32, out: usize, x: v128): void {
  if (mode == STORE) v128.store(out, x);
  else if (mode == ADD) v128.store(out, i64x2.add(v128.load(out), x));
  else if (mode == SUBTRACT) v128.store(out, i64x2.sub(v128.load(out), x));
  else if (mode == ADD_TWICE) v128.store(out, i64x2.add(v128.load(out), i64x2.add(x, x)));
  else if (mode == SUBTRACT_HALVES) v128.store(out, i32x4.sub(v128.load(out), x));
  else v128.store(out, v128.xor(v128.load(out), x));
}

/** Adds the input words to four rows, turns lanes into blocks and puts one quarter of each block. */
// @ts-ignore: decorator
@inline
function putRows(
  mode: i32, out: usize, state: usize, row: usize, counters: v128, a: v128, b: v128, c: v128, d: v128,
): void {
  a = i32x4.add(i32x4.add(a, v128.load32_splat(state + row)), counters);
  b = i32x4.add(b, v128.load32_splat(state + row, 4));
  c = i32x4.add(c, v128.load32_splat(state + row, 8));
  d = i32x4.add(d, v128.load32_splat(state + row, 12));
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const AB = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const CD = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  put(mode, out + row, v128.shuffle<i64>(ab, cd, 0, 2));
  put(mode, out + row + 64, v128.shuffle<i64>(ab, cd, 1, 3));
  put(mode, out + row + 128, v128.shuffle<i64>(AB, CD, 0, 2));
  put(mode, out + row + 192, v128.shuffle<i64>(AB, CD, 1, 3));
}

/** In the work space: the columns 1 to 3 of the state after the first round. */
const FIRST: usize = 64;
/** In the work space: blocks of which not all is wanted. */
const LAST: usize = 128;

/** The first round of a column that does not hold the counter: the same in all blocks. */
function firstRound(state: usize, column: usize): void {
  state += column << 2;
  let a = load<u32>(state), b = load<u32>(state, 16), c = load<u32>(state, 32), d = load<u32>(state, 48);
  a += b; d = rotl<u32>(d ^ a, 16);
  c += d; b = rotl<u32>(b ^ c, 12);
  a += b; d = rotl<u32>(d ^ a, 8);
  c += d; b = rotl<u32>(b ^ c, 7);
  store<u32>(state, a, FIRST);
  store<u32>(state, b, FIRST + 16);
  store<u32>(state, c, FIRST + 32);
  store<u32>(state, d, FIRST + 48);
}

/** Makes 256 bytes, the blocks of the counters in the state and the three after it. Columns 1 to 3 have had their first
 *  round (6 % of the work of twelve). Rounds alternate between columns and diagonals. */
// @ts-ignore: decorator
@inline
function fourBlocks(mode: i32, out: usize, state: usize, rounds: i32): void {
  const lane = i32x4(0, 1, 2, 3);
  const zero = i32x4.splat(0);
  let x0 = v128.load32_splat(state, 0);
  let x1 = v128.load32_splat(state, FIRST + 4);
  let x2 = v128.load32_splat(state, FIRST + 8);
  let x3 = v128.load32_splat(state, FIRST + 12);
  let x4 = v128.load32_splat(state, 16);
  let x5 = v128.load32_splat(state, FIRST + 20);
  let x6 = v128.load32_splat(state, FIRST + 24);
  let x7 = v128.load32_splat(state, FIRST + 28);
  let x8 = v128.load32_splat(state, 32);
  let x9 = v128.load32_splat(state, FIRST + 36);
  let x10 = v128.load32_splat(state, FIRST + 40);
  let x11 = v128.load32_splat(state, FIRST + 44);
  let x12 = i32x4.add(v128.load32_splat(state, 48), lane);
  let x13 = v128.load32_splat(state, FIRST + 52);
  let x14 = v128.load32_splat(state, FIRST + 56);
  let x15 = v128.load32_splat(state, FIRST + 60);
  x0 = i32x4.add(x0, x4);
  x12 = mix16(x12, x0);
  x8 = i32x4.add(x8, x12);
  x4 = mix12(x4, x8);
  x0 = i32x4.add(x0, x4);
  x12 = mix8(x12, x0);
  x8 = i32x4.add(x8, x12);
  x4 = mix7(x4, x8);
  x0 = i32x4.add(x0, x5); x1 = i32x4.add(x1, x6); x2 = i32x4.add(x2, x7); x3 = i32x4.add(x3, x4);
  x15 = mix16(x15, x0); x12 = mix16(x12, x1); x13 = mix16(x13, x2); x14 = mix16(x14, x3);
  x10 = i32x4.add(x10, x15); x11 = i32x4.add(x11, x12); x8 = i32x4.add(x8, x13); x9 = i32x4.add(x9, x14);
  x5 = mix12(x5, x10); x6 = mix12(x6, x11); x7 = mix12(x7, x8); x4 = mix12(x4, x9);
  x0 = i32x4.add(x0, x5); x1 = i32x4.add(x1, x6); x2 = i32x4.add(x2, x7); x3 = i32x4.add(x3, x4);
  x15 = mix8(x15, x0); x12 = mix8(x12, x1); x13 = mix8(x13, x2); x14 = mix8(x14, x3);
  x10 = i32x4.add(x10, x15); x11 = i32x4.add(x11, x12); x8 = i32x4.add(x8, x13); x9 = i32x4.add(x9, x14);
  x5 = mix7(x5, x10); x6 = mix7(x6, x11); x7 = mix7(x7, x8); x4 = mix7(x4, x9);
  x0 = i32x4.add(x0, x4); x1 = i32x4.add(x1, x5); x2 = i32x4.add(x2, x6); x3 = i32x4.add(x3, x7);
  x12 = mix16(x12, x0); x13 = mix16(x13, x1); x14 = mix16(x14, x2); x15 = mix16(x15, x3);
  x8 = i32x4.add(x8, x12); x9 = i32x4.add(x9, x13); x10 = i32x4.add(x10, x14); x11 = i32x4.add(x11, x15);
  x4 = mix12(x4, x8); x5 = mix12(x5, x9); x6 = mix12(x6, x10); x7 = mix12(x7, x11);
  x0 = i32x4.add(x0, x4); x1 = i32x4.add(x1, x5); x2 = i32x4.add(x2, x6); x3 = i32x4.add(x3, x7);
  x12 = mix8(x12, x0); x13 = mix8(x13, x1); x14 = mix8(x14, x2); x15 = mix8(x15, x3);
  x8 = i32x4.add(x8, x12); x9 = i32x4.add(x9, x13); x10 = i32x4.add(x10, x14); x11 = i32x4.add(x11, x15);
  x4 = mix7(x4, x8); x5 = mix7(x5, x9); x6 = mix7(x6, x10); x7 = mix7(x7, x11);
  x0 = i32x4.add(x0, x5); x1 = i32x4.add(x1, x6); x2 = i32x4.add(x2, x7); x3 = i32x4.add(x3, x4);
  x15 = mix16(x15, x0); x12 = mix16(x12, x1); x13 = mix16(x13, x2); x14 = mix16(x14, x3);
  x10 = i32x4.add(x10, x15); x11 = i32x4.add(x11, x12); x8 = i32x4.add(x8, x13); x9 = i32x4.add(x9, x14);
  x5 = mix12(x5, x10); x6 = mix12(x6, x11); x7 = mix12(x7, x8); x4 = mix12(x4, x9);
  x0 = i32x4.add(x0, x5); x1 = i32x4.add(x1, x6); x2 = i32x4.add(x2, x7); x3 = i32x4.add(x3, x4);
  x15 = mix8(x15, x0); x12 = mix8(x12, x1); x13 = mix8(x13, x2); x14 = mix8(x14, x3);
  x10 = i32x4.add(x10, x15); x11 = i32x4.add(x11, x12); x8 = i32x4.add(x8, x13); x9 = i32x4.add(x9, x14);
  x5 = mix7(x5, x10); x6 = mix7(x6, x11); x7 = mix7(x7, x8); x4 = mix7(x4, x9);
  // Four rounds at a time: at the end of a loop's body the engine shuffles registers.
  for (let r = 4; r < rounds; r += 4) {
    x0 = i32x4.add(x0, x4); x1 = i32x4.add(x1, x5); x2 = i32x4.add(x2, x6); x3 = i32x4.add(x3, x7);
    x12 = mix16(x12, x0); x13 = mix16(x13, x1); x14 = mix16(x14, x2); x15 = mix16(x15, x3);
    x8 = i32x4.add(x8, x12); x9 = i32x4.add(x9, x13); x10 = i32x4.add(x10, x14); x11 = i32x4.add(x11, x15);
    x4 = mix12(x4, x8); x5 = mix12(x5, x9); x6 = mix12(x6, x10); x7 = mix12(x7, x11);
    x0 = i32x4.add(x0, x4); x1 = i32x4.add(x1, x5); x2 = i32x4.add(x2, x6); x3 = i32x4.add(x3, x7);
    x12 = mix8(x12, x0); x13 = mix8(x13, x1); x14 = mix8(x14, x2); x15 = mix8(x15, x3);
    x8 = i32x4.add(x8, x12); x9 = i32x4.add(x9, x13); x10 = i32x4.add(x10, x14); x11 = i32x4.add(x11, x15);
    x4 = mix7(x4, x8); x5 = mix7(x5, x9); x6 = mix7(x6, x10); x7 = mix7(x7, x11);
    x0 = i32x4.add(x0, x5); x1 = i32x4.add(x1, x6); x2 = i32x4.add(x2, x7); x3 = i32x4.add(x3, x4);
    x15 = mix16(x15, x0); x12 = mix16(x12, x1); x13 = mix16(x13, x2); x14 = mix16(x14, x3);
    x10 = i32x4.add(x10, x15); x11 = i32x4.add(x11, x12); x8 = i32x4.add(x8, x13); x9 = i32x4.add(x9, x14);
    x5 = mix12(x5, x10); x6 = mix12(x6, x11); x7 = mix12(x7, x8); x4 = mix12(x4, x9);
    x0 = i32x4.add(x0, x5); x1 = i32x4.add(x1, x6); x2 = i32x4.add(x2, x7); x3 = i32x4.add(x3, x4);
    x15 = mix8(x15, x0); x12 = mix8(x12, x1); x13 = mix8(x13, x2); x14 = mix8(x14, x3);
    x10 = i32x4.add(x10, x15); x11 = i32x4.add(x11, x12); x8 = i32x4.add(x8, x13); x9 = i32x4.add(x9, x14);
    x5 = mix7(x5, x10); x6 = mix7(x6, x11); x7 = mix7(x7, x8); x4 = mix7(x4, x9);
    x0 = i32x4.add(x0, x4); x1 = i32x4.add(x1, x5); x2 = i32x4.add(x2, x6); x3 = i32x4.add(x3, x7);
    x12 = mix16(x12, x0); x13 = mix16(x13, x1); x14 = mix16(x14, x2); x15 = mix16(x15, x3);
    x8 = i32x4.add(x8, x12); x9 = i32x4.add(x9, x13); x10 = i32x4.add(x10, x14); x11 = i32x4.add(x11, x15);
    x4 = mix12(x4, x8); x5 = mix12(x5, x9); x6 = mix12(x6, x10); x7 = mix12(x7, x11);
    x0 = i32x4.add(x0, x4); x1 = i32x4.add(x1, x5); x2 = i32x4.add(x2, x6); x3 = i32x4.add(x3, x7);
    x12 = mix8(x12, x0); x13 = mix8(x13, x1); x14 = mix8(x14, x2); x15 = mix8(x15, x3);
    x8 = i32x4.add(x8, x12); x9 = i32x4.add(x9, x13); x10 = i32x4.add(x10, x14); x11 = i32x4.add(x11, x15);
    x4 = mix7(x4, x8); x5 = mix7(x5, x9); x6 = mix7(x6, x10); x7 = mix7(x7, x11);
    x0 = i32x4.add(x0, x5); x1 = i32x4.add(x1, x6); x2 = i32x4.add(x2, x7); x3 = i32x4.add(x3, x4);
    x15 = mix16(x15, x0); x12 = mix16(x12, x1); x13 = mix16(x13, x2); x14 = mix16(x14, x3);
    x10 = i32x4.add(x10, x15); x11 = i32x4.add(x11, x12); x8 = i32x4.add(x8, x13); x9 = i32x4.add(x9, x14);
    x5 = mix12(x5, x10); x6 = mix12(x6, x11); x7 = mix12(x7, x8); x4 = mix12(x4, x9);
    x0 = i32x4.add(x0, x5); x1 = i32x4.add(x1, x6); x2 = i32x4.add(x2, x7); x3 = i32x4.add(x3, x4);
    x15 = mix8(x15, x0); x12 = mix8(x12, x1); x13 = mix8(x13, x2); x14 = mix8(x14, x3);
    x10 = i32x4.add(x10, x15); x11 = i32x4.add(x11, x12); x8 = i32x4.add(x8, x13); x9 = i32x4.add(x9, x14);
    x5 = mix7(x5, x10); x6 = mix7(x6, x11); x7 = mix7(x7, x8); x4 = mix7(x4, x9);
  }
  putRows(mode, out, state, 0, zero, x0, x1, x2, x3);
  putRows(mode, out, state, 16, zero, x4, x5, x6, x7);
  putRows(mode, out, state, 32, zero, x8, x9, x10, x11);
  putRows(mode, out, state, 48, lane, x12, x13, x14, x15);
}

function storeBlocks(out: usize, state: usize, rounds: i32): void {
  fourBlocks(STORE, out, state, rounds);
}
function addBlocks(out: usize, state: usize, rounds: i32): void {
  fourBlocks(ADD, out, state, rounds);
}
function subtractBlocks(out: usize, state: usize, rounds: i32): void {
  fourBlocks(SUBTRACT, out, state, rounds);
}
function addBlocksTwice(out: usize, state: usize, rounds: i32): void {
  fourBlocks(ADD_TWICE, out, state, rounds);
}
function subtractBlocksInHalves(out: usize, state: usize, rounds: i32): void {
  fourBlocks(SUBTRACT_HALVES, out, state, rounds);
}
function xorBlocks(out: usize, state: usize, rounds: i32): void {
  fourBlocks(XOR, out, state, rounds);
}

/** Writes `bytes` bytes of keystream, or adds them to what is there (STORE ... XOR; whole words then).
 *  `state` holds the sixteen input words followed by 320 bytes of work space; its counter is advanced by the number of
 *  whole groups of four blocks made. */
export function chacha(out: usize, bytes: i32, state: usize, rounds: i32, mode: i32): void {
  for (let column = 1; column < 4; column++) firstRound(state, column);
  while (bytes >= 256) {
    if (mode == STORE) storeBlocks(out, state, rounds);
    else if (mode == ADD) addBlocks(out, state, rounds);
    else if (mode == SUBTRACT) subtractBlocks(out, state, rounds);
    else if (mode == ADD_TWICE) addBlocksTwice(out, state, rounds);
    else if (mode == SUBTRACT_HALVES) subtractBlocksInHalves(out, state, rounds);
    else xorBlocks(out, state, rounds);
    store<u32>(state, load<u32>(state, 48) + 4, 48);
    out += 256;
    bytes -= 256;
  }
  if (bytes > 0) {
    storeBlocks(state + LAST, state, rounds);
    if (mode == STORE) memory.copy(out, state + LAST, bytes);
    else combineWords(mode, out, state + LAST, bytes);
  }
}

function combineWords(mode: i32, out: usize, from: usize, bytes: i32): void {
  for (let at: usize = 0; at < <usize>bytes; at += 8) {
    const x = load<u64>(from + at);
    const old = load<u64>(out + at);
    if (mode == ADD) store<u64>(out + at, old + x);
    else if (mode == SUBTRACT) store<u64>(out + at, old - x);
    else if (mode == ADD_TWICE) store<u64>(out + at, old + 2 * x);
    else if (mode == XOR) store<u64>(out + at, old ^ x);
    else {
      store<u32>(out + at, <u32>old - <u32>x);
      store<u32>(out + at, <u32>(old >> 32) - <u32>(x >> 32), 4);
    }
  }
}
