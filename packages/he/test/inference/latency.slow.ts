import { expect } from 'chai';
import { encodeModel } from '../../../onnx/test/helpers/onnx-encoder.js';
import { HeClient } from '../../src/client/client.js';
import { type CompiledModel, compileModel } from '../../src/compile/compile.js';
import { HeModel, type LoadedKeys } from '../../src/evaluate/model.js';
import { evaluateNormal } from '../../src/network/normalize.js';
import { digits, fixture } from '../helpers/fixtures.js';

const codeOf = async (action: Promise<unknown>): Promise<string> =>
  action.then(
    () => 'no error',
    (error: { code?: string; message: string }) => error.code ?? error.message,
  );
const argMax = (values: Float64Array) => values.indexOf(Math.max(...values));

describe('inference on ciphertexts, one image', () => {
  let compiled: CompiledModel;
  let client: HeClient;
  let model: HeModel;
  let keys: LoadedKeys;
  let keyEnvelope: Uint8Array;

  before(async function () {
    this.timeout(60_000);
    compiled = await compileModel(fixture('mnist_lenet1_square/model.onnx'), {
      samples: digits(32, 900),
      layerRanges: true,
    });
    client = await HeClient.create(compiled.client);
    model = await HeModel.load(compiled.server);
    keyEnvelope = await client.evaluationKeys();
    keys = await model.loadKeys(keyEnvelope);
  });

  after(() => {
    client?.dispose();
    model?.dispose();
  });

  it('lenet1_square: the plaintext prediction, errors below 1e-2, one message each way of the sizes asked for', async () => {
    let largest = 0;
    for (const [i, image] of digits(8).entries()) {
      const sent = await client.encrypt(image);
      const answer = await model.evaluate(sent, keys);
      if (i === 0) {
        expect(sent.length).to.equal(1);
        expect(answer.length).to.equal(1);
        expect(sent[0]?.length).to.be.at.most(200_000);
        expect(answer[0]?.length).to.be.at.most(130_000);
      }
      const [logits] = (await client.decrypt(answer)) as [Float64Array];
      const expected = evaluateNormal(compiled.server.network, image);
      expect(argMax(logits)).to.equal(argMax(expected));
      logits.forEach((value, k) => {
        largest = Math.max(largest, Math.abs(value - (expected[k] as number)));
      });
    }
    expect(largest).to.be.lessThan(1e-2);
    expect(largest).to.be.lessThan(2 * compiled.report.expectedError);
  });

  it('the range of layers may be split between server and client', async () => {
    const [image] = digits(1, 3) as [Float64Array];
    const first = { from: 0, to: 1 };
    const [squares] = (await client.decrypt(
      await model.evaluate(await client.encrypt(image), keys, { range: first }),
      1,
      first,
    )) as [Float64Array];
    const rest = { from: 2, to: 4 };
    const answer = await model.evaluate(await client.encrypt(squares, 2), keys, { range: rest });
    const [logits] = (await client.decrypt(answer, 1, rest)) as [Float64Array];
    evaluateNormal(compiled.server.network, image).forEach((value, k) => {
      expect(logits[k]).to.be.closeTo(value, 2e-2);
    });
    for (const range of [
      { from: 1, to: 0 },
      { from: 0, to: 5 },
      { from: -1, to: 2 },
      { from: 0.5, to: 2 },
    ])
      expect(await codeOf(model.evaluate(await client.encrypt(image), keys, { range }))).to.equal('HE_RANGE');
    // A ciphertext for another place in the network has another scale.
    expect(await codeOf(model.evaluate(await client.encrypt(image), keys, { range: rest }))).to.equal(
      'HE_RANGE',
    );
  });

  it('inputs that cannot be encrypted are refused', async () => {
    expect(await codeOf(client.encrypt(new Float64Array(783)))).to.equal('HE_INPUT');
    expect(await codeOf(client.encrypt(new Float64Array(784).fill(Number.NaN)))).to.equal('HE_INPUT');
    expect(await codeOf(client.encrypt(new Float64Array(784).fill(2)))).to.equal('HE_INPUT');
    expect(await codeOf(client.encrypt(digits(2)))).to.equal('HE_INPUT');
    expect(await codeOf(client.encrypt(digits(1)[0] as Float64Array, 9))).to.equal('HE_INPUT');
  });

  it('bytes that are no ciphertexts or keys of this model are refused', async () => {
    const [good] = (await client.encrypt(digits(1)[0] as Float64Array)) as [Uint8Array];
    const [answer] = (await model.evaluate([good], keys)) as [Uint8Array];
    const garbled = good.slice();
    garbled[good.length >> 1] = (garbled[good.length >> 1] as number) ^ 16;
    for (const wrong of [new Uint8Array(), good.subarray(0, 1000), garbled, keyEnvelope.subarray(0, 500_000)])
      expect(await codeOf(model.evaluate([wrong], keys))).to.equal('HE_FORMAT');
    expect(await codeOf(model.evaluate([keyEnvelope], keys))).to.equal('HE_FORMAT');
    expect(await codeOf(model.evaluate([answer], keys))).to.equal('HE_RANGE');
    expect(await codeOf(model.evaluate([good, good], keys))).to.equal('HE_RANGE');
    expect(await codeOf(model.loadKeys(good))).to.equal('HE_FORMAT');
    const other = await compileModel(fixture('mnist_lenet1_square/model.onnx'), {
      samples: digits(4),
      precision: 0.2,
    });
    expect(other.server.parametersId).not.to.equal(compiled.server.parametersId);
    const stranger = await HeClient.create(other.client);
    const foreign = await stranger.encrypt(digits(1)[0] as Float64Array);
    expect(await codeOf(model.evaluate(foreign, keys))).to.equal('HE_FOREIGN');
    stranger.dispose();
  });

  it("an answer under another client's keys is noticed, not returned as numbers", async () => {
    const other = await HeClient.create(compiled.client);
    const answer = await model.evaluate(await other.encrypt(digits(1)[0] as Float64Array), keys);
    expect(await codeOf(other.decrypt(answer))).to.equal('HE_RESULT');
    other.dispose();
  });

  it('keys without a rotation are refused with its number', async () => {
    const poor = await HeClient.create({
      ...compiled.client,
      rotationSteps: compiled.client.rotationSteps.slice(1, 3),
    });
    const thrown = await model.loadKeys(await poor.evaluationKeys()).catch((error: Error) => error);
    expect(thrown).to.have.property('code', 'HE_KEY');
    expect((thrown as Error).message).to.match(/lack \d+ of \d+ rotations/);
    poor.dispose();
  });

  it('the secret key can be saved and loaded', async () => {
    const again = await HeClient.create(compiled.client, { secretKey: client.saveSecretKey() });
    const [image] = digits(1, 11) as [Float64Array];
    const answer = await model.evaluate(await again.encrypt(image), keys);
    const [logits] = (await client.decrypt(answer)) as [Float64Array];
    expect(argMax(logits)).to.equal(argMax(evaluateNormal(compiled.server.network, image)));
    again.dispose();
  });

  it('does not grow', async () => {
    const sent = await client.encrypt(digits(1)[0] as Float64Array);
    await model.evaluate(sent, keys);
    const before = model.evaluator.memoryBytes;
    for (let i = 0; i < 4; i++) await client.decrypt(await model.evaluate(sent, keys));
    expect(model.evaluator.memoryBytes).to.equal(before);
  });
});

describe('inference on ciphertexts, other networks', () => {
  const random = (count: number, seed: number) => {
    let state = seed;
    return Float64Array.from({ length: count }, () => {
      state = (state * 48271) % 2147483647;
      return state / 2147483647 - 0.5;
    });
  };
  const tensor = (shape: number[], seed: number, factor = 1) => ({
    shape,
    data: random(
      shape.reduce((a, b) => a * b, 1),
      seed,
    ).map((x) => x * factor),
  });

  async function check(onnx: Uint8Array, options: Parameters<typeof compileModel>[1], tolerance: number) {
    const { server, client: half } = await compileModel(onnx, {
      inputRange: { low: -1, high: 1 },
      ...options,
    });
    const client = await HeClient.create(half);
    const model = await HeModel.load(server);
    const keys = await model.loadKeys(await client.evaluationKeys());
    const size = server.input.shape.reduce((a, b) => a * b, 1);
    const inputs = [1, 2].map((seed) => random(size, seed * 77));
    const batches = server.mode === 'latency' ? inputs.map((input) => [input]) : [inputs];
    const outputs: Float64Array[] = [];
    for (const batch of batches)
      outputs.push(
        ...(await client.decrypt(await model.evaluate(await client.encrypt(batch), keys), batch.length)),
      );
    inputs.forEach((input, i) => {
      evaluateNormal(server.network, input).forEach((value, k) => {
        expect(outputs[i]?.[k]).to.be.closeTo(value, tolerance);
      });
    });
    client.dispose();
    model.dispose();
    return { server, half };
  }

  it('an input that needs two ciphertexts', async () => {
    const onnx = encodeModel({
      opset: 13,
      inputs: [{ name: 'x', shape: [1, 3000] }],
      outputs: [{ name: 'y' }],
      initializers: { w: tensor([3000, 6], 5, 0.2), b: tensor([6], 6) },
      nodes: [{ op: 'Gemm', inputs: ['x', 'w', 'b'], outputs: ['y'] }],
    });
    const { half } = await check(onnx, { precision: 1e-2 }, 1e-2);
    expect(half.boundaries.map(({ layout }) => layout.ciphertexts)).to.deep.equal([2, 1]);
  });

  it('cubes after a one-dimensional convolution with padding', async () => {
    const onnx = encodeModel({
      opset: 13,
      inputs: [{ name: 'x', shape: [1, 2, 12] }],
      outputs: [{ name: 'y' }],
      initializers: {
        w: tensor([3, 2, 3], 8),
        b: tensor([3], 9),
        three: { shape: [], data: [3] },
        v: tensor([36, 4], 10, 0.5),
      },
      nodes: [
        { op: 'Conv', inputs: ['x', 'w', 'b'], outputs: ['c'], attributes: { pads: { ints: [1, 1] } } },
        { op: 'Pow', inputs: ['c', 'three'], outputs: ['p'] },
        { op: 'Flatten', inputs: ['p'], outputs: ['f'] },
        { op: 'MatMul', inputs: ['f', 'v'], outputs: ['y'] },
      ],
    });
    expect(kinds((await check(onnx, {}, 1e-2)).server)).to.deep.equal(['affine', 'cubic', 'affine']);
  });

  for (const mode of ['latency', 'throughput'] as const)
    it(`a polynomial of degree 4, fitted to a ReLU: ${mode}`, async () => {
      const onnx = encodeModel({
        opset: 13,
        inputs: [{ name: 'x', shape: [1, 6] }],
        outputs: [{ name: 'y' }],
        initializers: { w: tensor([6, 5], 8, 3), b: tensor([5], 3), v: tensor([5, 3], 10) },
        nodes: [
          { op: 'Gemm', inputs: ['x', 'w', 'b'], outputs: ['m'] },
          { op: 'Relu', inputs: ['m'], outputs: ['q'] },
          { op: 'MatMul', inputs: ['q', 'v'], outputs: ['y'] },
        ],
      });
      const samples = Array.from({ length: 50 }, (_, i) => random(6, i + 1));
      const { server } = await check(onnx, { mode, approximate: 4, samples }, 1e-2);
      expect(kinds(server)).to.deep.equal(['affine', 'quartic', 'affine']);
      const [, activation] = server.network.stages;
      expect(activation?.kind === 'activation' && activation.activation)
        .to.have.property('r')
        .that.does.not.equal(0);
    });
});

const kinds = ({ network }: CompiledModel['server']) =>
  network.stages.map((stage) => (stage.kind === 'affine' ? stage.kind : stage.activation.kind));
