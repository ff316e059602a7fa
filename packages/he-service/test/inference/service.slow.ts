/** The service with its real evaluator: keys and ciphertexts of several clients. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CompiledModel,
  compileModel,
  HeClient,
  packClientArtefact,
  packServerArtefact,
} from '@tacit/he';
import { evaluateNormal } from '@tacit/he/network';
import { expect } from 'chai';
import { waveInputs, waveNetwork } from '../../../he/test/helpers/wave-network.js';
import { type RunningService, startService } from '../../src/service/index.js';
import { HeHttpClient } from '../../src/service-client/index.js';

const images = waveInputs(9);

describe('service with the evaluator of this package', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'tacit-he-service-'));
  let compiled: CompiledModel;
  let service: RunningService;

  const start = async () =>
    startService({
      models: [
        {
          name: 'waves',
          server: await packServerArtefact(compiled.server),
          client: await packClientArtefact(compiled.client),
        },
      ],
      stateDirectory: folder,
      workers: 2,
      logLevel: 'silent',
    });

  before(async () => {
    compiled = await compileModel(waveNetwork, { inputRange: { low: -1, high: 1 }, samples: images });
    service = await start();
  });

  after(async () => {
    await service?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const expectLogits = (actual: Float64Array, image: Float64Array) => {
    evaluateNormal(compiled.server.network, image).forEach((value, k) => {
      expect(actual[k]).to.be.closeTo(value, 1e-2);
    });
  };

  it('clients with different keys get their own answers; keys outlive a restart; foreign ones are refused', async () => {
    let http = new HeHttpClient({ url: service.url });
    const artefact = await http.clientArtefact('waves');
    const clients = await Promise.all([1, 2, 3].map(() => HeClient.create(artefact)));
    const keyIds: string[] = [];
    for (const client of clients)
      keyIds.push((await http.uploadKeys(await client.evaluationKeys(), { model: 'waves' })).id);
    const ask = async (who: number, image: Float64Array) => {
      const client = clients[who] as HeClient;
      const sent = await client.encrypt(image);
      const answer = await http.infer(sent, { model: 'waves', keyId: keyIds[who] as string });
      const [logits] = (await client.decrypt(answer)) as [Float64Array];
      expectLogits(logits, image);
      return { sent, answer };
    };
    const asked = await Promise.all(images.map((image, i) => ask(i % 3, image)));
    const facts = await http.model('waves');
    for (const { sent, answer } of asked) {
      expect(sent[0]?.length).to.be.at.most(facts.inputBytesMax);
      expect(answer[0]?.length).to.be.at.most(facts.outputBytesMax);
    }

    // A ciphertext of one client computed with the keys of another is noise, and is noticed.
    const foreign = await http.infer((asked[0] as { sent: Uint8Array[] }).sent, {
      model: 'waves',
      keyId: keyIds[1] as string,
    });
    const thrown = await (clients[0] as HeClient).decrypt(foreign).catch((error: Error) => error);
    expect(thrown).to.have.property('code', 'HE_RESULT');

    // PyCrCNN's route: JSON with base64, all layers by number.
    const [client] = clients as [HeClient];
    const [envelope] = (await client.encrypt(images[5] as Float64Array)) as [Uint8Array];
    const reply = await fetch(`${service.url}/compute`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        net: 'waves',
        key: keyIds[0],
        layers: [0, 1, 2],
        encryption_parameters: [{ m: 8192, p: 65537, sec: 128, base: 2 }],
        data: [Buffer.from(envelope).toString('base64')],
      }),
    });
    const { data } = (await reply.json()) as { data: string[] };
    const computed = await client.decrypt([new Uint8Array(Buffer.from(data[0] as string, 'base64'))]);
    expectLogits(computed[0] as Float64Array, images[5] as Float64Array);

    await service.close();
    service = await start();
    http = new HeHttpClient({ url: service.url });
    await ask(2, images[4] as Float64Array);
    for (const client of clients) client.dispose();
  });
});
