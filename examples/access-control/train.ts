/** What three of the scenarios have in common once the data are shared: three models, their accuracy, their twins. */
import type { CrypTensor, LaunchedParty } from 'tacit';
import { type Problem, score } from './data.js';
import { network, networkInTheClear, trainNetwork } from './network.js';
import { accuracy, correct, startingPoint, trainByAutograd, trainByFormula, trainInTheClear } from './svm.js';

const ALICE = 0;
const EPOCHS = 25;
const HIDDEN = 8;
/** Learning rates. */
const SVM_RATE = 4;
const NETWORK_RATE = 0.5;

/** Secret samples [n, features] and labels [n, 1], to learn from and to try. */
export interface SecretProblem {
  readonly x: CrypTensor;
  readonly y: CrypTensor;
  readonly testX: CrypTensor;
  readonly testY: CrypTensor;
}

/** A model's accuracy on the test samples in percent, and the milliseconds of an epoch. */
export interface Result {
  readonly name: string;
  readonly accuracy: number;
  readonly ms: number;
}

/** Trains all models. What is revealed: for each of them, to all parties, how many test samples it gets right. */
export async function trainAll(party: LaunchedParty, problem: SecretProblem): Promise<Result[]> {
  const { x, y, testX, testY } = problem;
  const features = x.shape[1];
  // Masked once, here; an epoch opens only what is new.
  await Promise.all([x, y, testX, testY].map((tensor) => tensor.masked()));
  const start = startingPoint(features);
  const svm = () => ({
    w: party.cryptensor(start.w, { src: ALICE, shape: [features, 1] }),
    b: party.cryptensor([[start.b]], { src: ALICE }),
  });
  const results: Result[] = [];
  const report = async (name: string, ms: number, scores: CrypTensor): Promise<void> => {
    const right = (await correct(scores, testY).item()) ?? 0;
    results.push({ name, accuracy: (100 * right) / testY.size, ms });
  };
  for (const [name, train] of [
    ['SVM by formula', trainByFormula],
    ['SVM by autograd', trainByAutograd],
  ] as const) {
    const began = performance.now();
    const { w, b } = train(x, y, svm(), EPOCHS, SVM_RATE);
    await w.masked(); // training is over when its result is there
    await report(name, (performance.now() - began) / EPOCHS, testX.matmul(w).add(b));
  }
  const began = performance.now();
  const model = network(party, features, HIDDEN, ALICE);
  trainNetwork(model, x, y, EPOCHS, NETWORK_RATE);
  await model.prepare();
  await report('network', (performance.now() - began) / EPOCHS, model.forward(testX));
  return results;
}

/** The accuracies of the same models in the clear, in the order of `trainAll`. Who runs this sees all data. */
export function twins({ train, test }: Problem): number[] {
  const svms = (['formula', 'autograd'] as const).map((kind) => {
    const { w, b } = trainInTheClear(train, kind, EPOCHS, SVM_RATE);
    return accuracy(test, (x) => score(x, w, b));
  });
  return [...svms, accuracy(test, networkInTheClear(train, HIDDEN, EPOCHS, NETWORK_RATE).rule)];
}

/** Prints private models beside their twins. */
export function compare(results: readonly Result[], inTheClear: readonly number[]): void {
  results.forEach(({ name, accuracy, ms }, i) => {
    const [here, there] = [accuracy, inTheClear[i]].map((percent) => percent.toFixed(1));
    console.log(
      `${name}: ${here} % right, in the clear ${there} %, ${(ms / 1000).toFixed(4)} seconds an epoch`,
    );
  });
  const apart = Math.max(...results.map(({ accuracy }, i) => Math.abs(accuracy - inTheClear[i])));
  console.log('within one point of each other:', apart <= 1);
  console.log(`revealed to both: ${results.length} numbers, how many test samples each model gets right`);
}
