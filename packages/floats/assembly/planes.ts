// Planes of `size` numbers each, one after the other; the channel of a plane is its number modulo `channels`.

/** out = x * scale of the channel + shift of the channel. `out` may be x. */
export function affinePlanes(
  out: usize, x: usize, scale: usize, shift: usize, planes: i32, channels: i32, size: i32,
): void {
  let channel: usize = 0;
  const channelEnd = (<usize>channels) << 2;
  for (let plane = 0; plane < planes; plane++) {
    const factor = load<f32>(scale + channel);
    const term = load<f32>(shift + channel);
    const factors = f32x4.splat(factor);
    const terms = f32x4.splat(term);
    const whole = out + ((<usize>(size & ~7)) << 2);
    const end = out + ((<usize>size) << 2);
    for (; out < whole; out += 32, x += 32) {
      v128.store(out, f32x4.add(f32x4.mul(v128.load(x), factors), terms));
      v128.store(out, f32x4.add(f32x4.mul(v128.load(x, 16), factors), terms), 16);
    }
    for (; out < end; out += 4, x += 4) store<f32>(out, load<f32>(x) * factor + term);
    channel += 4;
    if (channel == channelEnd) channel = 0;
  }
}

/** Numbers that are added up in single precision before the sum goes on in double precision. */
const RUN = 512;

// @ts-ignore: decorator
@inline
function total(v: v128): f64 {
  return (
    (<f64>f32x4.extract_lane(v, 0) + <f64>f32x4.extract_lane(v, 1)) +
    (<f64>f32x4.extract_lane(v, 2) + <f64>f32x4.extract_lane(v, 3))
  );
}

/** Adds to the double-precision sums of each channel: of x to sums[c]. */
export function sumPlanes(sums: usize, x: usize, planes: i32, channels: i32, size: i32): void {
  for (let plane = 0; plane < planes; plane++) {
    let sum: f64 = 0;
    for (let start = 0; start < size; start += RUN) {
      const count = min(RUN, size - start);
      const whole = x + ((<usize>(count & ~3)) << 2);
      const end = x + ((<usize>count) << 2);
      let part = f32x4.splat(0);
      for (; x < whole; x += 16) part = f32x4.add(part, v128.load(x));
      sum += total(part);
      for (; x < end; x += 4) sum += <f64>load<f32>(x);
    }
    const at = sums + ((<usize>(plane % channels)) << 3);
    store<f64>(at, load<f64>(at) + sum);
  }
}

/** Adds to the double-precision sums of each channel: of x * y to sums[c]. */
export function dotPlanes(sums: usize, x: usize, y: usize, planes: i32, channels: i32, size: i32): void {
  for (let plane = 0; plane < planes; plane++) {
    let sum: f64 = 0;
    for (let start = 0; start < size; start += RUN) {
      const count = min(RUN, size - start);
      const whole = x + ((<usize>(count & ~3)) << 2);
      const end = x + ((<usize>count) << 2);
      let part = f32x4.splat(0);
      for (; x < whole; x += 16, y += 16) part = f32x4.add(part, f32x4.mul(v128.load(x), v128.load(y)));
      sum += total(part);
      for (; x < end; x += 4, y += 4) sum += <f64>load<f32>(x) * <f64>load<f32>(y);
    }
    const at = sums + ((<usize>(plane % channels)) << 3);
    store<f64>(at, load<f64>(at) + sum);
  }
}
