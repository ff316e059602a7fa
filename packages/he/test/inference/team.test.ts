import { expect } from 'chai';
import { packServerArtefact } from '../../src/artefact/files.js';
import { HeClient } from '../../src/client/client.js';
import { compileModel } from '../../src/compile/compile.js';
import { evaluateNormal } from '../../src/network/normalize.js';
import { HeTeam } from '../../src/pool/index.js';
import { waveInputs, waveNetwork } from '../helpers/wave-network.js';

describe('a team of threads on one input', function () {
  this.timeout(60_000);

  for (const threads of [1, 2, 3])
    it(`computes what one thread computes, with ${threads}, and its memory stays`, async () => {
      const { server, client: half } = await compileModel(waveNetwork, {
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
