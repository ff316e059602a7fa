import { expect } from 'chai';
import { HeClient } from '../../src/client/client.js';
import { compileModel } from '../../src/compile/compile.js';
import { HeModel } from '../../src/evaluate/model.js';
import { evaluateNormal } from '../../src/network/normalize.js';
import { digits, fixture } from '../helpers/fixtures.js';

describe('a result that leaves its room', function () {
  this.timeout(60_000);

  it('is noticed, never returned as numbers', async () => {
    const {
      server,
      client: half,
      report,
    } = await compileModel(fixture('mnist_lenet1_square/model.onnx'), {
      samples: digits(8),
      headroom: 0.05,
      precision: 5e-3,
    });
    expect(report.guaranteed).to.equal(false);
    const client = await HeClient.create(half);
    const model = await HeModel.load(server);
    const keys = await model.loadKeys(await client.evaluationKeys());
    let left = 0;
    for (const image of digits(12)) {
      const expected = evaluateNormal(server.network, image);
      const answer = await model.evaluate(await client.encrypt(image), keys);
      const got = await client.decrypt(answer).catch((error: { code: string }) => error.code);
      if (got === 'HE_RESULT') left++;
      else
        (got[0] as unknown as Float64Array).forEach((value, k) => {
          expect(value).to.be.closeTo(expected[k] as number, 0.05);
        });
    }
    expect(left).to.be.greaterThan(0);
    client.dispose();
    model.dispose();
  });
});
