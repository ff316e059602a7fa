/** A thousand digits on ciphertexts: predictions, errors, and memory that does not grow. About 100 s. */
import { expect } from 'chai';
import { HeClient } from '../../src/client/client.js';
import { compileModel } from '../../src/compile/compile.js';
import { HeModel } from '../../src/evaluate/model.js';
import { evaluateNormal } from '../../src/network/normalize.js';
import { digits, fixture } from '../helpers/fixtures.js';

const argMax = (values: Float64Array) => values.indexOf(Math.max(...values));

describe('a thousand inferences on ciphertexts', function () {
  this.timeout(600_000);

  it('lenet1_square: at least 998 plaintext predictions, errors below 1e-2, memory flat', async () => {
    const { server, client: half } = await compileModel(fixture('mnist_lenet1_square/model.onnx'), {
      samples: digits(32, 900),
    });
    const client = await HeClient.create(half);
    const model = await HeModel.load(server);
    const keys = await model.loadKeys(await client.evaluationKeys());
    let same = 0;
    let largest = 0;
    const resident: number[] = [];
    const kernel: number[] = [];
    for (const [i, image] of digits(1000).entries()) {
      const [logits] = (await client.decrypt(await model.evaluate(await client.encrypt(image), keys))) as [
        Float64Array,
      ];
      const expected = evaluateNormal(server.network, image);
      if (argMax(logits) === argMax(expected)) same++;
      logits.forEach((value, k) => {
        largest = Math.max(largest, Math.abs(value - (expected[k] as number)));
      });
      if (i % 100 === 99) {
        resident.push(process.memoryUsage().rss / 1e6);
        kernel.push(model.evaluator.memoryBytes);
      }
    }
    expect(same).to.be.at.least(998);
    expect(largest).to.be.lessThan(1e-2);
    expect(new Set(kernel).size, 'memory of the kernels').to.equal(1);
    const [first = 0] = resident;
    expect(
      Math.max(...resident) - first,
      `resident MB: ${resident.map(Math.round).join(' ')}`,
    ).to.be.lessThan(60);
    client.dispose();
    model.dispose();
  });
});
