import { ArgumentError, ShapeError } from '@tacit/errors';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  type Backend,
  type ConcreteGraph,
  crossEntropy,
  evaluateGraph,
  evaluateWithGradients,
  InputShapeError,
  type PlainTensor,
  plainBackend,
  sizeOf,
  UnsupportedOperationError,
} from '../src/index.js';
import { dot, expectClose, slopes } from './helpers/differences.js';

type Step = readonly [op: string, inputs: readonly string[], output: string, attributes?: object];

const tensor = (shape: readonly number[], seed = 1): PlainTensor => ({
  shape,
  data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(3 * i + seed) + 0.003),
});

/** A graph of given steps; names in `given` that start with x are inputs, the others parameters. */
function graphOf(
  given: Readonly<Record<string, readonly number[]>>,
  steps: readonly Step[],
  outputs: readonly string[] = [steps[steps.length - 1]?.[2] ?? 'x'],
): { graph: ConcreteGraph; inputs: Record<string, PlainTensor>; parameters: Map<string, PlainTensor> } {
  const values = Object.entries(given).map(([name, shape], i) => [name, tensor(shape, i)] as const);
  const inputs = Object.fromEntries(values.filter(([name]) => name.startsWith('x')));
  const parameters = new Map(values.filter(([name]) => !name.startsWith('x')));
  const nodes = steps.map(([op, names, output, attributes = {}]) => ({
    name: `makes ${output}`,
    op,
    inputs: names,
    outputs: [output],
    attributes,
  }));
  const graph = {
    inputs: Object.entries(inputs).map(([name, { shape }]) => ({ name, shape })),
    outputs: outputs.map((name) => ({ name })),
    nodes,
    parameters,
    shapes: new Map(values.map(([name, { shape }]) => [name, shape])),
  } as unknown as ConcreteGraph;
  return { graph, inputs, parameters };
}

/** Holds the gradients of every input and parameter to finite differences of a weighted sum of all outputs. */
function checkAll({ graph, inputs, parameters }: ReturnType<typeof graphOf>): void {
  const weigh = (outputs: Readonly<Record<string, PlainTensor>>) =>
    Object.fromEntries(Object.entries(outputs).map(([name, { shape }], i) => [name, tensor(shape, 7 + i)]));
  const total = (outputs: Readonly<Record<string, PlainTensor>>) => {
    const weights = weigh(outputs);
    return Object.entries(outputs).reduce((sum, [name, y]) => sum + dot(y, weights[name]), 0);
  };
  const wanted = new Set([...Object.keys(inputs), ...parameters.keys()]);
  const found = evaluateWithGradients(graph, plainBackend, inputs, parameters, { wanted, cotangents: weigh });
  const plain = evaluateGraph(graph, plainBackend, inputs, parameters);
  expect(found.outputs).deep.equal(plain);
  expect([...found.gradients.keys()]).have.members([...wanted]);
  for (const [name, gradient] of found.gradients) {
    const x = inputs[name] ?? parameters.get(name);
    const moved = (v: PlainTensor) =>
      evaluateGraph(
        graph,
        plainBackend,
        name in inputs ? { ...inputs, [name]: v } : inputs,
        parameters.has(name) ? new Map([...parameters, [name, v]]) : parameters,
      );
    expect(gradient.shape, name).deep.equal(x.shape);
    expectClose(
      gradient,
      slopes((v) => total(moved(v)), x),
      1e-8,
      `gradient of ${name}`,
    );
  }
}

const CONV = { kernel: [3, 3], strides: [2, 2], dilations: [1, 1], pads: [1, 1, 1, 1], group: 2 };

describe('gradients of a graph', () => {
  it('are those of finite differences, with values that several nodes read', () =>
    checkAll(
      graphOf({ x: [2, 3], w: [3, 3], b: [3] }, [
        ['MatMul', ['x', 'w'], 'p'],
        ['Add', ['p', 'b'], 'q'],
        ['Tanh', ['q'], 't'],
        ['Mul', ['t', 'q'], 'm'],
        ['MatMul', ['m', 'w'], 'n'],
        ['Add', ['n', 'x'], 'y'],
      ]),
    ));

  it('go through a small network of every kind of layer', () =>
    checkAll(
      graphOf(
        { x: [2, 4, 5, 6], w: [4, 2, 3, 3], b: [4], s: [4], t: [4], m: [4], v: [4], d: [12, 3] },
        [
          ['Conv', ['x', 'w', 'b'], 'a', CONV],
          ['Square', ['v'], 'vv'],
          ['BatchNormalization', ['a', 's', 't', 'm', 'vv'], 'n', { epsilon: 0.1, momentum: 0.1 }],
          ['Relu', ['n'], 'r'],
          ['Clip', ['n'], 'c', { min: -0.5, max: 0.7 }],
          ['Add', ['r', 'c'], 'sum'],
          [
            'MaxPool',
            ['sum'],
            'pool',
            { kernel: [2, 2], strides: [2, 2], dilations: [1, 1], pads: [0, 1, 1, 0], ceilMode: false },
          ],
          ['ReduceMean', ['pool'], 'mean', { axes: [3], keepDims: false }],
          ['Flatten', ['pool'], 'f', { axis: 1 }],
          ['Slice', ['f'], 'cut', { axes: [1], starts: [0], ends: [12], steps: [1] }],
          ['MatMul', ['cut', 'd'], 'z'],
          ['LogSoftmax', ['z'], 'y', { axis: 1 }],
        ],
        ['y', 'mean'],
      ),
    ));

  it('add up over several outputs, one of which is read on, and one an input', () =>
    checkAll(
      graphOf(
        { x: [3], w: [3] },
        [
          ['Mul', ['x', 'w'], 'a'],
          ['Sin', ['a'], 'b'],
          ['Identity', ['b'], 'c'],
        ],
        ['a', 'b', 'c', 'x', 'w'],
      ),
    ));

  it('take an operand that is given twice', () =>
    checkAll(
      graphOf({ x: [2, 2] }, [
        ['MatMul', ['x', 'x'], 'a'],
        ['Mul', ['a', 'a'], 'y'],
      ]),
    ));

  it('are zeros where nothing depends on a name, or only through steps', () => {
    checkAll(
      graphOf({ x: [2], w: [2], unused: [3], dead: [2] }, [
        ['Mul', ['x', 'w'], 'y0'],
        ['Exp', ['dead'], 'nobody reads'],
        ['Floor', ['w'], 'steps'],
        ['Add', ['y0', 'steps'], 'y'],
      ]),
    );
  });

  it('take sizes of 0 and 1, and graphs without nodes', () => {
    checkAll(graphOf({ x: [0, 3], w: [3, 2], b: [2] }, [['Linear', ['x', 'w', 'b'], 'y']]));
    checkAll(graphOf({ x: [1, 1], w: [1, 1], b: [1] }, [['Linear', ['x', 'w', 'b'], 'y']]));
    checkAll(graphOf({ x: [], w: [] }, [['Mul', ['x', 'w'], 'y']]));
    checkAll(graphOf({ x: [2] }, [], ['x']));
  });

  it('are those of finite differences for graphs at random', () => {
    const pick = fc.nat(50);
    const step = fc.tuple(
      fc.constantFrom('Add', 'Sub', 'Mul', 'MatMul', 'Sin', 'Tanh', 'Softmax'),
      pick,
      pick,
    );
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 10 }),
        fc.array(pick, { maxLength: 3 }),
        (drawn, out) => {
          const names = ['x', 'w', 'v'];
          const steps = drawn.map(([op, i, j], n): Step => {
            const two = ['Add', 'Sub', 'Mul', 'MatMul'].includes(op);
            const operands = [names[i % names.length], ...(two ? [names[j % names.length]] : [])];
            names.push(`n${n}`);
            // Bounded, however often values are multiplied by one another.
            return two || op === 'Softmax'
              ? [op, operands, `n${n}`, op === 'Softmax' ? { axis: 1 } : {}]
              : [op, operands, `n${n}`];
          });
          const outputs = new Set([names[names.length - 1], ...out.map((i) => names[i % names.length])]);
          const bounded = steps.flatMap(([op, operands, output, attributes]): Step[] =>
            op === 'Mul' || op === 'MatMul'
              ? [
                  [op, operands, `${output} wide`],
                  ['Tanh', [`${output} wide`], output],
                ]
              : [[op, operands, output, attributes]],
          );
          checkAll(graphOf({ x: [2, 2], w: [2, 2], v: [2, 2] }, bounded, [...outputs]));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('free every value once, and none that was given or is given back', () => {
    const { graph, inputs, parameters } = graphOf(
      { x: [2, 2], w: [2, 2], u: [2] },
      [
        ['MatMul', ['x', 'w'], 'a'],
        ['Identity', ['a'], 'b'],
        ['Relu', ['b'], 'c'],
        ['Exp', ['u'], 'aside'],
        ['Add', ['c', 'a'], 'd'],
        ['Add', ['d', 'aside'], 'y'],
        ['Neg', ['y'], 'nobody reads'],
      ],
      ['y'],
    );
    const alive = new Set<PlainTensor>();
    const scopes: PlainTensor[][] = [];
    const made = (v: PlainTensor) => {
      alive.add(v);
      scopes.at(-1)?.push(v);
      return v;
    };
    const dy = tensor([2, 2], 5);
    const given = [...parameters.values(), inputs.x, dy];
    const dispose = (x: PlainTensor) => expect(alive.delete(x), 'freed twice, or never made').equal(true);
    const counting: Backend<PlainTensor> = {
      ...plainBackend,
      kernels: Object.fromEntries(
        Object.entries(plainBackend.kernels).map(([op, kernel]) => [
          op,
          (operands: PlainTensor[], attributes: never, shapes: number[][]) => {
            for (const x of operands)
              expect(alive.has(x) || given.includes(x), `${op} of a freed value`).equal(true);
            const results = kernel(operands as never, attributes, shapes).slice(0, shapes.length);
            // What passes through is not made here.
            return results.map((y) => (operands.includes(y) ? y : made({ shape: y.shape, data: y.data })));
          },
        ]),
      ),
      constant: (x) => made({ shape: x.shape, data: x.data }),
      scope(f) {
        scopes.push([]);
        const kept = f();
        const own = scopes.pop() ?? [];
        for (const v of own)
          if (kept.includes(v)) scopes.at(-1)?.push(v);
          else dispose(v);
        return kept;
      },
      dispose,
    };
    const { outputs, gradients } = evaluateWithGradients(graph, counting, inputs, parameters, {
      wanted: new Set(['x', 'w']),
      cotangents: () => ({ y: dy }),
    });
    expect([...alive]).have.members([outputs.y, ...gradients.values()]);
  });

  it('are not recorded for what is not wanted', () => {
    const { graph, inputs, parameters } = graphOf({ x: [2], w: [2] }, [
      ['Exp', ['x'], 'a'],
      ['Mul', ['a', 'w'], 'y'],
    ]);
    const passed: string[] = [];
    const { gradients } = evaluateWithGradients(graph, plainBackend, inputs, parameters, {
      wanted: new Set(['w']),
      cotangents: ({ y }) => ({ y: { shape: y.shape, data: y.data.map(() => 1) } }),
      onPassed: ({ op }, left) => passed.push(`${op} ${left}`),
    });
    expect(passed).deep.equal(['Mul 0']);
    expectClose(gradients.get('w') as PlainTensor, inputs.x.data.map(Math.exp), 1e-12);
  });

  it('are those of the backend where it has its own, without auxiliary outputs', () => {
    const { graph, inputs, parameters } = graphOf({ x: [3] }, [
      ['Relu', ['x'], 'a'],
      ['Neg', ['a'], 'y'],
    ]);
    let counts: number[] = [];
    const own: Backend<PlainTensor> = {
      ...plainBackend,
      kernels: {
        ...plainBackend.kernels,
        Relu: (operands, attributes, shapes) => {
          counts.push(shapes.length);
          return plainBackend.kernels.Relu?.(operands, attributes, shapes) ?? [];
        },
      },
    };
    const gradientOn = (backend: Backend<PlainTensor>) => {
      counts = [];
      const { gradients } = evaluateWithGradients(graph, backend, inputs, parameters, {
        wanted: new Set(['x']),
        cotangents: ({ y }) => ({ y: { shape: y.shape, data: y.data.map(() => 1) } }),
      });
      return [...(gradients.get('x')?.data ?? [])];
    };
    const slope = [...inputs.x.data].map((v) => (v > 0 ? -1 : 0));
    expect(gradientOn(own).map(Math.abs)).deep.equal(slope.map(Math.abs));
    expect(counts).deep.equal([2]);
    expect(gradientOn({ ...own, gradients: { Relu: () => [tensor([3], 4)] } })).deep.equal([
      ...tensor([3], 4).data,
    ]);
    expect(counts).deep.equal([1]);
  });

  it('refuse names, cotangents and inputs that do not fit', () => {
    const { graph, inputs, parameters } = graphOf({ x: [2], w: [2] }, [['Mul', ['x', 'w'], 'y']]);
    const run = (wanted: string, cotangents: Record<string, PlainTensor>, given = inputs) =>
      evaluateWithGradients(graph, plainBackend, given, parameters, {
        wanted: new Set([wanted]),
        cotangents: () => cotangents,
      });
    expect(() => run('y', {})).throws(ArgumentError, '"y" is neither a parameter nor an input');
    expect(() => run('w', { z: tensor([2]) })).throws(ArgumentError, '"z", which is no output');
    expect(() => run('w', { y: tensor([3]) })).throws(ShapeError, 'cotangent [3] of the output "y" [2]');
    expect(() => run('w', {}, {})).throws(InputShapeError);
    expect([...(run('w', {}).gradients.get('w')?.data ?? [])]).deep.equal([0, 0]);
  });

  it('say which node has no gradient on a backend', () => {
    const { graph, inputs, parameters } = graphOf({ x: [2] }, [['Relu', ['x'], 'y']]);
    const poor: Backend<PlainTensor> = { ...plainBackend, kernels: { Relu: plainBackend.kernels.Relu } };
    const request = {
      wanted: new Set(['x']),
      cotangents: ({ y }: Readonly<Record<string, PlainTensor>>) => ({ y }),
    };
    expect(() => evaluateWithGradients(graph, poor, inputs, parameters, request)).throws(
      UnsupportedOperationError,
      'node "makes y" (Relu): Mul cannot be computed in the clear',
    );
    const none: Backend<PlainTensor> = { ...plainBackend, kernels: {} };
    expect(() => evaluateWithGradients(graph, none, inputs, parameters, request)).throws(
      UnsupportedOperationError,
      'node "makes y" (Relu): Relu cannot',
    );
  });
});

describe('gradients of a classifier', () => {
  it('go back from the cross entropy of its labels', () => {
    const { graph, inputs, parameters } = graphOf({ x: [4, 3], w: [3, 5], b: [5] }, [
      ['Linear', ['x', 'w', 'b'], 'z'],
    ]);
    const labels = [0, 4, 2, 2];
    const loss = (w: PlainTensor) => {
      const { z } = evaluateGraph(graph, plainBackend, inputs, new Map([...parameters, ['w', w]]));
      return crossEntropy(z, labels).loss;
    };
    const { gradients } = evaluateWithGradients(graph, plainBackend, inputs, parameters, {
      wanted: new Set(['w']),
      cotangents: ({ z }) => ({ z: crossEntropy(z, labels).cotangent }),
    });
    expectClose(gradients.get('w') as PlainTensor, slopes(loss, parameters.get('w') as PlainTensor), 1e-9);
  });
});
