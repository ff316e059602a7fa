/** Test digits through every MNIST model of the fixtures, in private. */
import { runExported } from '@tacit/launch';
import { expect } from 'chai';
import { CLIENT, type Job, type JobResult } from '../programs/models.js';

const DIGIT_MODELS = [
  'mnist_mlp_784_128_128_10',
  'mnist_lenet1_tanh',
  'mnist_lenet1_square',
  'mnist_cnn_bn',
  'mnist_cnn_bn_folded',
];

/** Two parties in threads, the first `inputs` digits: so many predictions are those of plaintext, logits to 0.01. */
export async function expectDigits(inputs: number, agreeing: number): Promise<void> {
  const jobs = DIGIT_MODELS.map((model): Job => ({ model, inputs, mode: 'owned' }));
  const program = new URL('../programs/models.ts', import.meta.url);
  const results = (await runExported({ worldSize: 2, transport: 'threads' }, program, 'runJobs', jobs))[
    CLIENT
  ] as JobResult[];
  expect(results.length).equal(DIGIT_MODELS.length);
  for (const r of results) {
    expect(r.agreeing, `${r.model}: same prediction`).at.least(agreeing);
    expect(r.maxError, `${r.model}: largest error`).at.most(0.01);
  }
}
