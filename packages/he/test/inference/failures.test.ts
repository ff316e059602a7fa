import { expect } from 'chai';
import { HeClient } from '../../src/client/client.js';
import { compileModel } from '../../src/compile/compile.js';
import { HeModel } from '../../src/evaluate/model.js';
import { waveInputs, waveNetwork } from '../helpers/wave-network.js';

describe('evaluations that fail', function () {
  this.timeout(60_000);

  it('leave nothing in memory', async () => {
    const { server, client: half } = await compileModel(waveNetwork, {
      inputRange: { low: -1, high: 1 },
      samples: waveInputs(9),
    });
    const model = await HeModel.load(server);
    const client = await HeClient.create(half);
    const keys = await model.loadKeys(await client.evaluationKeys());
    const sent = await client.encrypt(waveInputs(1)[0] as Float64Array);
    await model.evaluate(sent, keys);
    keys.dispose();
    const before = model.evaluator.memoryBytes;
    for (let i = 0; i < 50; i++)
      expect(await model.evaluate(sent, keys).catch((error: Error) => error)).to.have.property(
        'code',
        'RLWE_ARGUMENT',
      );
    expect(model.evaluator.memoryBytes).to.equal(before);
    client.dispose();
    model.dispose();
  });
});
