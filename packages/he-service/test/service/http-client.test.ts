import { expect } from 'chai';
import { encodeErrorFrame, encodeFrames } from '../../src/service-client/framing.js';
import { HeHttpClient } from '../../src/service-client/index.js';
import { retryAfterMs } from '../../src/service-client/replies.js';
import { errorOf } from './helpers.js';
import { idOf } from './test-envelopes.js';

/** A client whose requests are answered by a list of replies or errors. */
function scripted(replies: (Response | Error)[], options: object = {}) {
  const asked: { url: string; method: string; headers: Headers }[] = [];
  const client = new HeHttpClient({
    url: 'http://service/',
    retryPauseMs: 1,
    longestPauseMs: 5,
    ...options,
    fetch: async (url, init) => {
      asked.push({ url: String(url), method: init?.method ?? 'GET', headers: new Headers(init?.headers) });
      const next = replies.shift();
      if (!next) throw new Error('nothing more was expected');
      if (next instanceof Error) throw next;
      return next;
    },
  });
  return { client, asked };
}

const json = (value: unknown, status = 200, headers = {}) =>
  new Response(JSON.stringify(value), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });
const busy = (status: number) => json({ code: 'BUSY', message: 'later' }, status, { 'retry-after': '0' });
const framed = (parts: Uint8Array<ArrayBuffer>[], perImage = '1') =>
  new Response(new Blob(parts), { headers: { 'x-frames-per-image': perImage } });
const image = [Uint8Array.of(1)];
const call = { model: 'm', keyId: 'k' };

describe('HE HTTP client', () => {
  it('tries again after 429, 503 and lost connections, and only then', async () => {
    const replies = [busy(503), busy(429), new TypeError('fetch failed'), json({ models: [] })];
    const { client, asked } = scripted(replies, { token: 'secret' });
    expect(await client.models()).to.deep.equal([]);
    expect(asked).to.have.length(4);
    expect(asked[0]?.url).to.equal('http://service/v1/models');
    expect(asked[3]?.headers.get('authorization')).to.equal('Bearer secret');

    const refused = scripted([json({ code: 'NO', message: 'never' }, 500)]);
    expect(await errorOf(refused.client.models())).to.include({ code: 'NO', message: 'never', status: 500 });
    const tired = scripted([busy(503), busy(503)], { retries: 1 });
    expect(await errorOf(tired.client.models())).to.include({ code: 'BUSY', status: 503, retryAfterMs: 0 });
    const proxy = scripted([new Response('<html>Bad Gateway</html>', { status: 502 })]);
    expect(await errorOf(proxy.client.models())).to.include({ code: 'HTTP_502', status: 502 });
  });

  it('stops waiting when it is told to', async () => {
    const stop = new AbortController();
    const { client } = scripted([json({}, 503, { 'retry-after': '60' })], { longestPauseMs: 60_000 });
    const waiting = errorOf(client.models(stop.signal));
    setTimeout(() => stop.abort(new Error('enough')), 10);
    expect((await waiting).message).to.equal('enough');
  });

  it('reads results, and the error that breaks them off', async () => {
    const [a, b] = [Uint8Array.of(1, 2, 3), Uint8Array.of(4)];
    const { client } = scripted([framed([encodeFrames([a, b])], '2')]);
    expect(await client.infer(image, call)).to.deep.equal([a, b]);

    const broken = scripted([
      framed([encodeFrames([a]), encodeErrorFrame('WORN', 'out')]),
    ]).client.inferStream([image, image], call);
    expect((await broken.next()).value).to.deep.equal([a]);
    expect(await errorOf(broken.next())).to.include({ code: 'WORN', message: 'out' });
  });

  it('refuses replies that no correct service sends', async () => {
    const a = encodeFrames([Uint8Array.of(1)]);
    const cases: [Response, string][] = [
      [new Response('x'), 'SERVICE_PROTOCOL'],
      [framed([a], '-1'), 'SERVICE_PROTOCOL'],
      [framed([a.slice(0, 4)]), 'FRAMES_MALFORMED'],
      [framed([]), 'SERVICE_PROTOCOL'],
      [framed([a, a]), 'FRAMES_MALFORMED'],
      [framed([Uint8Array.of(255, 255, 255, 255, 1, 0, 0, 0, 65)]), 'SERVICE_PROTOCOL'],
    ];
    for (const [reply, code] of cases)
      expect(await errorOf(scripted([reply]).client.infer(image, call))).to.include({ code });
    expect(await errorOf(scripted([new Response('nonsense')]).client.models())).to.include({
      code: 'SERVICE_PROTOCOL',
    });
    expect(await errorOf(scripted([json(3)]).client.model('x'))).to.include({ code: 'SERVICE_PROTOCOL' });
  });

  it('refuses uploads that would never end, and descriptions that make no sense', async () => {
    const keys = new Uint8Array(1000);
    const good = {
      id: idOf(keys),
      state: 'uploading',
      bytes: 1000,
      modelId: 'm',
      parametersId: '0'.repeat(64),
      expiresAt: '2030-01-01T00:00:00.000Z',
      chunkBytes: 400,
      chunks: 3,
      received: [0],
    };
    const bad: object[] = [
      { id: '1'.repeat(64) },
      { chunks: 4e9 },
      { chunks: -1 },
      { chunkBytes: 0, chunks: 1 },
      { chunkBytes: 1e-6, chunks: 1e9 },
      { chunkBytes: null },
      { received: [7] },
      { received: [1, 1] },
      { received: { length: 3 } },
      { bytes: 2000, chunks: 5 },
      { state: 'gone' },
      { modelId: '\u001b[31m' },
    ];
    const options = { model: 'm', parametersId: good.parametersId };
    for (const change of bad) {
      const { client, asked } = scripted([json({ ...good, ...change })]);
      expect(await errorOf(client.uploadKeys(keys, options))).to.include({ code: 'SERVICE_PROTOCOL' });
      expect(asked).to.have.length(1);
    }
    const noContent = () => new Response(null, { status: 204 });
    const stored = { ...good, state: 'stored', received: [0, 1, 2] };
    const { client } = scripted([json(good), noContent(), noContent(), json(stored)]);
    expect((await client.uploadKeys(keys, options)).state).to.equal('stored');
    for (const models of [3, [3], [{ name: 'x' }], { length: 1 }])
      expect(await errorOf(scripted([json({ models })]).client.models())).to.include({
        code: 'SERVICE_PROTOCOL',
      });
  });

  it('stops reading what is too long, keeps control characters away, and follows nobody elsewhere', async () => {
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled++;
        controller.enqueue(new Uint8Array(2 ** 20));
      },
    });
    expect(await errorOf(scripted([new Response(endless)]).client.models())).to.include({
      code: 'SERVICE_PROTOCOL',
    });
    expect(pulled).to.be.within(16, 32);
    const announced = new Response(new Uint8Array(8), { headers: { 'content-length': '1e12' } });
    expect(await errorOf(scripted([announced]).client.clientArtefact('x'))).to.include({
      code: 'SERVICE_PROTOCOL',
    });
    const large = framed([Uint8Array.of(0, 0, 0, 255)]);
    expect(await errorOf(scripted([large]).client.infer(image, call))).to.include({
      reason: 'frame-too-large',
    });
    const loud = scripted([json({ code: 'NO', message: 'a\u001b[2Jb\u009b1m\n' }, 400)]);
    expect((await errorOf(loud.client.models())).message).to.equal('a [2Jb 1m ');
    const odd = scripted([json({ code: { toString: 1 }, message: 'x' }, 400)]);
    expect(await errorOf(odd.client.models())).to.include({ code: 'HTTP_400' });
    let redirect: RequestRedirect | undefined;
    const client = new HeHttpClient({
      url: 'http://service',
      fetch: async (_, init) => {
        redirect = init?.redirect;
        return json({ models: [] });
      },
    });
    await client.models();
    expect(redirect).to.equal('error');
  });

  it('checks its arguments', async () => {
    for (const url of ['service', 'ftp://service', ''])
      expect(() => new HeHttpClient({ url }))
        .to.throw()
        .with.property('code', 'HE_CLIENT_BAD_ARGUMENT');
    const { client } = scripted([]);
    for (const images of [[], [[]], [image, [...image, ...image]]])
      expect(await errorOf(client.inferBatch(images, call))).to.include({ code: 'HE_CLIENT_BAD_ARGUMENT' });
    const nowhere = new HeHttpClient({ url: 'http://127.0.0.1:1', retries: 0 });
    expect(await errorOf(nowhere.models())).to.include({ code: 'SERVICE_UNREACHABLE' });
  });

  it('understands Retry-After', () => {
    const now = Date.parse('2030-01-01T00:00:00Z');
    expect(retryAfterMs('7', now)).to.equal(7000);
    expect(retryAfterMs('Tue, 01 Jan 2030 00:00:05 GMT', now)).to.equal(5000);
    expect(retryAfterMs('Mon, 31 Dec 2029 00:00:00 GMT', now)).to.equal(0);
    expect(retryAfterMs('soon', now)).to.equal(undefined);
    expect(retryAfterMs(null, now)).to.equal(undefined);
  });
});
