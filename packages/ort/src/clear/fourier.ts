/**
 * The discrete Fourier transform of any length: by factors of two, and by Bluestein's convolution for the rest
 * (L. I. Bluestein, "A linear filtering approach to the computation of discrete Fourier transform", IEEE Trans. Audio
 * Electroacoust. 18, 1970).
 */

/** Complex numbers, real and imaginary parts apart. */
export interface Complex {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

const zeros = (length: number): Complex => ({ re: new Float64Array(length), im: new Float64Array(length) });

/**
 * X_k = sum over j of x_j exp(-2 pi i j k / n), or with +i and divided by n.
 * @param x n numbers, of any n
 * @param inverse whether to transform back
 * @returns n new numbers
 * @example transform({ re: Float64Array.of(1, 1), im: new Float64Array(2) }).re; // 2, 0
 */
export function transform(x: Complex, inverse = false): Complex {
  const n = x.re.length;
  // Back is the transform of the conjugate, conjugated, over n.
  const given = inverse
    ? { re: x.re.slice(), im: x.im.map((v) => -v) }
    : { re: x.re.slice(), im: x.im.slice() };
  const made = n < 2 ? given : (n & (n - 1)) === 0 ? powerOfTwo(given) : bluestein(given);
  if (!inverse) return made;
  return { re: made.re.map((v) => v / n), im: made.im.map((v) => -v / n) };
}

/** In place, for a length that is a power of two. */
function powerOfTwo(x: Complex): Complex {
  const { re, im } = x;
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j], re[i]];
      [im[i], im[j]] = [im[j], im[i]];
    }
  }
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    for (let k = 0; k < half; k++) {
      const angle = (-2 * Math.PI * k) / size;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      for (let at = k; at < n; at += size) {
        const to = at + half;
        const r = re[to] * c - im[to] * s;
        const i = re[to] * s + im[to] * c;
        re[to] = re[at] - r;
        im[to] = im[at] - i;
        re[at] += r;
        im[at] += i;
      }
    }
  }
  return x;
}

function bluestein(x: Complex): Complex {
  const n = x.re.length;
  let size = 1;
  while (size < 2 * n - 1) size *= 2;
  const chirp = zeros(n);
  for (let k = 0; k < n; k++) {
    // k^2 modulo 2n, so that the angle stays exact.
    const angle = (Math.PI * Number((BigInt(k) * BigInt(k)) % BigInt(2 * n))) / n;
    chirp.re[k] = Math.cos(angle);
    chirp.im[k] = Math.sin(angle);
  }
  const a = zeros(size);
  const b = zeros(size);
  for (let k = 0; k < n; k++) {
    a.re[k] = x.re[k] * chirp.re[k] + x.im[k] * chirp.im[k];
    a.im[k] = x.im[k] * chirp.re[k] - x.re[k] * chirp.im[k];
    for (const at of new Set([k, (size - k) % size])) {
      b.re[at] = chirp.re[k];
      b.im[at] = chirp.im[k];
    }
  }
  const [fa, fb] = [powerOfTwo(a), powerOfTwo(b)];
  const product = zeros(size);
  for (let k = 0; k < size; k++) {
    product.re[k] = fa.re[k] * fb.re[k] - fa.im[k] * fb.im[k];
    product.im[k] = fa.re[k] * fb.im[k] + fa.im[k] * fb.re[k];
  }
  const folded = transform(product, true);
  const result = zeros(n);
  for (let k = 0; k < n; k++) {
    result.re[k] = folded.re[k] * chirp.re[k] + folded.im[k] * chirp.im[k];
    result.im[k] = folded.im[k] * chirp.re[k] - folded.re[k] * chirp.im[k];
  }
  return result;
}
