/** Programs written against InferenceSession: unchanged but for executionProviders: ['tacit']. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import * as ort from 'onnxruntime-web';
import { type Connect, type PrivateModel, registerTacit, stubOf, tacitBackend } from '../src/index.js';
import { type Served, serve } from './helpers/clients.js';
import { INVITE, modelOf, numbers, refusal, twoInputs, words } from './helpers/models.js';

const invite = INVITE;
const model = twoInputs();
const stub = stubOf(model, { invite });
const textModel = words();
const textStub = stubOf(textModel, { invite: 'tacit:1:words' });

/** The program: all that differs between in the clear and private is the file and the options. */
async function program(file: Uint8Array, options: ort.InferenceSession.SessionOptions) {
  const session = await ort.InferenceSession.create(file, options);
  const x = new ort.Tensor('float32', Float32Array.from(numbers(8)), [2, 4]);
  const y = new ort.Tensor('float32', Float32Array.from(numbers(6, 1, 3)), [2, 3]);
  const all = await session.run({ x, y });
  const one = await session.run({ x, y }, ['doubled']);
  const names = { inputs: [...session.inputNames], outputs: [...session.outputNames] };
  const shapes = session.inputMetadata.map((meta) => [meta.name, meta.isTensor && meta.shape]);
  await session.release();
  return { all, one, names, shapes };
}

const closeTo = (made: ort.Tensor, expected: ort.Tensor, tolerance: number): void => {
  expect(made).instanceOf(ort.Tensor);
  expect(made.type).equal(expected.type);
  expect([...made.dims]).deep.equal([...expected.dims]);
  (expected.data as Float32Array).forEach((v, i) => {
    expect((made.data as Float32Array)[i]).closeTo(v, tolerance);
  });
};

describe('executionProviders: tacit', function () {
  this.timeout(60_000);
  let served: Served;
  let opened: PrivateModel[] = [];
  const options = { executionProviders: ['tacit'] };

  before(() => {
    // One list of backends in this process, so the client that it connects with is chosen for each test.
    const connect: Connect = (...given) => served.connect(...given);
    registerTacit(ort, { connect, onConnect: (one) => opened.push(one) });
  });
  beforeEach(() => {
    served = serve({ [invite]: model, 'tacit:1:words': textModel });
    opened = [];
  });

  it('computes what ONNX Runtime computes, two inputs, two outputs, named outputs', async () => {
    const expected = await program(model, { logSeverityLevel: 4 });
    const made = await program(stub, options);
    expect(made.names).deep.equal(expected.names);
    expect(made.shapes).deep.equal(expected.shapes);
    expect(Object.keys(made.all)).deep.equal(Object.keys(expected.all));
    expect(Object.keys(made.one)).deep.equal(['doubled']);
    for (const name of Object.keys(expected.all)) closeTo(made.all[name], expected.all[name], 1e-6);
    closeTo(made.one.doubled, expected.one.doubled, 1e-6);
    expect(served.invites).deep.equal([invite]);
    expect(served.closed).deep.equal([invite]);
    expect(opened.map(({ stats }) => (stats as { rounds: number }).rounds)).deep.equal([2]);
  });

  it('computes it among two parties and a dealer, within 0.01', async () => {
    const expected = await program(model, { logSeverityLevel: 4 });
    served = serve({ [invite]: model }, 'private');
    const made = await program(stub, options);
    for (const name of Object.keys(expected.all)) closeTo(made.all[name], expected.all[name], 0.01);
    closeTo(made.one.doubled, expected.one.doubled, 0.01);
  });

  it('takes 64-bit indices, and looks them up among the parties', async () => {
    const ids = new ort.Tensor('int64', BigInt64Array.from([1n, 4n, 0n, 10n, 3n]), [1, 5]);
    const clear = await ort.InferenceSession.create(textModel, { logSeverityLevel: 4 });
    const expected = await clear.run({ input_ids: ids });
    served = serve({ 'tacit:1:words': textModel }, 'private');
    const session = await ort.InferenceSession.create(textStub, options);
    const { logits } = await session.run({ input_ids: ids });
    closeTo(logits, expected.logits, 0.01);
    expect(served.runs[0].input_ids.data).instanceOf(BigInt64Array);
    await session.release();
  });

  it('opens a path, an address of a file, a part of a buffer, and a stub without an invite', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tacit-ort-'));
    try {
      const path = join(folder, 'stub.onnx');
      writeFileSync(path, stub);
      for (const source of [path, pathToFileURL(path).href]) {
        const session = await ort.InferenceSession.create(source, options);
        expect([...session.inputNames]).deep.equal(['x', 'y']);
        await session.release();
      }
      const buffer = new Uint8Array([9, 9, ...stub, 9]).buffer;
      await (await ort.InferenceSession.create(buffer, 2, stub.length, options)).release();
      const missing = join(folder, 'missing.onnx');
      expect(await refusal(() => ort.InferenceSession.create(missing, options))).match(/^ARGUMENT .*missing/);
    } finally {
      rmSync(folder, { recursive: true });
    }
    const slots = {
      inputs: [{ name: 'input_ids', type: 'int64', shape: [1, 5] }],
      outputs: [{ name: 'logits', type: 'float', shape: [1, 2] }],
    };
    const bare = modelOf(slots);
    const provider = { name: 'tacit', invite: 'tacit:1:words' };
    const session = await ort.InferenceSession.create(bare, { executionProviders: [provider as never] });
    await session.release();
    expect(await refusal(() => ort.InferenceSession.create(bare, options))).match(/^STUB_MISSING /);
  });

  it('fills tensors that the program gives for outputs', async () => {
    const session = await ort.InferenceSession.create(stub, options);
    const feeds = {
      x: new ort.Tensor('float32', new Float32Array(4), [1, 4]),
      y: new ort.Tensor('float32', Float32Array.of(1, 2, 3), [1, 3]),
    };
    const place = new ort.Tensor('float32', new Float32Array(3), [1, 3]);
    const { doubled } = await session.run(feeds, { doubled: place });
    expect(doubled).equal(place);
    expect([...(place.data as Float32Array)]).deep.equal([2, 4, 6]);
    await session.release();
  });

  it('asks concurrent runs in their order, lets them end before release(), and refuses those after it', async () => {
    const order: string[] = [];
    const { connect } = serve({ [invite]: model });
    served = {
      ...served,
      connect: async (...given) => {
        const opening = await connect(...given);
        return {
          ...opening,
          run: async (feeds, runOptions) => {
            const first = (feeds.y.data as Float32Array)[0];
            order.push(`run ${first}`);
            // The first one ends last.
            await new Promise((done) => setTimeout(done, 10 * (4 - first)));
            return opening.run(feeds, runOptions);
          },
          close: async () => void order.push('close'),
        };
      },
    };
    const session = await ort.InferenceSession.create(stub, options);
    const run = (value: number) =>
      session.run({
        x: new ort.Tensor('float32', new Float32Array(4), [1, 4]),
        y: new ort.Tensor('float32', new Float32Array(3).fill(value), [1, 3]),
      });
    const wrong = session.run({ x: new ort.Tensor('float32', new Float32Array(1), [1]), y: 3 as never });
    const runs = [run(1), run(2), run(3)];
    const released = session.release();
    expect(await refusal(() => run(4))).match(/^SESSION_RELEASED /);
    expect(await refusal(() => wrong)).match(/^INPUT_SHAPE /);
    for (const [i, made] of (await Promise.all(runs)).entries())
      expect((made.doubled.data as Float32Array)[0]).equal(2 * (i + 1));
    await released;
    await session.release();
    expect(order).deep.equal(['run 1', 'run 2', 'run 3', 'close']);
  });

  it('says what is wrong with inputs before anything is sent', async () => {
    const session = await ort.InferenceSession.create(stub, options);
    const good = {
      x: new ort.Tensor('float32', new Float32Array(8), [2, 4]),
      y: new ort.Tensor('float32', new Float32Array(6), [2, 3]),
    };
    const of = (type: string, data: unknown, dims: number[]) =>
      new ort.Tensor(type as never, data as never, dims);
    const cases: [RegExp, object][] = [
      [/missing in 'feeds'/, { x: good.x }],
      [/^INPUT_SHAPE .*no such input, but x, y/, { ...good, z: good.x }],
      [
        /^INPUT_SHAPE .*expected \[batch, 4\], given \[8\]/,
        { ...good, x: of('float32', new Float32Array(8), [8]) },
      ],
      [
        /^INPUT_SHAPE .*expected \[batch, 4\], given \[4, 2\]/,
        { ...good, x: of('float32', new Float32Array(8), [4, 2]) },
      ],
      [/^INPUT_SHAPE .*batch is 2 elsewhere/, { ...good, y: of('float32', new Float32Array(3), [1, 3]) }],
      [
        /^INPUT_DTYPE .*takes float32 and was given int64/,
        { ...good, x: of('int64', new BigInt64Array(8), [2, 4]) },
      ],
      [
        /^INPUT_DTYPE .*takes float32 and was given string/,
        { ...good, x: of('string', Array(8).fill(''), [2, 4]) },
      ],
      [/^ARGUMENT .*not a tensor/, { ...good, x: 3 }],
    ];
    for (const [pattern, feeds] of cases)
      expect(await refusal(() => session.run(feeds as typeof good))).match(pattern);
    expect(served.runs).deep.equal([]);
    // Other widths of the same kind are converted.
    const doubles = { ...good, x: of('float64', new Float64Array(8).fill(0.5), [2, 4]) };
    await session.run(doubles);
    expect(served.runs[0].x).deep.include({ type: 'float32', data: new Float32Array(8).fill(0.5) });
    const halves = { ...good, x: of('float16', new Uint16Array(8).fill(0x3c00), [2, 4]) };
    await session.run(halves);
    expect([...(served.runs[1].x.data as Float32Array)]).deep.equal(Array(8).fill(1));
    await session.release();
  });

  it('refuses what is no stub, stubs of other models, and weights beside a stub', async () => {
    const create = (file: Uint8Array, more: object = {}) =>
      refusal(() => ort.InferenceSession.create(file, { ...options, ...more }));
    expect(await create(model)).match(/^STUB_MISSING .*holds 16 numbers/);
    expect(await create(new Uint8Array(2 ** 20 + 1))).match(/^STUB_WEIGHTS .*larger/);
    expect(await create(Uint8Array.of(8))).match(/^MODEL_FORMAT /);
    expect(await create(stub, { externalData: [{ path: 'w', data: 'w' }] })).match(
      /^STUB_WEIGHTS .*external/,
    );
    expect(served.invites).deep.equal([]);
    const leads = (file: Uint8Array) => create(stubOf(file, { invite: 'tacit:1:words' }));
    expect(await leads(model)).match(/^STUB_MODEL .*"served".* has an input "input_ids" more/);
    const slots = {
      inputs: [{ name: 'input_ids', type: 'int64', shape: ['batch', 5] }],
      outputs: [{ name: 'logits', type: 'float', shape: ['batch', 2] }],
    };
    const like = (change: Partial<typeof slots>) => leads(modelOf({ ...slots, ...change }));
    expect(await like({})).equal('nothing was refused');
    const wrong: [RegExp, Partial<typeof slots>][] = [
      [/no output "scores"/, { outputs: [{ ...slots.outputs[0], name: 'scores' }] }],
      [/no input "more"/, { inputs: [...slots.inputs, { ...slots.inputs[0], name: 'more' }] }],
      [/"input_ids" is int64 there and float32 here/, { inputs: [{ ...slots.inputs[0], type: 'float' }] }],
      [
        /is \[batch, 5\] there and \[1, 6\] here/,
        { inputs: [{ ...slots.inputs[0], shape: [1, 6] as never }] },
      ],
      [/is \[batch, 2\] there and \[2\] here/, { outputs: [{ ...slots.outputs[0], shape: [2] as never }] }],
    ];
    for (const [pattern, change] of wrong)
      expect(await like(change))
        .match(/^STUB_MODEL /)
        .match(pattern);
    // Each connection that was of no use is closed: one for the model as it is is still open.
    expect(served.closed.length).equal(served.invites.length - 1);
  });

  it('gives up when it is told to', async () => {
    const gone = AbortSignal.abort(new Error('enough'));
    const provider = { name: 'tacit', signal: gone } as never;
    const create = () => ort.InferenceSession.create(stub, { executionProviders: [provider] });
    expect(await refusal(create)).match(/enough/);
    const session = await ort.InferenceSession.create(stub, options);
    const feeds = {
      x: new ort.Tensor('float32', new Float32Array(4), [1, 4]),
      y: new ort.Tensor('float32', new Float32Array(3), [1, 3]),
    };
    const seen: unknown[] = [];
    const extra = { tacit: { signal: gone, onProgress: (progress: unknown) => seen.push(progress) } };
    expect(await refusal(() => session.run(feeds, { extra }))).match(/enough/);
    await session.run(feeds, { extra: { tacit: { onProgress: extra.tacit.onProgress } } });
    expect(seen).deep.equal(['begins']);
    await session.release();
  });

  it('is registered once, and with a module that takes backends', async () => {
    const { connect } = served;
    expect(await refusal(() => registerTacit(ort, { connect }))).match(/^ARGUMENT .*already/);
    expect(await refusal(() => registerTacit({} as never, { connect }))).match(
      /^ARGUMENT .*onnxruntime-common/,
    );
    expect(await refusal(() => registerTacit(ort, {} as never))).match(/^ARGUMENT .*connect/);
    const backend = tacitBackend({ connect });
    await backend.init('tacit');
    const handler = await backend.createInferenceSessionHandler(stub);
    handler.startProfiling();
    handler.endProfiling();
    await handler.dispose();
  });
});
