import { buildGraph, type EncodedModel, encodeOnnx, evaluatePlain, parseOnnx, specialize } from '@tacit/onnx';
import { fixtureBytes } from '@tacit/testing/fixtures';
import { expect } from 'chai';
import * as ort from 'onnxruntime-web';
import {
  blockTransform,
  type ImageLayout,
  type TransformKind,
  transformOf,
  withoutTransform,
  withTransform,
  zeroToOne,
} from '../../src/transforms/index.js';
import { bytes, shapeOf } from './arbitrary.js';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'fatal';

const key = Uint8Array.from({ length: 32 }, (_, i) => 200 - i);

/** A model that gives its input back, times one. */
const through = (shape: readonly (number | string)[], changes: Partial<EncodedModel> = {}): Uint8Array =>
  encodeOnnx({
    opset: 13,
    name: 'through',
    inputs: [{ name: 'x', type: 'float', shape }],
    outputs: [{ name: 'y', type: 'float', shape }],
    nodes: [{ op: 'Mul', name: 'times', inputs: ['x', 'one'], outputs: ['y'], attributes: {} }],
    initializers: new Map([['one', { shape: [1], data: [1] }]]),
    ...changes,
  });

async function inRuntime(model: Uint8Array, input: string, shape: readonly number[], data: Float32Array) {
  const session = await ort.InferenceSession.create(model, { logSeverityLevel: 4 });
  const outputs = await session.run({ [input]: new ort.Tensor('float32', data, shape) });
  await session.release();
  return outputs[session.outputNames[0]].data as Float32Array;
}

function inPlain(model: Uint8Array, shape: readonly number[], data: Float32Array, trainable = false) {
  const graph = buildGraph(parseOnnx(model), { trainable });
  const [input] = graph.inputs;
  const made = evaluatePlain(specialize(graph, { [input.name]: shape }), { [input.name]: { shape, data } });
  return { data: made[graph.outputs[0].name].data, graph };
}

describe('transforms in front of a model', () => {
  for (const kind of ['shf', 'np', 'ffx'] as const satisfies readonly TransformKind[])
    for (const layout of ['CHW', 'HWC', 'HW'] as const satisfies readonly ImageLayout[])
      it(`${kind} on ${layout} gives what the function gives, in onnxruntime and in ours`, async () => {
        const [n, c, h, w] = [2, layout === 'HW' ? 1 : 3, 8, 12];
        const shape = shapeOf(layout, n, c, h, w);
        const pixels = bytes(n * c * h * w, 17);
        const t = blockTransform({ kind, block: 4, key, weak: true });
        const wanted = t.transform({ shape, data: zeroToOne(pixels), layout }).data;
        const model = withTransform(through(['batch', ...shape.slice(1)]), {
          kind,
          block: 4,
          key,
          layout,
          weak: true,
        });
        expect(await inRuntime(model, 'x', shape, zeroToOne(pixels))).deep.equal(wanted);
        for (const trainable of [false, true]) {
          const { data, graph } = inPlain(model, shape, zeroToOne(pixels), trainable);
          expect(Float32Array.from(data)).deep.equal(wanted);
          // Nothing of the key is trained.
          const weights = [...graph.parameters].filter(([, { role }]) => role === 'weight');
          expect(weights.map(([name]) => name)).deep.equal(trainable ? ['one'] : []);
        }
      });

  it('undo what was done to the images, in front of a network for digits', async () => {
    const model = fixtureBytes('mnist_lenet1_tanh/model.onnx');
    const pixels = zeroToOne(bytes(3 * 784, 4));
    const shape = [3, 1, 28, 28];
    const { data: plain } = inPlain(model, shape, pixels);
    for (const kind of ['shf', 'np'] as const) {
      const keyed = withTransform(model, { kind, block: 4, key, weak: true });
      const images = blockTransform({ kind, block: 4, key, weak: true }).inverse({ shape, data: pixels });
      const [{ name }] = parseOnnx(model).graph.inputs;
      const made = await inRuntime(keyed, name, shape, images.data);
      made.forEach((x, i) => {
        expect(x).closeTo(plain[i], 1e-4);
      });
    }
  });

  it('leave a place without a key, which takes one and gives it back', async () => {
    const model = through(['batch', 3, 8, 8]);
    const stub = withTransform(model, { kind: 'shf', block: 4 });
    expect(transformOf(model)).equal(undefined);
    expect(transformOf(stub)).deep.equal({ kind: 'shf', block: 4, layout: 'CHW', input: 'x', keyed: false });
    const pixels = zeroToOne(bytes(192, 8));
    expect(await inRuntime(stub, 'x', [1, 3, 8, 8], pixels)).deep.equal(pixels);
    const keyed = withTransform(stub, { key });
    expect(transformOf(keyed)?.keyed).equal(true);
    expect(keyed).deep.equal(withTransform(model, { kind: 'shf', block: 4, key }));
    expect(withTransform(keyed, {})).deep.equal(stub);
    for (const file of [stub, keyed, withTransform(keyed, { key: key.map((b) => b ^ 1) })])
      expect(withoutTransform(file)).deep.equal(model);
    expect(withoutTransform(model)).equal(model);
  });

  it('are read by nodes in branches, too', async () => {
    const branch = fixtureBytes('mnist_cnn_bn/model.onnx');
    const keyed = withTransform(branch, { kind: 'np', block: 4, key, weak: true });
    expect(withoutTransform(keyed)).deep.equal(branch);
    const [{ name }] = parseOnnx(branch).graph.inputs;
    const readers = parseOnnx(keyed).graph.nodes.filter(({ inputs }) => inputs.includes(name));
    expect(readers.every((node) => node.name.startsWith('tacit_transform/'))).equal(true);
  });

  it('refuse models that have no such images', () => {
    const options = { kind: 'shf', block: 4, key } as const;
    const put = (model: Uint8Array, more = {}) => withTransform(model, { ...options, ...more });
    expect(() => put(through(['batch', 3, 'height', 8])))
      .throw(/\[batch,3,height,8\].*known sizes/)
      .property('code', 'TRANSFORM_MODEL');
    expect(() => put(through(['batch', 48]))).throw(/\[N, C, H, W\]/);
    expect(() => put(through(['batch', 3, 8, 6]))).throw(/do not divide images of 8 x 6/);
    expect(() => put(through(['batch', 1, 8, 8]))).throw(/can all be tried/);
    expect(() => put(through(['batch', 3, 8, 8]), { input: 'z' })).throw(/no input "z", but x/);
    expect(() => put(through(['batch', 3, 8, 8]), { layout: 'WHC' })).throw(/CHW, HWC, HW/);
    expect(() => withTransform(through(['batch', 3, 8, 8]), {})).throw(/kind and block/);
    const whole = through(['batch', 3, 8, 8], {
      inputs: [{ name: 'x', type: 'int64', shape: ['batch', 3, 8, 8] }],
    });
    expect(() => put(whole)).throw(/int64, not float/);
    const two = ['x', 'z'].map((name) => ({ name, type: 'float' as const, shape: ['batch', 3, 8, 8] }));
    expect(() => put(through(['batch', 3, 8, 8], { inputs: two }))).throw(/inputs x, z: name/);
    const stub = withTransform(through(['batch', 3, 8, 8]), { kind: 'np', block: 4 });
    expect(() => put(stub)).throw(/place for np on blocks of 4/);
    expect(() => put(Uint8Array.of(1, 2, 3)))
      .throw()
      .property('code', 'MODEL_FORMAT');
    const good = put(through(['batch', 3, 8, 8]));
    for (let length = 1; length < good.length; length += 37)
      expect(() => put(good.subarray(0, length)), `${length}`).throw();
  });
});
