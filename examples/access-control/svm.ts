/**
 * A linear support vector machine, three ways: by a formula of its gradient, by autograd, and in the clear in double
 * precision. All are told samples [n, features] and labels [n, 1], which are -1 or 1.
 */
import { type CrypTensor, tidy } from 'tacit';
import { normal } from '../shared/random.js';
import { type Samples, score } from './data.js';

/** Weights [features, 1] and bias [1, 1]. */
export interface Svm {
  readonly w: CrypTensor;
  readonly b: CrypTensor;
}
export interface PlainSvm {
  readonly w: Float64Array;
  readonly b: number;
}

/** The weights that all ways start from. They are public; `party.randn` would give some that nobody knows. */
export function startingPoint(features: number): PlainSvm {
  const next = normal(1);
  return { w: Float64Array.from({ length: features }, next), b: next() };
}

/**
 * Gradient descent by a formula. Where a sample is on the wrong side, the gradient is its negative label, else 0:
 * -y (1 - y s) / 2 for the side s that the model sees. Since y y = 1 that is (s - y) / 2, without a product; and with
 * sides and labels counted as 0 and 1 it is their difference.
 *
 * The samples are masked once; an epoch opens w and the gradient of the scores, which are small, and compares.
 */
export function trainByFormula(x: CrypTensor, y: CrypTensor, start: Svm, epochs: number, lr: number): Svm {
  const [n] = x.shape;
  const label = y.gt(0); // whole numbers, like the sides: their products need no truncation
  let { w, b } = start;
  for (let epoch = 0; epoch < epochs; epoch++)
    ({ w, b } = tidy(x.context, () => {
      const pull = x.matmul(w).add(b).ge(0).sub(label);
      const gradient = x.t().matmul(pull);
      return { w: w.sub(gradient.mul(lr / n)), b: b.sub(pull.sum().mul(lr / n)) };
    }));
  return { w, b };
}

/** Gradient descent by autograd, on the hinge loss: samples with y score < 1 pull. */
export function trainByAutograd(x: CrypTensor, y: CrypTensor, start: Svm, epochs: number, lr: number): Svm {
  let { w, b } = start;
  for (let epoch = 0; epoch < epochs; epoch++)
    ({ w, b } = tidy(x.context, () => {
      w.requiresGrad = b.requiresGrad = true;
      const margin = x.matmul(w).add(b).mul(y);
      margin.neg().add(1).relu().mean().backward();
      const step = (p: CrypTensor): CrypTensor => (p.grad ? p.detach().sub(p.grad.mul(lr)) : p);
      return { w: step(w), b: step(b) };
    }));
  return { w, b };
}

/** The same in the clear: `pull` is how much a sample counts, by its score and label. */
export function trainInTheClear(
  { features, labels }: Samples,
  kind: 'formula' | 'autograd',
  epochs: number,
  lr: number,
): PlainSvm {
  const start = startingPoint(features[0].length);
  const w = Float64Array.from(start.w);
  let { b } = start;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const gradient = new Float64Array(w.length);
    let all = 0;
    features.forEach((x, i) => {
      const margin = labels[i] * score(x, w, b);
      if (margin >= (kind === 'formula' ? 0 : 1)) return;
      for (let k = 0; k < w.length; k++) gradient[k] -= labels[i] * x[k];
      all -= labels[i];
    });
    for (let k = 0; k < w.length; k++) w[k] -= (lr * gradient[k]) / features.length;
    b -= (lr * all) / features.length;
  }
  return { w, b };
}

/** How many scores are on the side of their label: one secret number. */
export const correct = (scores: CrypTensor, labels: CrypTensor): CrypTensor => scores.mul(labels).gt(0).sum();

/** The part of the samples that a rule puts on the right side, in percent. */
export function accuracy({ features, labels }: Samples, rule: (x: Float64Array) => number): number {
  const right = features.filter((x, i) => rule(x) * labels[i] > 0).length;
  return (100 * right) / labels.length;
}
