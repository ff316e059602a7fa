import { buildGraph, type EncodedNode, encodeOnnx, evaluatePlain, parseOnnx, specialize } from '@tacit/onnx';
import { expect } from 'chai';
import { classesOf, type FitOptimizer, fitPlain, freshWeights } from '../../src/index.js';

/** Numbers from 0 to below 1 that look random, the same in each run. */
function repeatable(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Two layers, 4 numbers to 3 classes; a Softmax at the end where wanted. */
function network(softmax = false) {
  const values = repeatable(3);
  const weights = (shape: number[]) => ({
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => values() - 0.5),
  });
  const node = (op: string, inputs: string[], output: string, attributes = {}): EncodedNode => ({
    op,
    name: output,
    inputs,
    outputs: [output],
    attributes,
  });
  const last = softmax ? 'scores' : 'y';
  return buildGraph(
    parseOnnx(
      encodeOnnx({
        opset: 17,
        name: 'small',
        inputs: [{ name: 'x', type: 'float', shape: ['batch', 4] }],
        outputs: [{ name: 'y', type: 'float', shape: ['batch', 3] }],
        nodes: [
          node('Gemm', ['x', 'a.weight', 'a.bias'], 'hidden', { transB: { i: 1 } }),
          node('Relu', ['hidden'], 'active'),
          node('Gemm', ['active', 'b.weight', 'b.bias'], last, { transB: { i: 1 } }),
          ...(softmax ? [node('Softmax', [last], 'y', { axis: { i: 1 } })] : []),
        ],
        initializers: new Map([
          ['a.weight', weights([8, 4])],
          ['a.bias', weights([8])],
          ['b.weight', weights([3, 8])],
          ['b.bias', weights([3])],
        ]),
      }),
    ),
    { trainable: true },
  );
}

type Graph = ReturnType<typeof network>;

/** Points of three classes: the largest of the first three numbers. */
function points(count: number, seed = 5) {
  const values = repeatable(seed);
  const data = Float32Array.from({ length: 4 * count }, () => 2 * values() - 1);
  const labels = Array.from({ length: count }, (_, i) => {
    const row = data.subarray(4 * i, 4 * i + 3);
    return row.indexOf(Math.max(...row));
  });
  return { inputs: { shape: [count, 4], data }, labels };
}

/** Mean cross entropy in double precision. */
function lossOf(graph: Graph, { inputs, labels }: ReturnType<typeof points>): number {
  const { y } = evaluatePlain(specialize(graph, { x: inputs.shape }), { x: inputs });
  return (
    labels.reduce((sum, label, i) => {
      const row = y.data.subarray(3 * i, 3 * i + 3);
      return sum + Math.log(row.reduce((a, v) => a + Math.exp(v), 0)) - row[label];
    }, 0) / labels.length
  );
}

describe('training in the clear', () => {
  const examples = points(200);

  it('takes the step that finite differences give', async () => {
    const graph = network();
    const optimizer: FitOptimizer = { kind: 'sgd', lr: 0.1 };
    const { graph: moved } = await fitPlain(graph, examples, { batchSize: 200, optimizer });
    for (const [name, { data, shape }] of graph.parameters)
      for (const i of [0, data.length - 1]) {
        const [up, down] = [1e-6, -1e-6].map((h) => {
          const changed = Float64Array.from(data);
          changed[i] += h;
          const parameters = new Map(graph.parameters).set(name, { shape, data: changed });
          return lossOf({ ...graph, parameters }, examples);
        });
        const now = moved.parameters.get(name)?.data[i] ?? Number.NaN;
        expect((data[i] - now) / 0.1, `${name} ${i}`).closeTo((up - down) / 2e-6, 1e-4);
      }
  });

  for (const optimizer of [
    { kind: 'sgd', lr: 0.1, momentum: 0.9 },
    { kind: 'adam', lr: 0.02 },
  ] as const)
    for (const softmax of [false, true])
      it(`learns by ${optimizer.kind}${softmax ? ' before a softmax' : ''}`, async () => {
        const random = repeatable(11);
        const seen: number[] = [];
        const { graph, epochs, aborted } = await fitPlain(freshWeights(network(softmax), random), examples, {
          epochs: 30,
          batchSize: 16,
          optimizer,
          decay: true,
          random,
          onEpochEnd: ({ epoch }) => seen.push(epoch),
        });
        expect(aborted).equal(false);
        expect(seen).have.length(30);
        expect(epochs[29].loss).below(epochs[0].loss);
        expect(epochs[29].accuracy).above(0.9);
        const test = points(300, 6);
        const classes = await classesOf(graph, test.inputs);
        expect(classes.filter((label, i) => label === test.labels[i]).length).above(255);
      });

  it('repeats with the same random numbers, and leaves the graph that it was given', async () => {
    const graph = network();
    const before = Float64Array.from(graph.parameters.get('a.weight')?.data ?? []);
    const run = async () =>
      (await fitPlain(graph, examples, { epochs: 2, random: repeatable(1) })).graph.parameters.get('a.weight')
        ?.data;
    const [first, second] = [await run(), await run()];
    expect(first).deep.equal(second).and.not.deep.equal(before);
    expect(graph.parameters.get('a.weight')?.data).deep.equal(before);
  });

  it('trains what is wanted, and on more than the batch', async () => {
    const graph = network();
    const asked: number[] = [];
    const { graph: trained } = await fitPlain(graph, examples, {
      batchSize: 64,
      wanted: ['b.bias'],
      also: (places) => {
        asked.push(places.length);
        return points(places.length === 8 ? 0 : 3, 9);
      },
    });
    expect(asked).deep.equal([64, 64, 64, 8]);
    for (const [name, { data }] of graph.parameters) {
      const now = expect(trained.parameters.get(name)?.data);
      if (name === 'b.bias') now.not.deep.equal(data);
      else now.deep.equal(data);
    }
  });

  it('ends when it is told to, with what it has', async () => {
    const controller = new AbortController();
    const { epochs, aborted } = await fitPlain(network(), examples, {
      epochs: 3,
      signal: controller.signal,
      onEpochEnd: ({ epoch }) => {
        if (epoch === 0) controller.abort();
      },
    });
    expect(epochs).have.length(1);
    expect(aborted).equal(true);
  });

  it('draws fresh weights in the range of their layer', () => {
    const graph = network();
    const fresh = freshWeights(graph);
    for (const [name, bound] of [
      ['a.weight', 1 / 2],
      ['a.bias', 1 / 2],
      ['b.weight', 1 / Math.sqrt(8)],
    ] as const) {
      const { data = new Float64Array(0), shape } = fresh.parameters.get(name) ?? {};
      expect(shape).deep.equal(graph.parameters.get(name)?.shape);
      expect(Math.max(...data.map(Math.abs))).at.most(bound);
      expect(new Set(data).size).equal(data.length);
    }
  });

  it('refuses what cannot be trained', async () => {
    const refused = async (given: Parameters<typeof fitPlain>, message: RegExp): Promise<void> => {
      const error = await fitPlain(...given).catch((reason: unknown) => reason);
      expect(error).instanceOf(Error);
      expect((error as Error).message).match(message);
    };
    const graph = network();
    await refused([graph, examples, { epochs: 0 }], /epochs is 0/);
    await refused([graph, examples, { batchSize: 1.5 }], /batchSize is 1\.5/);
    await refused([graph, examples, { epoch: 3 } as never], /epoch/);
    await refused([graph, examples, { wanted: ['c'] }], /"c" is no parameter/);
    await refused([graph, examples, { optimizer: { kind: 'adam', lr: -1 } }], /learning rate is -1/);
    await refused([graph, examples, { optimizer: { kind: 'sgd', lr: 1, momentum: 1 } }], /momentum is 1/);
    await refused([graph, examples, { optimizer: { kind: 'lbfgs' } as never }], /'sgd' or 'adam'/);
    await refused([graph, points(0)], /no examples/);
    await refused([graph, { ...examples, labels: [1] }], /1 labels for 200/);
    await refused([graph, { ...examples, labels: examples.labels.map(() => 3) }], /label 3/);
    await refused([graph, { ...examples, inputs: { shape: [200, 5], data: new Float32Array(1000) } }], /x/);
    await refused(
      [
        graph,
        examples,
        { also: () => ({ inputs: { shape: [1, 5], data: new Float32Array(5) }, labels: [0] }) },
      ],
      /more examples/,
    );
  });
});
