import { compileModel, HeClient, packServerArtefact } from '@tacit/he';
import { evaluateNormal } from '@tacit/he/network';
import { expect } from 'chai';
import { squareNetwork, waveInputs, waveNetwork } from '../../../he/test/helpers/wave-network.js';
import { HeTeam } from '../../src/pool/index.js';

describe('a team of threads on one input', function () {
  this.timeout(60_000);

  const empty = squareNetwork({ w: new Array<number>(128).fill(0) });
  for (const [threads, network] of [
    [1, waveNetwork],
    [2, waveNetwork],
    [3, waveNetwork],
    [2, empty],
  ] as const)
    it(`computes what one thread computes, with ${threads}${network === empty ? ' and nothing to share' : ''}, and its memory stays`, async () => {
      const { server, client: half } = await compileModel(network, {
        inputRange: { low: -1, high: 1 },
        samples: waveInputs(9),
      });
      const team = await HeTeam.create(await packServerArtefact(server), { threads });
      const client = await HeClient.create(half);
      const keys = await team.loadKeys(await client.evaluationKeys());
      let memory = 0;
      for (const [i, input] of waveInputs(6).entries()) {
        const [output] = await client.decrypt(await team.evaluate(await client.encrypt(input), keys));
        evaluateNormal(server.network, input).forEach((value, k) => {
          expect(output?.[k]).to.be.closeTo(value, 1e-2);
        });
        if (i === 1) memory = team.model.evaluator.memoryBytes;
      }
      expect(team.model.evaluator.memoryBytes).to.equal(memory);
      team.dropKeys(keys);
      client.dispose();
      await team.close();
    });
});
