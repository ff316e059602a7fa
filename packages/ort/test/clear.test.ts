/** What is computed in the clear beside private models, against onnxruntime. */
import { expect } from 'chai';
import fc from 'fast-check';
import * as ort from 'onnxruntime-web';
import { transform } from '../src/clear/fourier.js';
import { createRuntime, type Runtime } from '../src/index.js';
import { modelOf, node, numbers, refusal, tensor, twoInputs } from './helpers/models.js';
import * as small from './helpers/small-graphs.js';

const connect = () => Promise.reject(new Error('nobody is connected to here'));
const runtime = createRuntime({ connect });

const floats = (shape: number[], seed = 1): ort.Tensor =>
  new ort.Tensor(
    'float32',
    Float32Array.from(
      numbers(
        shape.reduce((a, b) => a * b, 1),
        1,
        seed,
      ),
    ),
    shape,
  );
const whole = (data: number[], shape = [data.length]): ort.Tensor =>
  new ort.Tensor('int64', BigInt64Array.from(data, BigInt), shape);

/** Both on the same file and inputs. */
async function compare(file: Uint8Array, feeds: Record<string, ort.Tensor>, tolerance = 1e-5): Promise<void> {
  const theirs = await ort.InferenceSession.create(file, { logSeverityLevel: 4 });
  const expected = await theirs.run(feeds);
  await theirs.release();
  const ours = await runtime.InferenceSession.create(file);
  expect(ours.inputNames).deep.equal([...theirs.inputNames]);
  const made = await ours.run(feeds);
  expect(Object.keys(made)).deep.equal(Object.keys(expected));
  for (const [name, tensor] of Object.entries(expected)) {
    expect(made[name].type).equal(tensor.type);
    expect([...made[name].dims]).deep.equal([...tensor.dims]);
    (tensor.data as Float32Array).forEach((v, i) => {
      expect(Number(made[name].data[i]), `${name}[${i}]`).closeTo(Number(v), tolerance);
    });
  }
  await ours.release();
}

describe('small graphs without weights', function () {
  this.timeout(60_000);

  const { nearest, bilinear, bicubic } = small;
  for (const [mode, file] of Object.entries({ nearest, bilinear, bicubic }))
    it(`resize: ${mode}, up, down, to one`, async () => {
      for (const [from, to] of [
        [
          [1, 3, 5, 7],
          [10, 9],
        ],
        [
          [2, 1, 9, 8],
          [4, 3],
        ],
        [
          [1, 2, 4, 4],
          [4, 4],
        ],
        [
          [1, 1, 6, 5],
          [1, 1],
        ],
      ])
        await compare(file, { x: floats(from), s: whole([from[0], from[1], ...to]) });
    });

  it('products of matrices', async () => {
    await compare(small.matmul, { a: floats([3, 4]), b: floats([4, 5], 2) });
    await compare(small.matmul, { a: floats([2, 3, 4]), b: floats([2, 4, 1], 2) });
    await compare(small.matmul, { a: floats([4]), b: floats([4], 2) });
  });

  it('the largest, and where they are', async () => {
    for (const [shape, k] of [
      [[7], 7],
      [[1, 10], 1],
      [[3, 1000], 5],
    ] as const)
      await compare(small.topK, { x: floats([...shape]), k: whole([k]) });
  });

  it('parts', async () => {
    await compare(small.slice, {
      x: floats([4, 5, 6]),
      s: whole([1, -1]),
      e: whole([3, -7]),
      a: whole([0, 2]),
      t: whole([1, -2]),
    });
  });

  it('Fourier transforms of real numbers and of complex ones, all and one side, back, of many lengths', async () => {
    // For 400, onnxruntime sums up in single precision what it is off by here.
    for (const n of [1, 2, 3, 8, 12, 17, 400])
      await compare(small.rfft, { x: floats([2, n, 1]), a: whole([1], []) }, n < 400 ? 1e-5 : 0.01);
    await compare(small.rfft, { x: floats([2, 6, 1]), a: whole([-2], []) });
    for (const parts of [1, 2]) {
      await compare(small.dft({}, parts), { x: floats([2, 3, 10, parts]) });
      await compare(small.dft({ inverse: { i: 1 } }, parts), { x: floats([2, 3, 10, parts]) });
      await compare(small.dft({ axis: { i: 1 } }, parts, 17), { x: floats([2, 6, 3, parts]) });
    }
  });

  it('Fourier transforms of frames', async () => {
    for (const [n, step, length] of [
      [40, 4, 16],
      [30, 7, 10],
      [9, 1, 9],
    ])
      await compare(small.stft, {
        s: floats([2, n, 1]),
        j: whole([step], []),
        w: floats([length], 5),
        l: whole([length], []),
      });
  });

  it('a transform and back is what it was, of any length', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.double({ min: -9, max: 9, noNaN: true }), fc.double({ min: -9, max: 9, noNaN: true })),
        ),
        (pairs) => {
          const x = { re: Float64Array.from(pairs, ([a]) => a), im: Float64Array.from(pairs, ([, b]) => b) };
          const again = transform(transform(x), true);
          again.re.forEach((v, i) => {
            expect(v).closeTo(x.re[i], 1e-9);
            expect(again.im[i]).closeTo(x.im[i], 1e-9);
          });
        },
      ),
    );
  });

  it('is computed for other values with the same session, and not after release()', async () => {
    const session = await runtime.InferenceSession.create(small.topK);
    for (let k = 1; k <= 20; k++) {
      const { i } = await session.run({ x: floats([30]), k: whole([k]) });
      expect(i.dims).deep.equal([k]);
    }
    await session.release();
    expect(await refusal(() => session.run({ x: floats([3]), k: whole([1]) }))).match(/^SESSION_RELEASED /);
  });

  it('refuses models, operators that are not known, and files that are none', async () => {
    const create = (file: unknown) => refusal(() => runtime.InferenceSession.create(file));
    const big = modelOf({
      inputs: [{ name: 'x', type: 'float', shape: [1, 65] }],
      outputs: [{ name: 'y', type: 'float', shape: [1, 65] }],
      constants: { w: tensor([65]) },
      nodes: [node('Mul', ['x', 'w'], 'y')],
    });
    expect(await create(big)).match(/^STUB_WEIGHTS .*65 numbers.*tacit stub/);
    expect(await create(new Uint8Array(2 ** 20 + 1))).match(/^STUB_WEIGHTS .*larger/);
    expect(await create(new Uint8Array(3))).match(/^MODEL_FORMAT /);
    expect(await create(3)).match(/^ARGUMENT /);
    expect(await create('/missing/model.onnx')).match(/^ARGUMENT .*missing/);
    const unknown = modelOf({
      inputs: [{ name: 'x', type: 'float', shape: [3] }],
      outputs: [{ name: 'y', type: 'float', shape: [3] }],
      nodes: [node('Det', ['x'], 'y')],
    });
    const session = await runtime.InferenceSession.create(unknown);
    expect(await refusal(() => session.run({ x: floats([3]) }))).match(/^CLEAR_UNSUPPORTED .*Det.*others/);
    const wrong = await runtime.InferenceSession.create(small.stft);
    const feeds = { s: floats([1, 4, 1]), j: whole([0], []), w: floats([4]), l: whole([4], []) };
    expect(await refusal(() => wrong.run(feeds))).match(/^CLEAR_UNSUPPORTED .*STFT/);
  });

  it('leaves all that is no stub to another runtime, where there is one', async () => {
    const given: Runtime = createRuntime({ connect, others: ort });
    for (const file of [twoInputs(), small.topK]) {
      const session = await given.InferenceSession.create(file, { logSeverityLevel: 4 });
      if (file === small.topK) {
        const { v, i } = await session.run({ x: floats([5]), k: whole([2]) });
        expect(v).instanceOf(given.Tensor);
        expect(i.data).instanceOf(BigInt64Array);
      } else {
        const made = await session.run({ x: floats([1, 4]), y: floats([1, 3]) }, ['doubled']);
        expect(Object.keys(made)).deep.equal(['doubled']);
      }
      await session.release();
    }
  });
});
