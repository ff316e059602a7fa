import { ArgumentError, ShapeError } from '@tacit/errors';
import type { ModelGraph, PlainTensor } from '@tacit/graph';
import { buildGraph, parseOnnx } from '@tacit/onnx';
import { mobileNetV2 } from '@tacit/testing/mobilenet';
import { expect } from 'chai';
import { FloatsMemoryError, FloatsThreadError, lossGradients, openLossGradients } from '../src/index.js';
import { examples, inDouble, smallNetwork } from './helpers/networks.js';

/** Of the largest element of each gradient. */
const TOLERANCE = 2e-4;

function expectGradients(
  made: ReadonlyMap<string, Float32Array>,
  wanted: ReadonlyMap<string, PlainTensor>,
  tolerance = TOLERANCE,
): void {
  expect([...made.keys()]).deep.equal([...wanted.keys()]);
  for (const [name, { data }] of wanted) {
    const size = data.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-6);
    expect(made.get(name)?.length, name).equal(data.length);
    made.get(name)?.forEach((v, i) => {
      expect(Math.abs(v - data[i]), `${name}, element ${i}`).most(tolerance * size);
    });
  }
}

const given = examples(11, [2, 9, 8], 5);
const fails = async (promise: Promise<unknown>, type: new (...args: never[]) => Error, message: string) => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).instanceOf(type);
  expect((error as Error).message).include(message);
};

describe('gradients of a loss', () => {
  const graph = smallNetwork();
  const wanted = inDouble(graph, given);

  it('are those of double precision, for every initializer of the file', async () => {
    expect([...graph.parameters.keys()]).have.members([
      ...['w1', 'b1', 'scale', 'shift', 'mean', 'variance', 'w2', 'w3', 'b3'],
    ]);
    for (const batchSize of [1, 4, 100]) {
      const found = await lossGradients(graph, given.images, given.labels, { threads: 0, batchSize });
      expect(found.loss).closeTo(wanted.loss, 1e-5);
      expect(found.correct).equal(wanted.correct);
      expectGradients(found.gradients, wanted.gradients);
    }
  });

  it('see through a softmax at the end', async () => {
    const found = await lossGradients(smallNetwork('batch', 'Softmax'), given.images, given.labels, {
      threads: 0,
    });
    expectGradients(found.gradients, wanted.gradients);
  });

  it('come from networks of a fixed number of examples', async () => {
    for (const size of [1, 4]) {
      const found = await lossGradients(smallNetwork(size), given.images, given.labels, { threads: 0 });
      expect(found.loss).closeTo(wanted.loss, 1e-5);
      expectGradients(found.gradients, wanted.gradients);
    }
  });

  it('come from threads, the same bits each time, and follow the parameters of each pass', async () => {
    const network = await openLossGradients(graph, [2, 9, 8], { threads: 2, batchSize: 2 });
    try {
      const seen: number[] = [];
      const onProgress = ({ done, total }: { done: number; total: number }) => seen.push(done / total);
      const [first, again] = await Promise.all([
        network.pass(given.images, given.labels, { onProgress }),
        network.pass(given.images, given.labels),
      ]);
      expect(seen.length).equal(6);
      expect(seen[5]).equal(1);
      expect([...seen].sort((a, b) => a - b)).deep.equal(seen);
      expect(again).deep.equal(first);
      expectGradients(first.gradients, wanted.gradients);
      const zeros = new Map([
        ['w3', new Float32Array(180)],
        ['b3', new Float32Array(5)],
      ]);
      const flat = await network.pass(given.images, given.labels, { parameters: zeros });
      expect(flat.loss).closeTo(Math.log(5), 1e-6);
      expect((await network.pass(given.images, given.labels)).loss).equal(first.loss);
      const one = await network.pass(
        { shape: [1, 2, 9, 8], data: Array.from(given.images.data).slice(0, 144) },
        [3],
      );
      expect(one.gradients.size).equal(9);
    } finally {
      await network.close();
    }
  });

  it('are left out where none is wanted', async () => {
    const found = await lossGradients(graph, given.images, given.labels, { threads: 0, wanted: [] });
    expect([found.correct, found.gradients.size]).deep.equal([wanted.correct, 0]);
    const some = await lossGradients(graph, given.images, given.labels, { threads: 0, wanted: ['b3', 'w2'] });
    expectGradients(
      some.gradients,
      new Map(['b3', 'w2'].map((name) => [name, wanted.gradients.get(name) as PlainTensor])),
    );
  });

  it('end early when their signal says so, here and in threads', async () => {
    for (const threads of [0, 1]) {
      const network = await openLossGradients(graph, [2, 9, 8], { threads, batchSize: 1 });
      try {
        const controller = new AbortController();
        let batches = 0;
        const onProgress = () => {
          batches++;
          controller.abort(new Error('enough'));
        };
        const options = { onProgress, signal: controller.signal };
        await fails(network.pass(given.images, given.labels, options), Error, 'enough');
        if (threads === 0) expect(batches).equal(1);
        await fails(network.pass(given.images, given.labels, options), Error, 'enough');
        expect((await network.pass(given.images, given.labels)).correct).equal(wanted.correct);
      } finally {
        await network.close();
      }
    }
  });

  it('refuse what does not fit', async () => {
    const run = (options: object, images: object = given.images, labels: readonly number[] = given.labels) =>
      lossGradients(graph, images as never, labels, { threads: 0, ...options });
    await fails(run({ wanted: ['w9'] }), ArgumentError, '"w9" is no parameter');
    await fails(run({ threads: -1 }), ArgumentError, 'threads must be');
    await fails(run({ batchSize: 0 }), ArgumentError, 'batchSize must be');
    await fails(run({ memoryBytes: 5 }), ArgumentError, 'memoryBytes must be');
    await fails(run({ parameters: new Map([['x', [1]]]) }), ArgumentError, '"x" is no parameter');
    await fails(
      run({ parameters: new Map([['b3', [1]]]) }),
      ShapeError,
      '1 numbers for the parameter "b3" [5]',
    );
    await fails(run({}, given.images, [1]), ShapeError, '1 labels for 11 examples');
    await fails(
      run(
        {},
        given.images,
        given.labels.map(() => 5),
      ),
      ArgumentError,
      'the label 5 of example 0',
    );
    await fails(run({}, { shape: [0, 2, 9, 8], data: [] }, []), ArgumentError, 'no example');
    await fails(run({}, { shape: [11, 2, 9, 8], data: [1] }), ShapeError, 'not examples');
    const two: ModelGraph = { ...graph, inputs: [...graph.inputs, { name: 'more', shape: [1] }] };
    await fails(lossGradients(two, given.images, given.labels), ArgumentError, 'one input');
  });

  it('say that their memory is full, and go on after it, in threads too', async () => {
    const labels = given.labels.map(() => 9);
    const network = await openLossGradients(graph, [2, 9, 8], { threads: 2 });
    await fails(network.pass(given.images, labels), Error, 'the label 9 of example');
    expect((await network.pass(given.images, given.labels)).correct).equal(wanted.correct);
    const pending = network.pass(given.images, given.labels);
    await network.close();
    await fails(pending, FloatsThreadError, 'it was closed');
    await fails(network.pass(given.images, given.labels), FloatsThreadError, 'it was closed');
    for (const threads of [0, 1])
      await fails(
        lossGradients(
          buildGraph(parseOnnx(mobileNetV2({ width: 0.25, image: 64 })), { trainable: true }),
          {
            shape: [1, 3, 64, 64],
            data: new Float32Array(3 * 64 * 64),
          },
          [0],
          { threads, memoryBytes: 2 ** 20 },
        ),
        threads === 0 ? FloatsMemoryError : Error,
        'bytes more do not fit',
      );
  });

  it('of a MobileNetV2 are those of double precision', async () => {
    const net = buildGraph(parseOnnx(mobileNetV2({ width: 0.25, image: 32, classes: 10 })), {
      trainable: true,
    });
    const images = examples(2, [3, 32, 32], 10);
    const reference = inDouble(net, images);
    const found = await lossGradients(net, images.images, images.labels, { threads: 0 });
    expect(found.loss).closeTo(reference.loss, 1e-4);
    expectGradients(found.gradients, reference.gradients, 1e-3);
  });
});
