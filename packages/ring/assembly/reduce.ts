// Sums over the middle axis of an array [outer, length, inner]: acc[o, i] += sum over r of x[o, r, i].

export function sumMiddle(acc: usize, x: usize, outer: i32, length: i32, inner: i32): void {
  if (inner == 1) {
    for (let o = 0; o < outer; o++) {
      let s0: u64 = 0;
      let s1: u64 = 0;
      const whole = x + ((<usize>(length & ~1)) << 3);
      while (x < whole) {
        s0 += load<u64>(x);
        s1 += load<u64>(x, 8);
        x += 16;
      }
      if (length & 1) {
        s0 += load<u64>(x);
        x += 8;
      }
      store<u64>(acc, load<u64>(acc) + s0 + s1);
      acc += 8;
    }
    return;
  }
  const row = (<usize>inner) << 3;
  const pairs = (<usize>(inner & ~1)) << 3;
  for (let o = 0; o < outer; o++) {
    for (let r = 0; r < length; r++) {
      for (let i: usize = 0; i < pairs; i += 16) {
        v128.store(acc + i, i64x2.add(v128.load(acc + i), v128.load(x + i)));
      }
      if (inner & 1) store<u64>(acc + pairs, load<u64>(acc + pairs) + load<u64>(x + pairs));
      x += row;
    }
    acc += row;
  }
}
