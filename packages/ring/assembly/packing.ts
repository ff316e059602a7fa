// The low `bits` of every word as a little-endian bit stream, and back. Nothing is written past the end of the
// result: ceil(n * bits / 8) bytes when packing.

// @ts-ignore: decorator
@inline
function low(bits: i32): u64 {
  return bits >= 64 ? ~(<u64>0) : ((<u64>1) << bits) - 1;
}

export function pack(out: usize, words: usize, n: i32, bits: i32): void {
  if (bits == 64) {
    memory.copy(out, words, (<usize>n) << 3);
    return;
  }
  const end = words + ((<usize>n) << 3);
  if (bits == 48) {
    // Four words to 24 bytes: the second store overwrites the four unused bytes of the first.
    while (words + 48 <= end) {
      const a = v128.load(words);
      const b = v128.load(words, 16);
      v128.store(out, i8x16.shuffle(a, b, 0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 16, 17, 18, 19));
      v128.store_lane<u64>(out, i8x16.shuffle(b, b, 4, 5, 8, 9, 10, 11, 12, 13, 0, 0, 0, 0, 0, 0, 0, 0), 0, 16);
      words += 32;
      out += 24;
    }
    for (; words < end; words += 8, out += 6) {
      const w = load<u64>(words);
      store<u32>(out, <u32>w);
      store<u16>(out, <u16>(w >> 32), 4);
    }
    return;
  }
  if (bits == 32) {
    for (; words + 32 <= end; words += 32, out += 16) {
      v128.store(out, v128.shuffle<i32>(v128.load(words), v128.load(words, 16), 0, 2, 4, 6));
    }
    for (; words < end; words += 8, out += 4) store<u32>(out, load<u32>(words));
    return;
  }
  if (bits == 16) {
    for (; words + 32 <= end; words += 32, out += 8) {
      const both = i8x16.shuffle(
        v128.load(words), v128.load(words, 16), 0, 1, 8, 9, 16, 17, 24, 25, 0, 0, 0, 0, 0, 0, 0, 0,
      );
      v128.store_lane<u64>(out, both, 0);
    }
    for (; words < end; words += 8, out += 2) store<u16>(out, load<u16>(words));
    return;
  }
  if (bits == 8) {
    for (; words < end; words += 8, out += 1) store<u8>(out, load<u8>(words));
    return;
  }
  const mask = low(bits);
  let pending: u64 = 0;
  let held = 0;
  for (; words < end; words += 8) {
    const w = load<u64>(words) & mask;
    pending |= w << held;
    held += bits;
    if (held >= 64) {
      store<u64>(out, pending);
      out += 8;
      held -= 64;
      // A shift by bits - held is below 64, since held is at least 1 here or w has nothing left.
      pending = held == 0 ? 0 : w >> (bits - held);
    }
  }
  for (; held > 0; held -= 8, out += 1) {
    store<u8>(out, <u8>pending);
    pending >>= 8;
  }
}

/** One value that starts at bit `position` of the stream, not reading past `end`. */
function readLast(bytes: usize, end: usize, position: u64, mask: u64): u64 {
  const at = bytes + <usize>(position >> 3);
  const skip = <i32>(position & 7);
  let value: u64 = 0;
  for (let i = 0; i < 9 && at + i < end; i++) {
    const shift = i * 8 - skip;
    const byte = <u64>load<u8>(at + i);
    if (shift < 0) value |= byte >> -shift;
    else if (shift < 64) value |= byte << shift;
  }
  return value & mask;
}

// @ts-ignore: decorator
@inline
function put(out: usize, value: u64, mask: u64, accumulate: bool): void {
  store<u64>(out, accumulate ? (load<u64>(out) + value) & mask : value);
}

// @ts-ignore: decorator
@inline
function put2(out: usize, value: v128, mask: v128, accumulate: bool): void {
  v128.store(out, accumulate ? v128.and(i64x2.add(v128.load(out), value), mask) : value);
}

// @ts-ignore: decorator
@inline
function unpackWith(out: usize, bytes: usize, n: i32, bits: i32, accumulate: bool): void {
  const mask = low(bits);
  const mask2 = i64x2.splat(mask);
  const zero = i64x2.splat(0);
  const end = out + ((<usize>n) << 3);
  if (bits == 64) {
    for (; out + 16 <= end; out += 16, bytes += 16) put2(out, v128.load(bytes), mask2, accumulate);
    if (out < end) put(out, load<u64>(bytes), mask, accumulate);
    return;
  }
  if (bits == 48) {
    // Two words from 12 bytes, reading 16: so not the last two.
    for (; out + 32 <= end; out += 16, bytes += 12) {
      const v = i8x16.shuffle(v128.load(bytes), zero, 0, 1, 2, 3, 4, 5, 16, 16, 6, 7, 8, 9, 10, 11, 16, 16);
      put2(out, v, mask2, accumulate);
    }
    for (; out < end; out += 8, bytes += 6) {
      put(out, (<u64>load<u32>(bytes)) | ((<u64>load<u16>(bytes, 4)) << 32), mask, accumulate);
    }
    return;
  }
  if (bits == 32) {
    for (; out + 16 <= end; out += 16, bytes += 8) put2(out, v128.load_ext<u32>(bytes), mask2, accumulate);
    if (out < end) put(out, <u64>load<u32>(bytes), mask, accumulate);
    return;
  }
  if (bits == 16) {
    for (; out < end; out += 8, bytes += 2) put(out, <u64>load<u16>(bytes), mask, accumulate);
    return;
  }
  if (bits == 8) {
    for (; out < end; out += 8, bytes += 1) put(out, <u64>load<u8>(bytes), mask, accumulate);
    return;
  }
  const stop = bytes + <usize>(((<u64>n) * (<u64>bits) + 7) >> 3);
  let position: u64 = 0;
  // Nine bytes hold any value; up to 57 bits, eight do.
  const last = stop - 9;
  const narrow = bits <= 57;
  for (; out < end; out += 8) {
    const at = bytes + <usize>(position >> 3);
    if (at > last) break;
    const skip = position & 7;
    let value = load<u64>(at) >> skip;
    if (!narrow) value |= (<u64>load<u8>(at, 8) << 1) << (63 - skip);
    put(out, value & mask, mask, accumulate);
    position += bits;
  }
  for (; out < end; out += 8) {
    put(out, readLast(bytes, stop, position, mask), mask, accumulate);
    position += bits;
  }
}

export function unpack(out: usize, bytes: usize, n: i32, bits: i32): void {
  unpackWith(out, bytes, n, bits, false);
}

/** acc = (acc + unpacked) mod 2^bits */
export function unpackAdd(acc: usize, bytes: usize, n: i32, bits: i32): void {
  unpackWith(acc, bytes, n, bits, true);
}
