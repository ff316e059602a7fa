import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { get as httpsGet } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { cert, key } from '../../../comm/test/test-certificate.js';
import { encodeFrames } from '../../src/service-client/framing.js';
import { temporaryFolder, testService } from './helpers.js';
import { artefactsOf, idOf, makeImage, makeKeys, makeModel } from './test-envelopes.js';

describe('HE service, connections', () => {
  it('speaks TLS', async () => {
    const service = await testService({ tls: { key, cert } });
    try {
      expect(service.url).to.match(/^https:/);
      const body = await new Promise<string>((resolve, reject) => {
        const request = httpsGet(`${service.url}/v1/models`, { ca: cert, agent: false }, (response) => {
          let text = '';
          response.on('data', (part) => {
            text += part;
          });
          response.on('end', () => resolve(text));
        });
        request.on('error', reject);
      });
      expect(JSON.parse(body).models[0].name).to.equal('digits');
    } finally {
      await service.stop();
    }
  });

  it('lets go of a client that does not read its reply', async () => {
    const large = makeModel('large', { outputPadding: 4_000_000, outputCiphertexts: 1, inputCiphertexts: 1 });
    const service = await testService({
      models: [artefactsOf('large', large)],
      limits: { replyIdleMs: 200 },
    });
    try {
      const keys = makeKeys(large);
      await service.client().uploadKeys(keys, { model: 'large' });
      const body = encodeFrames(
        Array.from({ length: 8 }, (_, i) => makeImage(large, keys, `image ${i}`)).flat(),
      );
      const socket = connect(service.port, service.host);
      const closed = new Promise((resolve) => socket.on('close', resolve));
      socket.on('error', () => {});
      socket.pause();
      socket.write(
        `POST /v1/models/large/infer?key=${idOf(keys)} HTTP/1.1\r\nhost: x\r\n` +
          `content-type: application/octet-stream\r\ncontent-length: ${body.length}\r\n\r\n`,
      );
      socket.write(body);
      // 499: it left (here: was made to leave) before it had its reply.
      const aborted = 'tacit_he_requests_total{route="/v1/models/:model/infer",method="POST",status="499"}';
      while ((await service.metric(aborted)) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(await service.metric('tacit_he_bytes_in_flight')).to.equal(0);
      socket.resume();
      await closed;
    } finally {
      await service.stop();
    }
  });

  it('lets go also of one that does not read the client artefact', async () => {
    const large = { ...artefactsOf('large'), client: new Uint8Array(30_000_000) };
    const service = await testService({ models: [large], limits: { replyIdleMs: 2000 } });
    try {
      const socket = connect(service.port, service.host);
      socket.on('error', () => {});
      socket.pause();
      socket.write('GET /v1/models/large/client HTTP/1.1\r\nhost: x\r\n\r\n');
      const aborted = 'tacit_he_requests_total{route="/v1/models/:model/client",method="GET",status="499"}';
      while ((await service.metric(aborted)) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      socket.destroy();
      expect(await service.client().clientArtefact('large')).to.have.length(30_000_000);
    } finally {
      await service.stop();
    }
  });

  it('serves models from folders, and a page', async () => {
    const folder = temporaryFolder();
    const { server, client } = artefactsOf('digits');
    for (const name of ['digits', 'other']) {
      mkdirSync(join(folder.path, name));
      const artefact = name === 'digits' ? server : artefactsOf('other').server;
      writeFileSync(join(folder.path, name, 'server.heml'), artefact);
      writeFileSync(join(folder.path, name, 'client.heml'), client);
    }
    writeFileSync(join(folder.path, 'index.html'), '<p>page</p>');
    const models = [folder.path];
    const service = await testService({
      models,
      page: folder.path,
      tokens: { 'alice-token-0123456789': 'alice' },
    });
    try {
      expect(service.models.map((model) => model.name).sort()).to.deep.equal(['digits', 'other']);
      const page = await service.send('/app/index.html');
      expect(page.status).to.equal(200);
      expect(page.headers.get('content-security-policy')).to.contain("'wasm-unsafe-eval'");
      expect((await service.send('/app/none.html')).status).to.equal(404);
    } finally {
      await service.stop();
      folder.remove();
    }
  });

  it('leaves nothing open: its process ends by itself', async () => {
    const program = fileURLToPath(new URL('./open-and-close.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (part) => {
      output += part;
    });
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(output).to.equal('closed\n');
    expect(code).to.equal(0);
  });
});
