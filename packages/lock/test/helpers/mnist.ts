/** Digits as the trained networks take them, and what onnxruntime makes of them. */
import { fixtureArray } from '@tacit/testing/fixtures';
import * as ort from 'onnxruntime-web';
import type { LabelledData } from '../../src/index.js';
import { argMax, DIGITS } from './digits.js';

/** Some of the 1,000 test digits. */
export function digitsFrom(start: number, count: number): LabelledData {
  const images = fixtureArray('mnist_test_1000/images.npy').data.subarray(start * 784, (start + count) * 784);
  const labels = fixtureArray('mnist_test_1000/labels.npy').data.subarray(start, start + count);
  return {
    images: { shape: [count, 28, 28], data: images.map((pixel) => pixel / 255) },
    labels: { shape: [count], data: labels },
  };
}

/** The part of the digits that a model names rightly, in batches where it takes no other number. */
export async function accuracyOf(file: Uint8Array, { images, labels }: LabelledData): Promise<number> {
  const session = await ort.InferenceSession.create(file);
  const declared = (session.inputMetadata[0] as { shape?: readonly unknown[] }).shape?.[0];
  const count = labels.data.length;
  const batch = typeof declared === 'number' ? declared : count;
  let right = 0;
  for (let start = 0; start < count; start += batch) {
    const data = new Float32Array(batch * 784);
    for (let i = 0; i < Math.min(batch, count - start) * 784; i++) data[i] = images.data[start * 784 + i];
    const input = new ort.Tensor('float32', data, [batch, 1, 28, 28]);
    const { [session.outputNames[0]]: output } = await session.run({ [session.inputNames[0]]: input });
    const scores = output.data as Float32Array;
    for (let i = 0; i < Math.min(batch, count - start); i++)
      if (argMax(scores.subarray(i * DIGITS, (i + 1) * DIGITS)) === Number(labels.data[start + i])) right++;
  }
  await session.release();
  return right / count;
}
