import { compileModel, HeClient, packServerArtefact } from '@tacit/he';
import { evaluateNormal } from '@tacit/he/network';
import { expect } from 'chai';
import { waveInputs, waveNetwork } from '../../../he/test/helpers/wave-network.js';
import { HePool } from '../../src/pool/index.js';

describe('a pool of workers', function () {
  this.timeout(60_000);

  it('computes many inputs of two clients, each with its own keys, and ends', async () => {
    const { server, client: half } = await compileModel(waveNetwork, {
      inputRange: { low: -1, high: 1 },
      samples: waveInputs(9),
    });
    const pool = await HePool.create(await packServerArtefact(server), { workers: 2 });
    const members = await Promise.all(
      [0, 1].map(async () => {
        const client = await HeClient.create(half);
        return { client, keys: await pool.loadKeys(await client.evaluationKeys()) };
      }),
    );
    const inputs = waveInputs(8);
    const outputs = await Promise.all(
      inputs.map(async (input, i) => {
        const { client, keys } = members[i % 2] as (typeof members)[number];
        return client.decrypt(await pool.evaluate(await client.encrypt(input), keys));
      }),
    );
    outputs.forEach(([output], i) => {
      evaluateNormal(server.network, inputs[i] as Float64Array).forEach((value, k) => {
        expect(output?.[k]).to.be.closeTo(value, 1e-2);
      });
    });
    const [first] = members as [(typeof members)[number]];
    const refused = await pool.loadKeys(new Uint8Array(1000)).catch((error: Error) => error);
    expect(refused).to.have.property('code', 'HE_FORMAT');
    pool.dropKeys(first.keys);
    const dropped = await pool.evaluate([], first.keys).catch((error: Error) => error);
    expect(dropped).to.be.instanceOf(TypeError);
    for (const { client } of members) client.dispose();
    await pool.close();
  });
});
