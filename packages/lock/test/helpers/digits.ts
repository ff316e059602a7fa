/** Accuracy of a model on digits, as many of each kind as of any other: whoever always says the same is right in 10 %. */
import { fixtureArray } from '@tacit/testing/fixtures';
import * as ort from 'onnxruntime-web';

export const DIGITS = 10;

/** The first `perDigit` images of each digit, scaled as in training. */
export function digits(perDigit: number): { images: Float64Array; labels: number[]; count: number } {
  const images = fixtureArray('mnist_test_1000/images.npy').data;
  const labels = fixtureArray('mnist_test_1000/labels.npy').data;
  const chosen = Array.from({ length: DIGITS }, (_, digit) =>
    [...labels.keys()].filter((i) => labels[i] === digit).slice(0, perDigit),
  ).flat();
  const data = new Float64Array(chosen.length * 784);
  chosen.forEach((from, to) => {
    for (let p = 0; p < 784; p++) data[to * 784 + p] = images[from * 784 + p] / 255;
  });
  return { images: data, labels: chosen.map((i) => labels[i]), count: chosen.length };
}

/** Where the greatest is; the first place where nothing is greater, as among NaNs. */
export function argMax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

/** The part of the digits that a model names rightly, by onnxruntime, which also runs weights that are not numbers. */
export async function accuracy(
  file: Uint8Array,
  { images, labels, count }: ReturnType<typeof digits>,
): Promise<number> {
  const session = await ort.InferenceSession.create(file);
  const input = new ort.Tensor('float32', Float32Array.from(images), [count, 1, 28, 28]);
  const { [session.outputNames[0]]: output } = await session.run({ [session.inputNames[0]]: input });
  await session.release();
  const data = output.data as Float32Array;
  const right = labels.filter((label, i) => argMax(data.subarray(i * DIGITS, (i + 1) * DIGITS)) === label);
  return right.length / count;
}
