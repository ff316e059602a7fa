/**
 * Bounds of a bilinear map f(x, w): with the centre c and the radius r of each, f(c_x, c_w) and beside it at most
 * f(|c_x|, r_w) + f(r_x, |c_w| + r_w) (Rump: "Fast and parallel interval arithmetic", BIT 1999, section 3).
 */
import { exactly, type Interval, spread } from '../../plain/interval.js';
import { map, type PlainTensor, zip } from '../../plain/plain-tensor.js';

export function productBounds(
  x: Interval,
  w: Interval,
  f: (x: PlainTensor, w: PlainTensor) => PlainTensor,
): Interval {
  const [cx, rx] = midAndRadius(spread(x));
  const [cw, rw] = midAndRadius(spread(w));
  const abs = (v: PlainTensor) => map(v, Math.abs);
  const centre = f(cx, cw);
  let radius = f(
    rx,
    zip(abs(cw), rw, (a, b) => a + b),
  );
  if (rw.data.some((v) => v !== 0)) radius = zip(radius, f(abs(cx), rw), (a, b) => a + b);
  return {
    ...exactly(centre),
    low: zip(centre, radius, (c, r) => c - r),
    high: zip(centre, radius, (c, r) => c + r),
  };
}

function midAndRadius({ low, high }: Interval): [PlainTensor, PlainTensor] {
  return [zip(low, high, (a, b) => (a + b) / 2), zip(low, high, (a, b) => (b - a) / 2)];
}
