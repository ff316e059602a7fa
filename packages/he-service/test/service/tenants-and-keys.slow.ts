import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { HeHttpClient } from '../../src/service-client/index.js';
import { digits, errorOf, temporaryFolder, testService } from './helpers.js';
import { expectedResult, idOf, makeImage, makeKeys } from './test-envelopes.js';

const ALICE = 'alice-token-0123456789';
const BOB = 'bob-token-0123456789abc';

describe('HE service, tenants and keys', () => {
  it('keeps tenants apart', async () => {
    const service = await testService({
      tokens: { [ALICE]: 'alice' },
      tokenDigests: { [createHash('sha256').update(BOB).digest('hex')]: 'bob' },
    });
    try {
      const alice = service.client({ token: ALICE });
      const bob = service.client({ token: BOB });
      const keys = makeKeys(digits);
      const keyId = idOf(keys);
      await alice.uploadKeys(keys, { model: 'digits' });
      const image = makeImage(digits, keys, 'for alice');
      const call = { model: 'digits', keyId };
      for (const attempt of [
        () => bob.keys(keyId),
        () => bob.infer(image, call),
        () => bob.deleteKeys(keyId),
      ])
        expect(await errorOf(attempt())).to.include({ code: 'KEY_NOT_FOUND', status: 404 });

      // The same bytes of another tenant are an upload like any other.
      const sent: number[] = [];
      await bob.uploadKeys(keys, { model: 'digits', onProgress: (bytes) => sent.push(bytes) });
      expect(sent[0]).to.equal(0);
      await bob.deleteKeys(keyId);
      expect(await alice.infer(image, call)).to.deep.equal(expectedResult(digits, keys, image));

      for (const token of [undefined, 'wrong-token-0123456789', `${ALICE}x`])
        for (const attempt of [
          () => service.client({ token }).models(),
          () => service.client({ token }).infer(image, call),
          () => service.client({ token }).keys(keyId),
        ])
          expect(await errorOf(attempt())).to.include({ code: 'UNAUTHORISED', status: 401 });
      expect((await service.send('/metrics')).status).to.equal(401);
      expect((await service.send('/v1/models')).headers.get('www-authenticate')).to.equal('Bearer');
      for (const open of ['/healthz', '/readyz', '/openapi.json', '/'])
        expect((await service.send(open)).status).to.equal(200);
    } finally {
      await service.stop();
    }
  });

  it('finds keys and uploads again after a restart', async () => {
    const folder = temporaryFolder();
    const options = { stateDirectory: folder.path, limits: { chunkBytes: 1000 } };
    const keys = makeKeys(digits);
    const half = makeKeys(digits);
    const image = makeImage(digits, keys, 'before and after');
    const call = { model: 'digits', keyId: idOf(keys) };
    try {
      const first = await testService(options);
      await first.client().uploadKeys(keys, { model: 'digits' });
      const stop = new AbortController();
      let calls = 0;
      await errorOf(
        first.client().uploadKeys(half, {
          model: 'digits',
          signal: stop.signal,
          parallel: 1,
          onProgress: () => ++calls === 4 && stop.abort(),
        }),
      );
      await first.close();

      const second = await testService(options);
      expect(await second.client().infer(image, call)).to.deep.equal(expectedResult(digits, keys, image));
      expect((await second.client().keys(idOf(half))).received).to.include.members([0, 1, 2]);
      const progress: number[] = [];
      await second.client().uploadKeys(half, { model: 'digits', onProgress: (sent) => progress.push(sent) });
      expect(progress[0]).to.be.at.least(3000);
      await second.close();

      // A disk that changes bits: the keys are refused, not computed with, and can be uploaded again.
      const tenants = join(folder.path, 'evaluation-keys', 'keys');
      const file = join(tenants, readdirSync(tenants)[0] ?? '', `${idOf(keys)}.key`);
      writeFileSync(
        file,
        Uint8Array.from(readFileSync(file), (byte, i) => (i === 100 ? byte ^ 1 : byte)),
      );
      const third = await testService(options);
      expect(await errorOf(third.client().infer(image, call))).to.include({
        code: 'KEY_DAMAGED',
        status: 409,
      });
      expect(await errorOf(third.client().infer(image, call))).to.include({ code: 'KEY_NOT_FOUND' });
      await third.client().uploadKeys(keys, { model: 'digits' });
      expect(await third.client().infer(image, call)).to.deep.equal(expectedResult(digits, keys, image));
      await third.close();
    } finally {
      folder.remove();
    }
  });

  it('forgets keys that nobody uses', async () => {
    let now = Date.parse('2030-01-01');
    const service = await testService({ now: () => now, limits: { keyTtlMs: 1000, uploadTtlMs: 1000 } });
    try {
      const client = service.client();
      const keys = makeKeys(digits);
      const image = makeImage(digits, keys, 'in time');
      const call = { model: 'digits', keyId: idOf(keys) };
      const { expiresAt } = await client.uploadKeys(keys, { model: 'digits' });
      expect(Date.parse(expiresAt)).to.equal(now + 1000);
      for (let use = 0; use < 3; use++) {
        now += 900;
        expect(await client.infer(image, call)).to.deep.equal(expectedResult(digits, keys, image));
      }
      now += 1000;
      expect(await errorOf(client.infer(image, call))).to.include({ code: 'KEY_EXPIRED', status: 410 });
      expect(await errorOf(client.keys(idOf(keys)))).to.include({ code: 'KEY_EXPIRED' });
      await client.uploadKeys(keys, { model: 'digits' });
      expect(await client.infer(image, call)).to.deep.equal(expectedResult(digits, keys, image));
    } finally {
      await service.stop();
    }
  });

  it('limits keys of a tenant and evicts its least recently used', async () => {
    let now = 0;
    const service = await testService({
      now: () => now++,
      tokens: { [ALICE]: 'alice', [BOB]: 'bob' },
      limits: {
        keysPerTenant: 2,
        keyBytesPerTenant: 12_000,
        keyBytesTotal: 20_000,
        uploadsPerTenant: 1,
        keyTtlMs: 10_000_000,
      },
    });
    try {
      const alice = service.client({ token: ALICE });
      const bob = service.client({ token: BOB });
      const [first, second, third] = [makeKeys(digits), makeKeys(digits), makeKeys(digits)];
      await alice.uploadKeys(first, { model: 'digits' });
      await alice.uploadKeys(second, { model: 'digits' });
      const image = makeImage(digits, first, 'keeps the first keys young');
      await alice.infer(image, { model: 'digits', keyId: idOf(first) });
      await alice.uploadKeys(third, { model: 'digits' });
      expect((await alice.keys(idOf(first))).state).to.equal('stored');
      expect((await alice.keys(idOf(third))).state).to.equal('stored');
      expect(await errorOf(alice.keys(idOf(second)))).to.include({ code: 'KEY_EXPIRED', status: 410 });

      expect(await errorOf(alice.uploadKeys(makeKeys(digits, 13_000), { model: 'digits' }))).to.include({
        code: 'KEY_TOO_LARGE',
        status: 413,
      });
      await bob.uploadKeys(makeKeys(digits, 9000), { model: 'digits' });
      // 19,000 of 20,000 bytes are taken; the keys of others were used a moment ago.
      expect((await alice.keys(idOf(first))).state).to.equal('stored');
      const full = bob.uploadKeys(makeKeys(digits, 11_000), { model: 'digits' });
      expect(await errorOf(full)).to.include({ code: 'KEY_STORE_FULL', status: 507 });
      // Ten quiet minutes later they make room.
      now += 600_000;
      await bob.uploadKeys(makeKeys(digits, 11_000), { model: 'digits' });
      expect(await errorOf(alice.keys(idOf(first)))).to.include({ code: 'KEY_EXPIRED' });

      const start = (sha256: string) =>
        fetch(`${service.url}/v1/keys`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${ALICE}` },
          body: JSON.stringify({ sha256, bytes: 100, model: 'digits', parametersId: digits.parametersId }),
        }).then((response) => response.status);
      expect(await start('1'.repeat(64))).to.equal(201);
      expect(await start('2'.repeat(64))).to.equal(429);
    } finally {
      await service.stop();
    }
  });

  it('limits requests a minute, also of those who guess tokens', async () => {
    const service = await testService({ tokens: { [ALICE]: 'alice' }, limits: { requestsPerMinute: 5 } });
    try {
      const statuses = async (token: string) => {
        const found: number[] = [];
        for (let i = 0; i < 7; i++)
          found.push(
            (await fetch(`${service.url}/v1/models`, { headers: { authorization: `Bearer ${token}` } }))
              .status,
          );
        return found;
      };
      expect(await statuses('wrong-token-0123456789')).to.deep.equal([401, 401, 401, 401, 401, 429, 429]);
      expect(await statuses(ALICE)).to.deep.equal([200, 200, 200, 200, 200, 429, 429]);
      const limited = await errorOf(service.client({ token: ALICE }).models());
      expect(limited).to.include({ code: 'RATE_LIMITED', status: 429 });
      expect(limited.retryAfterMs).to.be.within(1, 61_000);
      expect((await service.send('/healthz')).status).to.equal(200);
    } finally {
      await service.stop();
    }
  });

  it('logs no tokens, key ids or bodies', async () => {
    const lines: string[] = [];
    const service = await testService({
      tokens: { [ALICE]: 'alice' },
      logLevel: 'trace',
      logStream: { write: (line) => lines.push(line) },
    });
    try {
      const client = new HeHttpClient({ url: service.url, token: ALICE, retries: 0 });
      const keys = makeKeys(digits);
      await client.uploadKeys(keys, { model: 'digits' });
      const call = { model: 'digits', keyId: idOf(keys) };
      await client.infer(makeImage(digits, keys, 'secret text'), call);
      await errorOf(client.infer(makeImage(digits, keys, '{"op":"throw"}'), call));
      await errorOf(service.client({ token: 'wrong-token-0123456789' }).models());
    } finally {
      await service.stop();
    }
    const log = lines.join('');
    expect(log).to.contain('/v1/models/:model/infer').and.to.contain('a worker was lost');
    for (const secret of [ALICE, 'wrong-token', 'secret text', 'authorization'])
      expect(log).not.to.contain(secret);
    expect(log).not.to.match(/[0-9a-f]{64}/);
  });
});
