// Functions of each element. `out` may be one of the operands. NaN stays NaN, as in plain arithmetic.

/** out = a + b. */
export function addAll(out: usize, a: usize, b: usize, n: i32): void {
  const whole = out + ((<usize>(n & ~7)) << 2);
  const end = out + ((<usize>n) << 2);
  for (; out < whole; out += 32, a += 32, b += 32) {
    v128.store(out, f32x4.add(v128.load(a), v128.load(b)));
    v128.store(out, f32x4.add(v128.load(a, 16), v128.load(b, 16)), 16);
  }
  for (; out < end; out += 4, a += 4, b += 4) store<f32>(out, load<f32>(a) + load<f32>(b));
}

/** out = a - b. */
export function subAll(out: usize, a: usize, b: usize, n: i32): void {
  const whole = out + ((<usize>(n & ~7)) << 2);
  const end = out + ((<usize>n) << 2);
  for (; out < whole; out += 32, a += 32, b += 32) {
    v128.store(out, f32x4.sub(v128.load(a), v128.load(b)));
    v128.store(out, f32x4.sub(v128.load(a, 16), v128.load(b, 16)), 16);
  }
  for (; out < end; out += 4, a += 4, b += 4) store<f32>(out, load<f32>(a) - load<f32>(b));
}

/** out = a * b. */
export function mulAll(out: usize, a: usize, b: usize, n: i32): void {
  const whole = out + ((<usize>(n & ~7)) << 2);
  const end = out + ((<usize>n) << 2);
  for (; out < whole; out += 32, a += 32, b += 32) {
    v128.store(out, f32x4.mul(v128.load(a), v128.load(b)));
    v128.store(out, f32x4.mul(v128.load(a, 16), v128.load(b, 16)), 16);
  }
  for (; out < end; out += 4, a += 4, b += 4) store<f32>(out, load<f32>(a) * load<f32>(b));
}

/** out = min(max(x, low), high). */
export function clipAll(out: usize, x: usize, n: i32, low: f32, high: f32): void {
  const whole = out + ((<usize>(n & ~7)) << 2);
  const end = out + ((<usize>n) << 2);
  const bottom = f32x4.splat(low);
  const top = f32x4.splat(high);
  for (; out < whole; out += 32, x += 32) {
    v128.store(out, f32x4.min(f32x4.max(v128.load(x), bottom), top));
    v128.store(out, f32x4.min(f32x4.max(v128.load(x, 16), bottom), top), 16);
  }
  for (; out < end; out += 4, x += 4) store<f32>(out, min<f32>(max<f32>(load<f32>(x), low), high));
}

/** out = dy where low <= x <= high, else 0. */
export function passWithin(out: usize, x: usize, dy: usize, n: i32, low: f32, high: f32): void {
  const whole = out + ((<usize>(n & ~3)) << 2);
  const end = out + ((<usize>n) << 2);
  const bottom = f32x4.splat(low);
  const top = f32x4.splat(high);
  for (; out < whole; out += 16, x += 16, dy += 16) {
    const v = v128.load(x);
    const inside = v128.and(f32x4.ge(v, bottom), f32x4.le(v, top));
    v128.store(out, v128.and(v128.load(dy), inside));
  }
  for (; out < end; out += 4, x += 4, dy += 4) {
    const v = load<f32>(x);
    store<f32>(out, v >= low && v <= high ? load<f32>(dy) : 0);
  }
}

/** out = dy where x > low, else 0. */
export function passAbove(out: usize, x: usize, dy: usize, n: i32, low: f32): void {
  const whole = out + ((<usize>(n & ~3)) << 2);
  const end = out + ((<usize>n) << 2);
  const bottom = f32x4.splat(low);
  for (; out < whole; out += 16, x += 16, dy += 16)
    v128.store(out, v128.and(v128.load(dy), f32x4.gt(v128.load(x), bottom)));
  for (; out < end; out += 4, x += 4, dy += 4) store<f32>(out, load<f32>(x) > low ? load<f32>(dy) : 0);
}
