/** Weights after each of three steps, of small networks, against training by hand in double precision. */
import { simulate } from '@tacit/testing/tensors';
import { expect } from 'chai';
import {
  BCEWithLogitsLoss,
  Conv2d,
  CrossEntropyLoss,
  Flatten,
  Linear,
  type Loss,
  type Module,
  MSELoss,
  optim,
  ReLU,
  Sequential,
} from '../../src/index.js';
import {
  classes,
  convolution,
  dense,
  logistic,
  meanSquare,
  noise,
  type PlainLayer,
  type PlainLoss,
  type PlainOptimizer,
  plainAdam,
  plainSGD,
  plainStep,
  rectifier,
} from './plain-training.js';

const BATCH = 4;
const STEPS = 3;
const CLASSES = 3;

interface Network {
  readonly inputShape: readonly number[];
  readonly plain: () => PlainLayer[];
  readonly model: () => Module;
}

export const NETWORKS: Record<string, Network> = {
  MLP: {
    inputShape: [5],
    plain: () => [
      dense(5, 6, noise(30, 1), noise(6, 2)),
      rectifier(),
      dense(6, CLASSES, noise(18, 3), noise(3, 4)),
    ],
    model: () => new Sequential(new Linear(5, 6), new ReLU(), new Linear(6, CLASSES)),
  },
  CNN: {
    inputShape: [1, 5, 5],
    plain: () => [
      convolution(5, 3, 2, noise(18, 1), noise(2, 2)),
      rectifier(),
      dense(18, CLASSES, noise(54, 3, 0.5), noise(3, 4)),
    ],
    model: () => new Sequential(new Conv2d(1, 2, 3), new ReLU(), new Flatten(), new Linear(18, CLASSES)),
  },
};

const oneHot = Float64Array.from({ length: BATCH * CLASSES }, (_, i) =>
  i % CLASSES === Math.floor(i / CLASSES) % CLASSES ? 1 : 0,
);
export const LOSSES: Record<
  string,
  { readonly loss: () => Loss; readonly plain: PlainLoss; readonly t: Float64Array }
> = {
  'cross entropy': { loss: () => new CrossEntropyLoss(), plain: classes, t: oneHot },
  'squared error': { loss: () => new MSELoss(), plain: meanSquare, t: noise(BATCH * CLASSES, 5, 2) },
  'binary cross entropy': { loss: () => new BCEWithLogitsLoss(), plain: logistic, t: oneHot },
};

interface Optimizing {
  readonly plain: () => PlainOptimizer;
  readonly private: (model: Module) => optim.Optimizer;
}
const sgd = (options: optim.SGDOptions): Optimizing => ({
  plain: () => plainSGD(options),
  private: (model) => new optim.SGD(model.parameters(), options),
});
const adam = (options: optim.AdamOptions & { lr: number }): Optimizing => ({
  plain: () => plainAdam(options),
  private: (model) => new optim.Adam(model.parameters(), options),
});
export const OPTIMIZERS: Record<string, Optimizing> = {
  SGD: sgd({ lr: 0.1 }),
  'SGD with momentum': sgd({ lr: 0.1, momentum: 0.9 }),
  'SGD with dampening and weight decay': sgd({ lr: 0.05, momentum: 0.5, dampening: 0.25, weightDecay: 0.1 }),
  'SGD of Nesterov': sgd({ lr: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
  Adam: adam({ lr: 0.01 }),
  'Adam with weight decay': adam({ lr: 0.02, betas: [0.8, 0.99], weightDecay: 0.1 }),
  'Adam with a large eps': adam({ lr: 0.02, eps: 0.01 }),
};

/** Trains in private and by hand, and expects the same weights after each step. */
export async function compare(
  parties: number,
  network: string,
  loss: string,
  optimizer: string,
): Promise<void> {
  const { inputShape, plain, model: make } = NETWORKS[network];
  const { loss: makeLoss, plain: plainLoss, t } = LOSSES[loss];
  const { plain: byHand, private: inPrivate } = OPTIMIZERS[optimizer];
  const width = inputShape.reduce((a, b) => a * b, 1);
  const data = { x: noise(BATCH * width, 6), t, batch: BATCH };
  const layers = plain();
  const initial = layers.flatMap(({ parameters }) => parameters.map((w) => w.slice()));
  const rule = byHand();
  const expected = Array.from({ length: STEPS }, () => {
    const value = plainStep(layers, data, plainLoss, rule);
    return { value, weights: layers.flatMap(({ parameters }) => parameters.map((w) => w.slice())) };
  });
  const { results } = await simulate({ parties }, async (party) => {
    const model = make();
    [...model.parameters()].forEach((parameter, i) => {
      parameter.data = initial[i];
    });
    model.encrypt(party, { src: 0 });
    const own = inPrivate(model);
    const criterion = makeLoss();
    const x = party.cryptensor(data.x, { src: parties - 1, shape: [BATCH, ...inputShape] });
    const target = party.cryptensor(t, { src: 0, shape: [BATCH, CLASSES] });
    const found: { value: number | undefined; weights: Float64Array[] }[] = [];
    for (let step = 0; step < STEPS; step++) {
      own.zeroGrad();
      const made = criterion.forward(model.forward(x), target);
      made.backward();
      own.step();
      const weights = await model.decrypt();
      found.push({ value: await made.item(), weights: Object.values(weights ?? {}).map(({ data }) => data) });
    }
    return found;
  });
  for (const found of results)
    found.forEach(({ value, weights }, step) => {
      expect(value).closeTo(expected[step].value, 2 ** -7);
      expected[step].weights.forEach((w, i) => {
        w.forEach((v, j) => {
          expect(weights[i][j], `${optimizer}, step ${step + 1}, weight ${i}[${j}]`).closeTo(v, 2 ** -9);
        });
      });
    });
}
