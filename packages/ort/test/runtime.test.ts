/** The runtime that libraries find in place of ONNX Runtime, called as transformers.js 4.3.1 calls it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import * as web from 'onnxruntime-web';
import {
  createRuntime,
  installRuntime,
  publicConfig,
  RUNTIME_SYMBOL,
  type Runtime,
  type RuntimeOptions,
  stubOf,
} from '../src/index.js';
import { serve } from './helpers/clients.js';
import { FakeTransformers, type NewTensor } from './helpers/fake-transformers.js';
import { INVITE, modelOf, refusal, twoInputs } from './helpers/models.js';
import { COLOURS, colours, MOODS, moods, writeModels } from './helpers/transformers-models.js';

/** Both copies of onnxruntime-common. */
const require = createRequire(import.meta.url);
const { Tensor: CjsTensor } = require('onnxruntime-common') as { Tensor: NewTensor };
const esm = pathToFileURL(require.resolve('onnxruntime-common').replace('/cjs/', '/esm/')).href;
const { Tensor: EsmTensor } = (await import(esm)) as { Tensor: NewTensor };
const models = { [COLOURS]: colours(), [MOODS]: moods() };
const global = globalThis as { [RUNTIME_SYMBOL]?: Runtime };

const pixels = (value: readonly number[]): Float32Array =>
  Float32Array.from({ length: 3 * 256 }, (_, i) => value[Math.floor(i / 256)] + (i % 7) / 50);
const IMAGES = [
  pixels([0.7, -0.8, -0.9]),
  pixels([-0.9, 0.8, -0.8]),
  pixels([-0.8, -0.7, 0.6]),
  pixels([-0.9, -0.9, -0.9]),
];
/** [CLS] … [SEP], with [PAD] behind. */
const TEXTS = [
  [2, 5, 6, 7, 10, 8, 3],
  [2, 12, 9, 6, 3, 0, 0],
];

describe('a runtime for transformers.js', function () {
  this.timeout(60_000);
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tacit-ort-'));
    writeModels(join(folder, 'models'), 'models');
    writeModels(join(folder, 'stubs'), 'stubs');
  });
  after(() => rmSync(folder, { recursive: true }));
  afterEach(() => {
    delete global[RUNTIME_SYMBOL];
  });
  const path = (how: string, name: string) => join(folder, how, name, 'onnx', 'model.onnx');

  /** What it says in the clear, by onnxruntime-web. */
  async function inTheClear(): Promise<{ images: unknown[]; texts: unknown[] }> {
    global[RUNTIME_SYMBOL] = web as never;
    const library = new FakeTransformers(EsmTensor);
    const see = await library.imageClassification(readFileSync(path('models', 'colours')));
    const images = [];
    for (const image of IMAGES) images.push(await see(image));
    const read = await library.textClassification(readFileSync(path('models', 'moods')));
    return { images, texts: await read(TEXTS) };
  }

  it('gives the labels and scores of ONNX Runtime, privately, by path and by bytes, with any Tensor', async () => {
    const expected = await inTheClear();
    const served = serve(models, 'private');
    const copies = [EsmTensor, CjsTensor, web.Tensor as unknown as NewTensor];
    for (const [i, copy] of copies.entries()) {
      installRuntime({ connect: served.connect });
      const library = new FakeTransformers(copy);
      const source = (name: string) => (i === 0 ? path('stubs', name) : readFileSync(path('stubs', name)));
      const see = await library.imageClassification(source('colours'));
      // One image by each copy, all by the first.
      for (const [at, image] of IMAGES.entries())
        if (i === 0 || at === i) compare(await see(image), expected.images[at]);
      if (i === 0) {
        const read = await library.textClassification(source('moods'));
        compare(await read(TEXTS), expected.texts);
      }
      await library.dispose();
    }
    expect(served.invites).deep.equal([COLOURS, MOODS, COLOURS, COLOURS]);
    expect(served.closed).deep.equal(served.invites);
    expect(Object.keys(served.runs.at(-1) ?? {})).deep.equal(['pixel_values']);
    expect(served.runs[4].input_ids.data).instanceOf(BigInt64Array);
  });

  function compare(made: unknown, expected: unknown): void {
    const flat = (value: unknown): { label: string; score: number }[] => (value as never[]).flat(9);
    expect(flat(made).map(({ label }) => label)).deep.equal(flat(expected).map(({ label }) => label));
    flat(expected).forEach(({ score }, i) => {
      expect(flat(made)[i].score).closeTo(score, 0.01);
    });
  }

  it('has settings that programs write, and none by which libraries load WebAssembly', () => {
    const { env } = createRuntime({ connect: serve({}).connect });
    Object.assign(env.wasm as object, { numThreads: 1, proxy: true, wasmPaths: '/' });
    expect(env.versions).not.have.any.keys('web', 'node');
    expect(env.versions).property('common').match(/^1\./);
    const other = createRuntime({ connect: serve({}).connect });
    expect(other.env.wasm).deep.equal({});
  });

  it('knows tensors of all copies, and only them', () => {
    const { Tensor } = createRuntime({ connect: serve({}).connect });
    expect(Object.is(EsmTensor, CjsTensor)).equal(false);
    for (const One of [EsmTensor, CjsTensor, web.Tensor, Tensor] as unknown as NewTensor[])
      expect(new One('float32', new Float32Array(2), [2])).instanceOf(Tensor);
    const wrapped = { ort_tensor: new EsmTensor('float32', [1], [1]), type: 'float32', dims: [1], data: [1] };
    for (const other of [wrapped, {}, null, undefined, 3, [], { type: 'float32', dims: [], data: [] }])
      expect(other instanceof Tensor).equal(false);
    expect(Tensor.name).equal('Tensor');
    expect(new Tensor('int64', [1n, 2n], [2]).data).instanceOf(BigInt64Array);
  });

  it('takes all forms of arguments that onnxruntime takes', async () => {
    const served = serve({ [INVITE]: twoInputs() });
    const { InferenceSession, Tensor } = createRuntime({ connect: served.connect });
    const stub = stubOf(twoInputs(), { invite: INVITE });
    const padded = new Uint8Array([7, ...stub, 7, 7]).buffer;
    for (const given of [
      [stub],
      [stub.slice().buffer],
      [padded, 1, stub.length],
      [padded, 1, stub.length, {}],
    ])
      await (await InferenceSession.create(...given)).release();
    const session = await InferenceSession.create(stub, { executionProviders: ['wasm'] });
    const x = new Tensor('float32', new Float32Array(4), [1, 4]);
    const y = new Tensor('float32', new Float32Array(3), [1, 3]);
    const names = async (...more: unknown[]) => Object.keys(await session.run({ x, y }, ...more));
    expect(await names()).deep.equal(['sum', 'doubled']);
    expect(await names({})).deep.equal(['sum', 'doubled']);
    expect(await names(['doubled'])).deep.equal(['doubled']);
    expect(await names({ sum: null }, { tag: 't' })).deep.equal(['sum']);
    const refused: [RegExp, unknown[]][] = [
      [/^ARGUMENT .*feeds/, []],
      [/^ARGUMENT .*feeds/, [x]],
      [/^ARGUMENT .*feeds/, [[x]]],
      [/^ARGUMENT .*outputs are sum, doubled/, [{ x, y }, ['other']]],
      [/^ARGUMENT .*outputs are/, [{ x, y }, []]],
      [/^ARGUMENT .*fetches/, [{ x, y }, x]],
      [/^ARGUMENT .*fetches/, [{ x, y }, null]],
      [/^INPUT_SHAPE /, [{ x }]],
    ];
    for (const [pattern, given] of refused) expect(await refusal(() => session.run(...given))).match(pattern);
    for (const given of [[padded, -1], [padded, 1, 1e9], [null], []])
      expect(await refusal(() => InferenceSession.create(...given))).match(/^ARGUMENT /);
    await session.release();
    expect(await refusal(() => session.run({ x, y }))).match(/^SESSION_RELEASED /);
  });

  it('takes tensors that lie elsewhere, and says where they cannot be read', async () => {
    const served = serve({ [INVITE]: twoInputs() });
    const { InferenceSession } = createRuntime({ connect: served.connect });
    const session = await InferenceSession.create(stubOf(twoInputs(), { invite: INVITE }));
    const y = { type: 'float32', dims: [1, 3], data: new Float32Array(3) };
    const away = {
      type: 'float32',
      dims: [1, 4],
      location: 'gpu-buffer',
      get data(): never {
        throw new Error('not here');
      },
    };
    const getData = async () => Float32Array.of(1, 2, 3, 4);
    await session.run({ x: Object.assign(Object.create(away), { getData }), y });
    expect([...(served.runs[0].x.data as Float32Array)]).deep.equal([1, 2, 3, 4]);
    expect(await refusal(() => session.run({ x: away, y }))).match(/^ARGUMENT .*gpu-buffer/);
    const short = { ...y, data: new Float32Array(2) };
    expect(await refusal(() => session.run({ x: y, y: short }))).match(/^INPUT_SHAPE |^SHAPE /);
    await session.release();
  });

  it('refuses a model in place of a stub, external data, and a stub with weights', async () => {
    const { InferenceSession } = createRuntime({ connect: serve(models).connect });
    const create = (...given: unknown[]) => refusal(() => InferenceSession.create(...given));
    expect(await create(path('models', 'colours'))).match(/^STUB_WEIGHTS .*the model itself is here/);
    const external = { externalData: ['model.onnx_data'] };
    expect(await create(path('stubs', 'colours'), external)).match(/^STUB_WEIGHTS .*external/);
    const constants = { y: { shape: [1], data: [1] } };
    const outputs = [{ name: 'y', type: 'float', shape: [1] }];
    const both = modelOf({ outputs, constants, metadata: { 'tacit.invite': INVITE } });
    expect(await create(both)).match(/^STUB_WEIGHTS .*1 number/);
    expect(await create(stubOf(moods(), { invite: 'tacit:1:nobody' }))).match(/nobody serves/);
    expect(await create(stubOf(moods(), { invite: COLOURS }))).match(/^STUB_MODEL /);
    expect(await refusal(() => createRuntime({} as never))).match(/^ARGUMENT .*connect/);
  });

  it('asks for the invite of a stub that has none, and passes on what a session says to connect', async () => {
    const { connect } = serve({ [COLOURS]: colours(), [MOODS]: moods() });
    const seen: unknown[] = [];
    const watching: typeof connect = (invite, options) => {
      seen.push([invite, options]);
      return connect(invite, options);
    };
    const bare = stubOf(moods(), { name: 'moods' });
    const invites: Record<string, string> = { moods: MOODS };
    const of = (invite?: RuntimeOptions['invite']) => createRuntime({ connect: watching, invite });
    const { InferenceSession } = of(({ name = '' }) => invites[name]);
    await (await InferenceSession.create(bare)).release();
    await (await of(async () => MOODS).InferenceSession.create(bare)).release();
    await (await of(MOODS).InferenceSession.create(stubOf(colours(), { invite: COLOURS }))).release();
    const sizes = { freeDimensionOverrides: { batch: 2, words: 7 } };
    const extra = { tacit: { invite: MOODS, trial: true } };
    await (await of(COLOURS).InferenceSession.create(bare, { extra, ...sizes })).release();
    expect(await refusal(() => of().InferenceSession.create(bare))).match(
      /^STUB_MISSING .*"moods".*gives none/,
    );
    const unnamed = stubOf(moods());
    expect(await refusal(() => InferenceSession.create(unnamed))).match(/^STUB_MISSING .*no invite/);
    const inputShapes = { input_ids: [2, 7], attention_mask: [2, 7], token_type_ids: [2, 7] };
    expect(seen).deep.equal([
      [MOODS, {}],
      [MOODS, {}],
      [COLOURS, {}],
      [MOODS, { trial: true, inputShapes }],
    ]);
  });

  it('needs a configuration that asks for any device and whole weights', () => {
    const given = {
      model_type: 'bert',
      'transformers.js_config': {
        dtype: 'q8',
        use_external_data_format: true,
        free_dimension_overrides: { b: 1 },
      },
    };
    expect(publicConfig(given)).deep.equal({
      model_type: 'bert',
      'transformers.js_config': { free_dimension_overrides: { b: 1 }, device: 'auto', dtype: 'fp32' },
    });
    expect(publicConfig({})).deep.equal({ 'transformers.js_config': { device: 'auto', dtype: 'fp32' } });
  });
});
