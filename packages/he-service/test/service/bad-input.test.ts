import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { encodeFrames } from '../../src/service-client/framing.js';
import { digits, errorOf, type TestService, testService } from './helpers.js';
import {
  artefactsOf,
  expectedResult,
  idOf,
  makeEnvelope,
  makeImage,
  makeKeys,
  makeModel,
} from './test-envelopes.js';

const other = makeModel('other', { parametersId: 'ab'.repeat(32) });
const opaque = makeModel('opaque', { opaque: true });
const OCTETS = { 'content-type': 'application/octet-stream' };
const JSON_TYPE = { 'content-type': 'application/json' };

/** Sends bytes as they are, and returns all that comes until the service closes the connection. */
function raw(service: TestService, text: string | Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(service.port, service.host, () => socket.write(text));
    const parts: Buffer[] = [];
    socket.on('data', (part: Buffer) => parts.push(part));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(parts).toString()));
  });
}

describe('HE service, bad input', () => {
  let service: TestService;
  let keys: Uint8Array;
  let image: Uint8Array[];
  let path: string;

  before(async () => {
    service = await testService({
      models: [artefactsOf('digits'), artefactsOf('other', other), artefactsOf('opaque', opaque)],
      limits: { bodyIdleMs: 300, bodyMs: 2000, headersMs: 400, chunkBytes: 4096, imagesPerRequest: 4 },
    });
    keys = makeKeys(digits);
    image = makeImage(digits, keys, 'a good image');
    await service.client().uploadKeys(keys, { model: 'digits' });
    path = `/v1/models/digits/infer?key=${idOf(keys)}`;
  });

  afterEach('the service is still up', async () => {
    const result = await service.client().infer(image, { model: 'digits', keyId: idOf(keys) });
    expect(result).to.deep.equal(expectedResult(digits, keys, image));
    expect(await service.metric('tacit_he_bytes_in_flight')).to.equal(0);
  });
  after(() => service.stop());

  const infer = (body: Uint8Array, query = '') =>
    service.send(path + query, { method: 'POST', headers: OCTETS, body: Uint8Array.from(body) });

  it('ciphertexts: truncated, garbled, oversized, foreign, of other parameters, none', async () => {
    const [a, b] = image as [Uint8Array, Uint8Array];
    const whole = encodeFrames(image);
    const flipped = Uint8Array.from(a, (byte, i) => (i === 80 ? byte ^ 1 : byte));
    const foreign = makeImage(digits, makeKeys(digits), 'of somebody else');
    const elsewhere = makeEnvelope('CIPH', other.parametersId, '', new Uint8Array(10));
    const cases: [string, Uint8Array, number, string][] = [
      ['nothing', new Uint8Array(0), 400, 'FRAMES_MALFORMED'],
      ['half a header', whole.subarray(0, 2), 400, 'FRAMES_MALFORMED'],
      ['half a frame', whole.subarray(0, whole.length - 1), 400, 'FRAMES_MALFORMED'],
      ['half an image', encodeFrames([a]), 400, 'FRAMES_MALFORMED'],
      ['one and a half images', encodeFrames([a, b, a]), 400, 'FRAMES_MALFORMED'],
      ['too many images', encodeFrames(Array(5).fill([a, b]).flat()), 400, 'FRAMES_MALFORMED'],
      ['an empty frame', new Uint8Array(4), 400, 'FRAMES_MALFORMED'],
      ['an error mark', new Uint8Array(8).fill(255), 413, 'BODY_TOO_LARGE'],
      ['a frame of 4 GB', Uint8Array.of(254, 255, 255, 255, 1), 413, 'BODY_TOO_LARGE'],
      ['a large ciphertext', encodeFrames([new Uint8Array(2001), b]), 413, 'BODY_TOO_LARGE'],
      ['a large body', new Uint8Array(20_000), 413, 'BODY_TOO_LARGE'],
      ['a flipped bit', encodeFrames([flipped, b]), 422, 'TEST_GARBLED'],
      ['a short envelope', encodeFrames([a.subarray(0, 80), b]), 422, 'TEST_GARBLED'],
      ['ciphertexts of other keys', encodeFrames(foreign), 422, 'TEST_FOREIGN'],
      ['other parameters', encodeFrames([elsewhere, b]), 422, 'TEST_PARAMETERS'],
      ['keys instead of a ciphertext', encodeFrames([keys.subarray(0, 1500), b]), 422, 'TEST_GARBLED'],
    ];
    for (const [what, body, status, code] of cases) {
      const reply = await infer(body);
      expect({ what, status: reply.status, code: reply.code }).to.deep.equal({ what, status, code });
      expect(JSON.parse(Buffer.from(reply.body).toString())).to.have.all.keys('code', 'message');
    }
  });

  it('any bytes at all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (body) => {
        expect((await infer(body)).status).to.be.within(400, 422);
      }),
      { numRuns: 40 },
    );
  });

  it('an image that fails behind a good one ends the stream with its error', async () => {
    const good = makeImage(digits, keys, 'good');
    const bad = makeImage(digits, keys, '{"op":"refuse"}');
    const results = service.client().inferStream([good, bad, good], { model: 'digits', keyId: idOf(keys) });
    expect((await results.next()).value).to.deep.equal(expectedResult(digits, keys, good));
    expect(await errorOf(results.next())).to.include({ code: 'TEST_REFUSAL' });
  });

  it('key ids and queries', async () => {
    const call = (query: string, model = 'digits') =>
      service.send(`/v1/models/${model}/infer?${query}`, {
        method: 'POST',
        headers: OCTETS,
        body: encodeFrames(image),
      });
    const key = `key=${idOf(keys)}`;
    expect(await call(`key=${'0'.repeat(64)}`)).to.include({ status: 404, code: 'KEY_NOT_FOUND' });
    expect(await call('key=../../etc/passwd')).to.include({ status: 400, code: 'BAD_REQUEST' });
    expect(await call('')).to.include({ status: 400, code: 'BAD_REQUEST' });
    expect(await call(`${key}&from=-1`)).to.include({ status: 400, code: 'BAD_REQUEST' });
    expect(await call(`${key}&from=x`)).to.include({ status: 400, code: 'BAD_REQUEST' });
    expect(await call(`${key}&images=5`)).to.include({ status: 413, code: 'BODY_TOO_LARGE' });
    expect(await call(`${key}&images=2`)).to.include({ status: 400, code: 'FRAMES_MALFORMED' });
    expect(await call(key, 'other')).to.include({ status: 409, code: 'KEY_OF_OTHER_PARAMETERS' });
    expect(await call(`${key}&from=1&to=1`, 'opaque')).to.include({ status: 400, code: 'LAYERS_INVALID' });
    expect(await call(key, '%2F..%2Fdigits')).to.include({ status: 404, code: 'MODEL_NOT_FOUND' });
  });

  it('keys: of other parameters, too large, another hash, garbled, chunks of the wrong size', async () => {
    const client = service.client();
    const start = (body: object) =>
      service.send('/v1/keys', { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(body) });
    const good = { sha256: '1'.repeat(64), bytes: 5000, model: 'digits', parametersId: digits.parametersId };
    expect(await start({ ...good, parametersId: other.parametersId })).to.include({
      status: 409,
      code: 'PARAMETERS_MISMATCH',
    });
    expect(await start({ ...good, bytes: 100_001 })).to.include({ status: 413, code: 'KEY_TOO_LARGE' });
    expect(await start({ ...good, sha256: 'x' })).to.include({ status: 400, code: 'BAD_REQUEST' });
    expect(await start({ ...good, bytes: -1 })).to.include({ status: 400, code: 'BAD_REQUEST' });
    expect(await start({ ...good, more: 1 })).to.include({ status: 400, code: 'BAD_REQUEST' });
    expect(await start({ ...good, model: 'x' })).to.include({ status: 404, code: 'MODEL_NOT_FOUND' });
    expect(await start({ filler: 'x'.repeat(70_000) })).to.include({ status: 413, code: 'BODY_TOO_LARGE' });

    expect((await start(good)).status).to.equal(201);
    expect((await start(good)).status).to.equal(201);
    expect(await start({ ...good, bytes: 4000 })).to.include({ status: 400, code: 'BAD_REQUEST' });
    const chunk = (n: number, bytes: number) =>
      service.send(`/v1/keys/${good.sha256}/chunks/${n}`, {
        method: 'PUT',
        headers: OCTETS,
        body: new Uint8Array(bytes),
      });
    expect(await chunk(0, 4095)).to.include({ status: 400, code: 'BODY_LENGTH_WRONG' });
    expect(await chunk(0, 5000)).to.include({ status: 413, code: 'BODY_TOO_LARGE' });
    expect(await chunk(2, 1)).to.include({ status: 400, code: 'BAD_REQUEST' });
    expect((await chunk(0, 4096)).status).to.equal(204);
    const complete = () => service.send(`/v1/keys/${good.sha256}/complete`, { method: 'POST' });
    expect(await complete()).to.include({ status: 409, code: 'KEY_INCOMPLETE' });
    expect((await chunk(1, 904)).status).to.equal(204);
    expect(await complete()).to.include({ status: 422, code: 'KEY_HASH_MISMATCH' });
    expect(await complete()).to.include({ status: 404, code: 'KEY_NOT_FOUND' });

    const garbled = Uint8Array.from(makeKeys(digits), (byte, i) => (i === 1000 ? byte ^ 4 : byte));
    expect(await errorOf(client.uploadKeys(garbled, { model: 'digits' }))).to.include({
      code: 'TEST_GARBLED',
      status: 422,
    });
    expect(await errorOf(client.keys(idOf(garbled)))).to.include({ code: 'KEY_NOT_FOUND' });
    const foreign = makeKeys(other);
    const upload = client.uploadKeys(foreign, { model: 'digits', parametersId: digits.parametersId });
    expect(await errorOf(upload)).to.include({ code: 'TEST_PARAMETERS', status: 422 });
  });

  it('compressed bodies are not taken: a bomb stays a bomb', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    for (const encoding of ['gzip', 'deflate', 'br', 'zstd', 'GZIP', 'gzip, gzip'])
      for (const [target, method] of [
        [path, 'POST'],
        ['/compute', 'POST'],
        ['/v1/keys', 'POST'],
        [`/v1/keys/${idOf(keys)}/chunks/0`, 'PUT'],
      ] as const) {
        const headers = { ...OCTETS, 'content-encoding': encoding };
        const reply = await service.send(target, {
          method,
          headers,
          body: Uint8Array.from(bomb.subarray(0, 1000)),
        });
        expect(reply).to.include({ status: 415, code: 'CONTENT_ENCODING_REFUSED' });
      }
    expect((await infer(Uint8Array.from(bomb.subarray(0, 500)))).status).to.be.within(400, 422);
  });

  it('bodies of another type than the route takes, or none', async () => {
    for (const [target, method] of [
      [path, 'POST'],
      [`/v1/keys/${idOf(keys)}/chunks/1`, 'PUT'],
    ] as const) {
      const body = JSON.stringify('x'.repeat((keys.length % 4096) - 2));
      const reply = await service.send(target, { method, headers: JSON_TYPE, body });
      expect(reply).to.include({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
    }
    expect(await service.send(path, { method: 'POST' })).to.include({
      status: 415,
      code: 'UNSUPPORTED_MEDIA_TYPE',
    });
    const octets = await service.send('/compute', { method: 'POST', headers: OCTETS, body: 'x' });
    expect(octets.status).to.equal(400);
  });

  it('bodies of unknown length', async () => {
    const reply = await raw(
      service,
      `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\n` +
        'transfer-encoding: chunked\r\nconnection: close\r\n\r\n1\r\na\r\n0\r\n\r\n',
    );
    expect(reply).to.contain(' 411 ').and.to.contain('LENGTH_REQUIRED');
  });

  it('a client that stops sending: within the body, within JSON, within the headers', async () => {
    const head = (target: string, type: string) =>
      `POST ${target} HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}\r\ncontent-length: 1000\r\n\r\n`;
    const [body, json, headers] = await Promise.all([
      raw(service, `${head(path, 'application/octet-stream')}\x05`),
      raw(service, `${head('/v1/keys', 'application/json')}{"sha256":`),
      raw(service, `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-le`),
    ]);
    for (const reply of [body, json, headers]) {
      expect(reply).to.contain(' 408 ').and.to.contain('BODY_TIMEOUT');
    }
  });

  it('a client that goes away within the body', async () => {
    const socket = connect(service.port, service.host);
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\ncontent-length: 1000\r\n\r\n\x05`,
    );
    // Once the service has reserved the bytes, the client leaves.
    while ((await service.metric('tacit_he_bytes_in_flight')) === 0);
    socket.destroy();
    while ((await service.metric('tacit_he_bytes_in_flight')) > 0);
  });

  it('what is no HTTP', async () => {
    expect(await raw(service, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03')).to.contain(' 400 ');
    expect(await raw(service, `GET / HTTP/1.1\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`)).to.contain(' 431 ');
  });

  it('JSON that poisons, nests deeply, or is none', async () => {
    const post = (target: string, body: string) =>
      service.send(target, { method: 'POST', headers: JSON_TYPE, body });
    for (const body of ['{', 'null', '[]', '{"__proto__":{"x":1}}', '{"constructor":{"prototype":{}}}', ''])
      expect((await post('/v1/keys', body)).status).to.equal(400);
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    expect(await post('/compute', `{"net":"digits","key":"${idOf(keys)}","data":${deep}}`)).to.include({
      status: 400,
      code: 'BAD_REQUEST',
    });
    const many = JSON.stringify({ net: 'digits', key: idOf(keys), data: [Array(100_000).fill('AAAA')] });
    expect(await post('/compute', many)).to.include({ status: 400, code: 'FRAMES_MALFORMED' });
    // A megabyte of text that would be many in memory is not even parsed.
    for (const part of ['[],', '{},', '0,']) {
      const { status, body } = await post('/compute', `{"data":[${part.repeat(200_000)}`);
      expect(status).to.equal(400);
      expect(Buffer.from(body).toString()).to.contain('at most 131072 are read');
    }
  });
});
