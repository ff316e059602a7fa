/** A small network for the same labels: one hidden layer, the hinge loss, gradient descent; and its twin in the clear. */
import { type CrypTensor, type LaunchedParty, nn, optim } from 'tacit';
import { uniform } from '../shared/random.js';
import type { Samples } from './data.js';

/** Initial values, the same for the network and for its twin. Those that nobody knows: `encrypt(party, { src: 'nobody' })`. */
function initialValues(features: number, hidden: number) {
  const next = uniform(3);
  const drawn = (shape: number[], inputs: number) => ({
    shape,
    data: Float64Array.from(
      { length: shape[0] * (shape[1] ?? 1) },
      () => (2 * next() - 1) / Math.sqrt(inputs),
    ),
  });
  return {
    '0.weight': drawn([hidden, features], features),
    '0.bias': drawn([hidden], features),
    '2.weight': drawn([1, hidden], hidden),
    '2.bias': drawn([1], hidden),
  };
}

/** A network [n, features] -> [n, 1], with initial values of party `src`. */
export function network(party: LaunchedParty, features: number, hidden: number, src: number): nn.Sequential {
  return layers(features, hidden)
    .loadState(initialValues(features, hidden))
    .encrypt(party, { src, mode: 'shared' });
}

/** The layers without values. */
export const layers = (features: number, hidden: number): nn.Sequential =>
  new nn.Sequential(new nn.Linear(features, hidden), new nn.ReLU(), new nn.Linear(hidden, 1));

/** Gradient descent on the hinge loss, all samples at once. */
export function trainNetwork(
  model: nn.Module,
  x: CrypTensor,
  y: CrypTensor,
  epochs: number,
  lr: number,
): void {
  const sgd = new optim.SGD(model.parameters(), { lr });
  for (let epoch = 0; epoch < epochs; epoch++) {
    sgd.zeroGrad();
    const loss = model.forward(x).mul(y).neg().add(1).relu().mean();
    loss.backward();
    sgd.step();
  }
}

/** The same in the clear: the rule that it learns, and the values behind it. */
export function networkInTheClear(
  { features, labels }: Samples,
  hidden: number,
  epochs: number,
  lr: number,
): { rule: (x: Float64Array) => number; values: ReturnType<typeof initialValues> } {
  const [inputs, n] = [features[0].length, features.length];
  const start = initialValues(inputs, hidden);
  const [w, b, v, c] = Object.values(start).map(({ data }) => data);
  const layer = (x: Float64Array): Float64Array =>
    Float64Array.from(b, (bias, j) => {
      let sum = bias;
      for (let k = 0; k < inputs; k++) sum += x[k] * w[j * inputs + k];
      return Math.max(sum, 0);
    });
  const output = (h: Float64Array): number => h.reduce((sum, value, j) => sum + value * v[j], c[0]);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const [dw, db, dv] = [w, b, v].map((p) => new Float64Array(p.length));
    let dc = 0;
    features.forEach((x, i) => {
      const h = layer(x);
      if (labels[i] * output(h) >= 1) return;
      dc -= labels[i];
      for (let j = 0; j < hidden; j++) {
        dv[j] -= labels[i] * h[j];
        if (h[j] === 0) continue;
        const pull = -labels[i] * v[j];
        db[j] += pull;
        for (let k = 0; k < inputs; k++) dw[j * inputs + k] += pull * x[k];
      }
    });
    const step = (p: Float64Array, d: Float64Array): void => {
      for (let i = 0; i < p.length; i++) p[i] -= (lr * d[i]) / n;
    };
    step(w, dw);
    step(b, db);
    step(v, dv);
    c[0] -= (lr * dc) / n;
  }
  return { rule: (x) => output(layer(x)), values: start };
}
