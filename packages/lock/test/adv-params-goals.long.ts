/** What locks by AdvParams have to reach on trained networks: 500 digits for gradients, 500 others for accuracy. */
import { createHash } from 'node:crypto';
import { fixtureBytes } from '@tacit/testing/fixtures';
import { expect } from 'chai';
import { lockAdvParams, unlockAdvParams } from '../src/index.js';
import { accuracyOf, digitsFrom } from './helpers/mnist.js';
import { randomLocks } from './helpers/random-locks.js';

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('locks by AdvParams on trained networks', function () {
  this.timeout(1_200_000);

  for (const name of ['mnist_lenet1_tanh', 'mnist_lenet1_square', 'mnist_cnn_bn'])
    it(`leave ${name} 15 % of right answers at most, by 100 changed weights at most`, async () => {
      const model = fixtureBytes(`${name}/model.onnx`);
      const evaluation = digitsFrom(500, 500);
      const { locked, key, report } = await lockAdvParams(model, digitsFrom(0, 500), { evaluation });
      expect(report.clean.accuracy).greaterThan(0.97);
      expect(report.locked.accuracy).at.most(0.15);
      expect(report.changed).at.most(100);
      // By another runtime, which knows nothing of locks.
      expect(await accuracyOf(locked, evaluation)).closeTo(report.locked.accuracy, 0.005);
      const unlocked = unlockAdvParams(locked, key);
      expect(sha(unlocked)).equal(sha(model));
    });

  it('are undone bit for bit, 1,000 times', async () => {
    expect(await randomLocks(1150)).at.least(1000);
  });
});
