import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { digits, errorOf, type TestService, temporaryFolder, testService } from './helpers.js';
import { artefactsOf, expectedResult, idOf, makeImage, makeKeys, makeModel } from './test-envelopes.js';

const soon = () => new Promise((resolve) => setTimeout(resolve, 5));

/** Waits for something that must happen; mocha's own limit ends the wait. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await soon();
}

describe('HE service, workers', () => {
  const folder = temporaryFolder();
  const keys = makeKeys(digits);
  const call = { model: 'digits', keyId: idOf(keys) };
  const good = makeImage(digits, keys, 'good');
  const misdeed = (what: object) => makeImage(digits, keys, JSON.stringify(what));
  let gates = 0;

  /** An image whose evaluation waits until the gate is opened. */
  function gate(op = 'gate') {
    const path = join(folder.path, `gate${gates++}`);
    return {
      image: misdeed({ op, path }),
      reached: () => until(() => existsSync(`${path}.reached`)),
      open: () => writeFileSync(path, ''),
    };
  }
  const computes = async (service: TestService) =>
    expect(await service.client().infer(good, call)).to.deep.equal(expectedResult(digits, keys, good));

  after(() => folder.remove());

  it('replaces workers that exit, fail or hoard memory', async () => {
    const service = await testService({ limits: { workerHeapMiB: 64 } });
    try {
      const client = service.client();
      await client.uploadKeys(keys, { model: 'digits' });
      const cases: [object, number, string, string, number][] = [
        [{ op: 'exit' }, 500, 'EVALUATION_FAILED', 'crashed', 2],
        [{ op: 'throw' }, 500, 'EVALUATION_FAILED', 'engine-failed', 2],
        [{ op: 'heap' }, 500, 'EVALUATION_FAILED', 'out-of-memory', 2],
      ];
      for (const [what, status, code, reason, losses] of cases) {
        expect(await errorOf(client.infer(misdeed(what), call))).to.include({ code, status });
        await computes(service);
        expect(await service.metric(`tacit_he_workers_lost_total{reason="${reason}"}`)).to.equal(losses);
      }
      // A refusal is no failure.
      expect(await errorOf(client.infer(misdeed({ op: 'refuse' }), call))).to.include({
        code: 'TEST_REFUSAL',
        status: 422,
      });
      expect(await service.metric('tacit_he_workers_lost_total{reason="engine-failed"}')).to.equal(2);
    } finally {
      await service.stop();
    }
  });

  it('replaces a worker that does not end', async () => {
    const service = await testService({ limits: { evaluateMs: 1000 } });
    try {
      const client = service.client();
      await client.uploadKeys(keys, { model: 'digits' });
      const endless = await errorOf(client.infer(misdeed({ op: 'spin' }), call));
      expect(endless).to.include({ code: 'EVALUATION_TIMEOUT', status: 504 });
      await computes(service);
      expect(await service.metric('tacit_he_workers_lost_total{reason="timeout"}')).to.equal(1);
    } finally {
      await service.stop();
    }
  });

  it('tries a request once more when its worker dies, and fails no other request', async () => {
    const service = await testService({ workers: 2 });
    try {
      const client = service.client();
      await client.uploadKeys(keys, { model: 'digits' });
      const once = misdeed({ op: 'exit-once', path: join(folder.path, 'once') });
      const [unlucky, ...others] = await Promise.all([
        client.infer(once, call),
        ...Array.from({ length: 6 }, () => client.infer(good, call)),
      ]);
      expect(unlucky).to.deep.equal(expectedResult(digits, keys, once));
      for (const result of others) expect(result).to.deep.equal(expectedResult(digits, keys, good));
      expect(await service.metric('tacit_he_workers_lost_total{reason="crashed"}')).to.equal(1);
      await until(async () => (await service.metric('tacit_he_workers_starting')) === 0);
    } finally {
      await service.stop();
    }
  });

  it('pushes back when the queue is full, for a tenant and for all', async () => {
    const tokens = { 'alice-token-0123456789': 'alice', 'bob-token-0123456789abc': 'bob' };
    const [alice, bob] = Object.keys(tokens);
    const service = await testService({ tokens, limits: { queueLength: 3, queueLengthPerTenant: 2 } });
    const { image, reached, open } = gate();
    try {
      for (const token of [alice, bob]) await service.client({ token }).uploadKeys(keys, { model: 'digits' });
      const metric = async () =>
        Number(
          /tacit_he_queue_length (\d+)/.exec(
            await (
              await fetch(`${service.url}/metrics`, { headers: { authorization: `Bearer ${bob}` } })
            ).text(),
          )?.[1],
        );
      const running = service.client({ token: alice }).infer(image, call);
      await reached();
      const waiting: Promise<Uint8Array[]>[] = [];
      const enqueue = async (token: string | undefined) => {
        waiting.push(service.client({ token }).infer(good, call));
        await until(async () => (await metric()) === waiting.length);
      };
      await enqueue(alice);
      await enqueue(alice);
      const refused = await errorOf(service.client({ token: alice }).infer(good, call));
      expect(refused).to.include({ code: 'TENANT_QUEUE_FULL', status: 429 });
      expect(refused.retryAfterMs).to.be.at.least(1000);
      await enqueue(bob);
      expect(await errorOf(service.client({ token: bob }).infer(good, call))).to.include({
        code: 'QUEUE_FULL',
        status: 503,
      });

      // A client with retries gets its result in the end.
      const patient = service.client({ token: bob, retries: 1000, longestPauseMs: 10 }).infer(good, call);
      open();
      for (const result of await Promise.all([patient, ...waiting]))
        expect(result).to.deep.equal(expectedResult(digits, keys, good));
      expect(await running).to.deep.equal(expectedResult(digits, keys, image));
    } finally {
      open();
      await service.stop();
    }
  });

  it('does not compute for clients that left the queue, and ends waits that are too long', async () => {
    const service = await testService({ limits: { queueMs: 400 } });
    const { image, reached, open } = gate();
    try {
      const client = service.client();
      await client.uploadKeys(keys, { model: 'digits' });
      const running = client.infer(image, call);
      await reached();
      const leaving = new AbortController();
      const left = errorOf(client.infer(good, { ...call, signal: leaving.signal }));
      await until(async () => (await service.metric('tacit_he_queue_length')) === 1);
      leaving.abort(new Error('never mind'));
      expect((await left).message).to.equal('never mind');
      await until(async () => (await service.metric('tacit_he_queue_length')) === 0);

      const late = await errorOf(client.infer(good, call));
      expect(late).to.include({ code: 'QUEUE_TIMEOUT', status: 503 });
      expect(late.retryAfterMs).to.be.at.least(1000);
      open();
      await running;
      // The gate's image and nothing else was evaluated.
      expect(await service.metric('tacit_he_images_total{model="digits"}')).to.equal(1);
    } finally {
      open();
      await service.stop();
    }
  });

  it('sends requests to the worker that has their keys', async () => {
    const service = await testService({ workers: 2 });
    try {
      const client = service.client();
      await client.uploadKeys(keys, { model: 'digits' });
      for (let i = 0; i < 5; i++) await computes(service);
      expect(await service.metric('tacit_he_key_uses_total{cache="miss"}')).to.equal(1);
      expect(await service.metric('tacit_he_key_uses_total{cache="hit"}')).to.equal(5);
      // Removed keys leave the caches, too.
      await client.deleteKeys(call.keyId);
      await client.uploadKeys(keys, { model: 'digits' });
      expect(await service.metric('tacit_he_key_uses_total{cache="miss"}')).to.equal(2);
    } finally {
      await service.stop();
    }
  });

  it('computes to the end with keys that are deleted meanwhile', async () => {
    const service = await testService();
    const { image, reached, open } = gate('wait');
    try {
      const client = service.client();
      await client.uploadKeys(keys, { model: 'digits' });
      const running = client.infer(image, call);
      await reached();
      await client.deleteKeys(call.keyId);
      open();
      expect(await running).to.deep.equal(expectedResult(digits, keys, image));
      expect(await errorOf(client.infer(good, call))).to.include({ code: 'KEY_NOT_FOUND' });
      expect(await service.metric('tacit_he_workers_lost_total{reason="engine-failed"}')).to.equal(0);
    } finally {
      open();
      await service.stop();
    }
  });

  it('makes room where keys of many clients fill the memory of the engine, below the limit of the cache', async () => {
    const model = makeModel('small', { keyMemory: 12_000 });
    const service = await testService({ models: [artefactsOf('small', model)] });
    try {
      const client = service.client();
      const all = Array.from({ length: 5 }, () => makeKeys(model));
      for (const own of all) await client.uploadKeys(own, { model: 'small' });
      for (const own of all) {
        const image = makeImage(model, own, 'x');
        expect(await client.infer(image, { model: 'small', keyId: idOf(own) })).to.deep.equal(
          expectedResult(model, own, image),
        );
      }
      expect(await service.metric('tacit_he_workers_lost_total{reason="engine-failed"}')).to.equal(0);
      // Keys that do not fit at all are no reason to delete the upload: nothing is wrong with them.
      const large = makeKeys(model, 15_000);
      expect(await errorOf(client.uploadKeys(large, { model: 'small' }))).to.include({
        code: 'EVALUATION_FAILED',
      });
      expect(await client.keys(idOf(large))).to.include({ state: 'uploading' });
    } finally {
      await service.stop();
    }
  });

  it('serves 8 clients with different keys, each its own results', async () => {
    // Room for two of eight keys in each worker, so that they are evicted and loaded again all the time.
    const service = await testService({
      workers: 2,
      limits: { keyCacheBytesPerWorker: 11_000, queueLength: 6, queueLengthPerTenant: 6 },
    });
    try {
      const one = async (name: number) => {
        const client = service.client({ retries: 1000, longestPauseMs: 20 });
        const own = makeKeys(digits);
        const { id: keyId } = await client.uploadKeys(own, { model: 'digits' });
        for (let i = 0; i < 12; i++) {
          const images = Array.from({ length: 1 + ((name + i) % 3) }, (_, k) =>
            makeImage(digits, own, `client ${name}, request ${i}, image ${k}`),
          );
          const results = await client.inferBatch(images, { model: 'digits', keyId });
          expect(results).to.deep.equal(images.map((image) => expectedResult(digits, own, image)));
          if (i % 4 === name % 4) {
            const foreign = makeImage(digits, keys, 'not mine');
            expect(await errorOf(client.infer(foreign, { model: 'digits', keyId }))).to.include({
              code: 'TEST_FOREIGN',
            });
          }
        }
      };
      await Promise.all(Array.from({ length: 8 }, (_, name) => one(name)));
      expect(await service.metric('tacit_he_bytes_in_flight')).to.equal(0);
      expect(await service.metric('tacit_he_queue_length')).to.equal(0);
      expect(await service.metric('tacit_he_key_uses_total{cache="miss"}')).to.be.greaterThan(8);
    } finally {
      await service.stop();
    }
  });

  it('finishes what runs when it closes, and takes nothing new', async () => {
    const service = await testService();
    const { image, reached, open } = gate();
    try {
      await service.client().uploadKeys(keys, { model: 'digits' });
      const running = service.client().infer(image, call);
      await reached();
      const closed = service.close();
      const late = await errorOf(service.client().models());
      expect(late.code).to.be.oneOf(['SERVICE_UNREACHABLE', 'SHUTTING_DOWN']);
      open();
      expect(await running).to.deep.equal(expectedResult(digits, keys, image));
      await closed;
    } finally {
      open();
      await service.stop();
    }
  });

  it('ends what does not finish in time when it closes', async () => {
    const service = await testService({ limits: { drainMs: 50 } });
    const { image, reached, open } = gate();
    try {
      await service.client().uploadKeys(keys, { model: 'digits' });
      const running = errorOf(service.client().infer(image, call));
      await reached();
      await service.close();
      expect(await running).to.include({ code: 'SERVICE_UNREACHABLE' });
    } finally {
      open();
      await service.stop();
    }
  });

  it('says which model cannot be served, and what is wrong with options', async () => {
    const noArtefact = { ...artefactsOf('broken'), server: new TextEncoder().encode('garbage') };
    const cases: [object, string, RegExp][] = [
      [{ models: [artefactsOf('digits'), noArtefact] }, 'SERVICE_MODEL', /model broken .*TEST_ARTEFACT/],
      [{ models: [artefactsOf('digits'), artefactsOf('digits')] }, 'SERVICE_MODEL', /same/],
      [{ models: [] }, 'SERVICE_MODEL', /no model/],
      [{ models: [folder.path] }, 'SERVICE_MODEL', /no server\.heml/],
      [{ models: [join(folder.path, 'none')] }, 'SERVICE_MODEL', /cannot read/],
      [{ workers: 0 }, 'SERVICE_BAD_OPTION', /workers/],
      [{ port: 70_000 }, 'SERVICE_BAD_OPTION', /port/],
      [{ tokens: { short: 'alice' } }, 'SERVICE_BAD_OPTION', /16 characters/],
      [{ limits: { queueMs: 0 } }, 'SERVICE_BAD_OPTION', /queueMs/],
      [{ limits: { nonsense: 1 } }, 'SERVICE_BAD_OPTION', /nonsense/],
      [{ engine: join(folder.path, 'engine.js') }, 'WORKER_UNUSABLE', /cannot start/],
    ];
    for (const [options, code, message] of cases) {
      const error = await errorOf(testService(options));
      expect(error).to.include({ code });
      expect(error.message).to.match(message);
    }
  });
});
