/** Models by path. */
import { fixtureArray } from '@tacit/testing/fixtures';
import { expect } from 'chai';
import { fromOnnx } from '../src/from-onnx.js';
import { runInProcess } from '../src/in-process.js';
import { fixture } from './helpers/run.js';

describe('models by path', () => {
  for (const name of ['linear_4_2', 'linear_4_2_external'])
    it(`are read by their owner: ${name}`, async () => {
      const input = fixtureArray('linear_4_2/input.npy');
      const right = fixtureArray('linear_4_2/output.npy');
      const [, answer] = await runInProcess({ worldSize: 2 }, async (party) => {
        const path = party.rank === 0 ? fixture(`${name}/model.onnx`) : 'not here.onnx';
        const model = await fromOnnx(party, path, { src: 0, inputShape: input.shape });
        model.encrypt(party, { src: 0 });
        const x = party.cryptensor(input.data, { src: 1, shape: input.shape });
        return (model.forward(x) as typeof x).revealFloat64({ to: 1 });
      });
      right.data.forEach((value, i) => {
        expect(answer?.data[i]).closeTo(value, 2 ** -12);
      });
    });
});
