/** The main job on real input: trained models, real digits, the real protocol stack, both transports. */
import { runExported } from '@tacit/launch';
import { MODELS } from '@tacit/testing/fixtures';
import { expect } from 'chai';
import { expectDigits } from './helpers/digits.js';
import { CLIENT, type Job, type JobResult } from './programs/models.js';

const program = new URL('./programs/models.ts', import.meta.url);

async function run(worldSize: number, transport: 'threads' | 'ws', jobs: Job[]): Promise<JobResult[]> {
  const results = await runExported({ worldSize, transport }, program, 'runJobs', jobs);
  return results[CLIENT] as JobResult[];
}

const expectAccurate = (results: JobResult[], models: readonly string[]) => {
  expect(results.map((r) => r.model)).deep.equal([...models]);
  for (const r of results) {
    expect(r.maxError, `${r.model}: largest error`).at.most(0.01);
    expect(r.agreeing, `${r.model}: same prediction`).equal(r.inputs);
  }
};
const stored = (models: readonly string[], mode: Job['mode']): Job[] =>
  models.map((model) => ({ model, inputs: 'stored', mode }));

describe('fixture models', function () {
  this.timeout(180_000);

  for (const transport of ['threads', 'ws'] as const)
    it(`all eight, their stored inputs, within 0.01 of plaintext (${transport}, model-owner mode)`, async () => {
      expectAccurate(await run(2, transport, stored(MODELS, 'owned')), MODELS);
    });

  it('all eight with secret-shared weights (threads)', async () => {
    expectAccurate(await run(2, 'threads', stored(MODELS, 'shared')), MODELS);
  });

  for (const transport of ['threads', 'ws'] as const)
    it(`one model among three parties, in both modes (${transport})`, async () => {
      const model = ['mnist_cnn_bn'];
      expectAccurate(await run(3, transport, [...stored(model, 'owned'), ...stored(model, 'shared')]), [
        ...model,
        ...model,
      ]);
    });

  it('200 test digits, every MNIST model: the plaintext prediction on at least 199', () =>
    expectDigits(200, 199));
});
