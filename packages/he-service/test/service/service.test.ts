import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { encodeFrames } from '../../src/service-client/framing.js';
import { digits, errorOf, type TestService, testService } from './helpers.js';
import { artefactsOf, expectedResult, idOf, makeImage, makeKeys, makeModel } from './test-envelopes.js';

const wide = makeModel('wide', { inputCiphertexts: 3, outputCiphertexts: 1 });

describe('HE service', () => {
  let service: TestService;
  before(async () => {
    service = await testService({
      models: [artefactsOf('digits'), artefactsOf('wide', wide)],
      workers: 2,
      limits: { chunkBytes: 1000 },
    });
  });
  after(() => service.stop());

  it('tells its models and hands out client artefacts', async () => {
    const client = service.client();
    const models = await client.models();
    expect(models.map((model) => model.name)).to.deep.equal(['digits', 'wide']);
    expect(models).to.deep.equal(service.models);
    const model = await client.model('digits');
    expect(model).to.include({ id: digits.id, parametersId: digits.parametersId, inputCiphertexts: 2 });
    expect(model.layers).to.deep.equal(digits.layers);
    expect(await client.model(digits.id)).to.deep.equal(model);
    const artefact = await client.clientArtefact('digits');
    expect(artefact).to.deep.equal(artefactsOf('digits').client);
    expect(model.clientArtefactBytes).to.equal(artefact.length);
    expect(await errorOf(client.model('nobody'))).to.include({ code: 'MODEL_NOT_FOUND', status: 404 });
  });

  it('takes keys in chunks, and computes with them', async () => {
    const client = service.client();
    const keys = makeKeys(digits);
    const progress: number[] = [];
    const info = await client.uploadKeys(keys, {
      model: 'digits',
      onProgress: (sent, total) => {
        expect(total).to.equal(keys.length);
        progress.push(sent);
      },
    });
    expect(info).to.include({ id: idOf(keys), state: 'stored', bytes: keys.length, chunks: 6 });
    expect(progress[0]).to.equal(0);
    expect(progress.at(-1)).to.equal(keys.length);
    expect(await client.keys(info.id)).to.include({ state: 'stored', modelId: digits.id });

    const image = makeImage(digits, keys, 'a seven');
    const result = await client.infer(image, { model: 'digits', keyId: info.id });
    expect(result).to.deep.equal(expectedResult(digits, keys, image));

    // Known keys cost one request.
    const again: number[] = [];
    await client.uploadKeys(keys, { model: 'digits', onProgress: (sent) => again.push(sent) });
    expect(again).to.deep.equal([keys.length]);
    expect(await service.metric('tacit_he_keys_stored')).to.be.greaterThan(0);

    await client.deleteKeys(info.id);
    expect(await errorOf(client.infer(image, { model: 'digits', keyId: info.id }))).to.include({
      code: 'KEY_NOT_FOUND',
      status: 404,
    });
  });

  it('goes on with an upload that broke off', async () => {
    const keys = makeKeys(digits);
    const stop = new AbortController();
    let calls = 0;
    const first = service.client().uploadKeys(keys, {
      model: 'digits',
      signal: stop.signal,
      parallel: 1,
      onProgress: () => {
        if (++calls === 3) stop.abort(new Error('the train enters a tunnel'));
      },
    });
    expect((await errorOf(first)).message).to.contain('tunnel');
    const state = await service.client().keys(idOf(keys));
    expect(state.state).to.equal('uploading');
    expect(state.received).to.include.members([0, 1]);
    expect(
      await errorOf(
        service.client().infer(makeImage(digits, keys, 'x'), { model: 'digits', keyId: idOf(keys) }),
      ),
    ).to.include({
      code: 'KEY_INCOMPLETE',
      status: 409,
    });

    const progress: number[] = [];
    const info = await service
      .client()
      .uploadKeys(keys, { model: 'digits', onProgress: (sent) => progress.push(sent) });
    expect(info.state).to.equal('stored');
    expect(progress[0]).to.be.at.least(2000);
    expect(progress.at(-1)).to.equal(keys.length);
  });

  it('answers several images in their order, as a stream', async () => {
    const client = service.client();
    const keys = makeKeys(digits);
    const { id } = await client.uploadKeys(keys, { model: 'digits' });
    const images = Array.from({ length: 9 }, (_, i) =>
      makeImage(digits, keys, i % 3 === 0 ? `{"op":"sleep","ms":5,"i":${i}}` : `image ${i}`),
    );
    const results: Uint8Array[][] = [];
    for await (const result of client.inferStream(images, { model: 'digits', keyId: id }))
      results.push(result);
    expect(results).to.deep.equal(images.map((image) => expectedResult(digits, keys, image)));
  });

  it('computes ranges of layers that compose to the network', async () => {
    const client = service.client();
    const keys = makeKeys(digits);
    const { id: keyId } = await client.uploadKeys(keys, { model: 'digits' });
    const image = makeImage(digits, keys, 'a range');
    const all = expectedResult(digits, keys, image);
    const call = { model: 'digits', keyId };
    const head = await client.infer(image, { ...call, to: 0 });
    expect(head).to.have.length(1);
    const middle = await client.infer(head, { ...call, from: 1, to: 1 });
    expect(await client.infer(middle, { ...call, from: 2 })).to.deep.equal(all);
    const batch = await client.inferBatch([head, head], { ...call, from: 1 });
    expect(batch).to.deep.equal([all, all]);
    for (const range of [{ from: 3 }, { from: 2, to: 1 }, { to: 3 }])
      expect(await errorOf(client.infer(image, { ...call, ...range }))).to.include({
        code: 'LAYERS_INVALID',
        status: 400,
      });
  });

  it('serves keys to another model of the same parameters', async () => {
    const client = service.client();
    const keys = makeKeys(wide);
    const { id: keyId } = await client.uploadKeys(keys, { model: 'digits' });
    const image = makeImage(wide, keys, 'three ciphertexts');
    expect(await client.infer(image, { model: 'wide', keyId })).to.deep.equal(
      expectedResult(wide, keys, image),
    );
  });

  it("answers PyCrCNN's requests", async () => {
    const keys = makeKeys(digits);
    await service.client().uploadKeys(keys, { model: 'digits' });
    const images = [makeImage(digits, keys, 'one'), makeImage(digits, keys, 'two')];
    const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
    const compute = async (body: object) => {
      const { status, body: reply } = await service.send('/compute', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ net: 'digits', key: idOf(keys), max_threads: 1, ...body }),
      });
      return { status, ...JSON.parse(Buffer.from(reply).toString()) };
    };
    const expected = images.map((image) => expectedResult(digits, keys, image).map(base64));
    const parameters = [{ m: 2048, p: 13513511, sec: 128, base: 2 }];
    // Shape [image, channel, row, column], as PyCrCNN sends it.
    const data = images.map((image) => [[image.map(base64)]]);
    expect(await compute({ encryption_parameters: parameters, layers: [0, 1, 2], data })).to.deep.equal({
      status: 200,
      data: expected,
    });
    expect(await compute({ image: images[0]?.map(base64) })).to.deep.equal({
      status: 200,
      data: expected[0],
    });
    const bad: [object, number, string][] = [
      [{ data, layers: [0, 2] }, 400, 'LAYERS_INVALID'],
      [{ data: [['!!!', '!!!']] }, 400, 'BAD_REQUEST'],
      [{ data: [[1, 2]] }, 400, 'BAD_REQUEST'],
      [{ data: [[]] }, 400, 'FRAMES_MALFORMED'],
      [{}, 400, 'BAD_REQUEST'],
      [{ data, net: 'AlexNet' }, 404, 'MODEL_NOT_FOUND'],
      [{ data, key: '0'.repeat(64) }, 404, 'KEY_NOT_FOUND'],
      [{ data, encryption_parameters: [{ parameters_id: 'ff' }] }, 409, 'PARAMETERS_MISMATCH'],
      [
        { data: [[base64(images[0]?.[0] ?? new Uint8Array()), base64(new Uint8Array(300))]] },
        422,
        'TEST_GARBLED',
      ],
    ];
    for (const [body, status, code] of bad) expect(await compute(body)).to.include({ status, code });
  });

  it('tells its health, metrics and description', async () => {
    expect((await service.send('/')).status).to.equal(200);
    expect((await service.send('/healthz')).status).to.equal(200);
    expect((await service.send('/readyz')).status).to.equal(200);
    expect(await service.metric('tacit_he_workers_idle')).to.equal(2);
    expect(await service.metric('tacit_he_bytes_in_flight')).to.equal(0);
    expect(await service.metric('tacit_he_images_total{model="digits"}')).to.be.greaterThan(0);
    const description = JSON.parse(Buffer.from((await service.send('/openapi.json')).body).toString());
    expect(description.openapi).to.match(/^3\./);
    expect(Object.keys(description.paths)).to.include.members([
      '/v1/models/{model}/infer',
      '/v1/keys/{id}/chunks/{n}',
      '/compute',
      '/metrics',
    ]);
    const infer = description.paths['/v1/models/{model}/infer'].post;
    expect(infer.requestBody.content['application/octet-stream'].schema).to.deep.equal({
      type: 'string',
      format: 'binary',
    });
    expect(infer.responses['4XX'].content['application/json'].schema.$ref).to.match(/Error$/);
    expect(description.components.schemas.Error.required).to.deep.equal(['code', 'message']);
    const { headers } = await service.send('/v1/models');
    expect(headers.get('x-content-type-options')).to.equal('nosniff');
  });

  it('leaves nothing of uploads behind', () => {
    const folder = `${service.folder}/evaluation-keys/uploads`;
    for (const tenant of readdirSync(folder)) expect(readdirSync(`${folder}/${tenant}`)).to.deep.equal([]);
  });

  it('knows what it does not have', async () => {
    expect(await service.send('/v2/models')).to.include({ status: 404, code: 'NOT_FOUND' });
    expect(await service.send('/v1/keys', { method: 'PUT' })).to.include({ status: 404, code: 'NOT_FOUND' });
    const body = encodeFrames([new Uint8Array(3)]);
    const headers = { 'content-type': 'text/plain' };
    expect(await service.send('/v1/keys', { method: 'POST', headers, body })).to.include({
      status: 415,
      code: 'UNSUPPORTED_MEDIA_TYPE',
    });
  });
});
