/** Every operation of the registry: nothing here names one. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { exampleInputs } from '@tacit/testing/examples';
import { expect } from 'chai';
import {
  type AnyDefinition,
  type Attributes,
  allDefinitions,
  apply,
  type Backend,
  boundsBackend,
  type ConcreteOpName,
  cotangents,
  evaluateGraph,
  isNumeric,
  type Kernels,
  movesOf,
  type OpName,
  operationsOf,
  type PlainTensor,
  plainBackend,
  resolveCall,
  sizeOf,
  spread,
} from '../src/index.js';
import * as modules from '../src/operations/index.js';
import { dot, slopes } from './helpers/differences.js';

/** Part of a slope, or of 1, that a gradient in double precision may be off: a thousandth of what is promised. */
const GRADIENT_TOLERANCE = 1e-9;

const definitions = allDefinitions();
const secret = definitions.filter(({ publicOnly }) => !publicOnly);

/** The plain backend with compositions in place of the kernels of composed operations. */
const composing: Backend<PlainTensor> = {
  ...plainBackend,
  kernels: Object.fromEntries(
    Object.entries(plainBackend.kernels).filter(([op]) => !definitions.some((d) => d.op === op && d.expand)),
  ) as Kernels<PlainTensor>,
};

const call = (
  backend: Backend<PlainTensor>,
  { op }: AnyDefinition,
  inputs: readonly PlainTensor[],
  a: object,
) => apply(backend, op as ConcreteOpName, inputs, a as Attributes<ConcreteOpName, 'model'>);

const close = (a: PlainTensor, b: PlainTensor, tolerance: number, what: string) => {
  expect(a.shape, what).deep.equal(b.shape);
  a.data.forEach((v, i) => {
    expect(v, `${what}, element ${i}`).closeTo(b.data[i], tolerance * Math.max(1, Math.abs(b.data[i])));
  });
};

describe('the registry', () => {
  it('lists every operation under its own name', () => {
    for (const [name, { definition }] of Object.entries(modules)) expect(definition.op).equal(name);
  });
  it('gives every secret operation examples, with several shapes and a summary', () => {
    for (const { op, examples, summary } of secret) {
      expect(examples.length, op).greaterThan(1);
      expect(summary, op).not.equal('');
    }
  });
});

for (const definition of definitions)
  describe(`operation ${definition.op}`, () => {
    definition.examples.forEach((example, index) => {
      const inputs = exampleInputs(example, index);
      const { attributes, outputs } = resolveCall(
        definition.op,
        inputs.map(({ shape }) => shape),
        example.attributes as Attributes<OpName, 'model'>,
      );
      const name = `[${example.shapes.join('] [')}] ${JSON.stringify(example.attributes)}`;

      it(`has the shapes that it says: ${name}`, () => {
        const values = definition.evaluate(inputs, attributes);
        expect(values.map(({ shape }) => shape)).deep.equal(outputs);
        for (const { shape, data } of values) expect(data.length).equal(sizeOf(shape));
      });
      if (definition.publicOnly) return;

      it(`is what it is composed of: ${name}`, () => {
        const [expected] = definition.evaluate(inputs, attributes);
        close(call(composing, definition, inputs, example.attributes)[0], expected, 1e-9, 'composed');
      });

      if (definition.moves)
        it(`only moves elements: ${name}`, () => {
          const shapes = inputs.map(({ shape }) => shape);
          const { sources, constants } = movesOf(
            definition.op as ConcreteOpName,
            shapes,
            attributes as Attributes<ConcreteOpName>,
          );
          const elements = inputs.flatMap(({ data }) => [...data]);
          const moved = Array.from(sources, (from, i) => (from < 0 ? constants[i] : elements[from]));
          expect(moved).deep.equal([...definition.evaluate(inputs, attributes)[0].data]);
        });

      it(`lies within its bounds: ${name}`, () => {
        const [expected] = definition.evaluate(inputs, attributes);
        const around = (d: number) =>
          inputs.map(({ shape, data }) => ({
            shape,
            low: { shape, data: data.map((v) => v - d) },
            high: { shape, data: data.map((v) => v + d) },
          }));
        for (const d of [0, 0.25]) {
          const [made] = apply(
            boundsBackend,
            definition.op as ConcreteOpName,
            around(d),
            example.attributes as Attributes<ConcreteOpName, 'model'>,
          );
          expect(made.shape).deep.equal(expected.shape);
          const { low, high } = spread(made);
          expected.data.forEach((v, i) => {
            if (Number.isNaN(v)) return;
            expect(low.data[i], `low ${i}`).most(v + 1e-9);
            expect(high.data[i], `high ${i}`).least(v - 1e-9);
          });
        }
      });

      if (example.kinks) return;
      it(`has the gradient of finite differences: ${name}`, () => {
        const [y] = definition.evaluate(inputs, attributes);
        const dy = { shape: y.shape, data: y.data.map((_, i) => Math.sin(i + 1)) };
        const record = {
          op: definition.op as ConcreteOpName,
          inputs,
          outputs: definition.evaluate(inputs, attributes),
          attributes: attributes as Attributes<ConcreteOpName>,
        };
        const gradients = cotangents(plainBackend, record, [dy]);
        inputs.forEach((x, n) => {
          const slope = slopes((moved) => {
            const operands = inputs.map((given, m) => (m === n ? moved : given));
            return dot(definition.evaluate(operands, attributes)[0], dy);
          }, x);
          const given = gradients[n] ?? { shape: x.shape, data: new Float64Array(x.data.length) };
          close(given, { shape: x.shape, data: slope }, GRADIENT_TOLERANCE, `cotangent of input ${n}`);
        });
      });
    });

    it('refuses attributes of other types and names', () => {
      const [example] = definition.examples;
      if (!example) return;
      const shapes = example.shapes;
      const attributes = example.attributes as Record<string, unknown>;
      for (const [key, kind] of Object.entries(definition.attributes as Readonly<Record<string, unknown>>))
        for (const wrong of [undefined, 'x', 0.5, Number.NaN, [0.5], {}]) {
          if (wrong === 0.5 && (kind === 'number' || kind === 'limit')) continue;
          if (Array.isArray(wrong) && kind === 'numbers') continue;
          const attempt = () => resolveCall(definition.op, shapes, { ...attributes, [key]: wrong } as never);
          expect(attempt, `${key} ${JSON.stringify(wrong)}`).throws(/./);
        }
      expect(() => resolveCall(definition.op, shapes, { ...attributes, nobodyReadsThis: 1 } as never)).throws(
        ArgumentError,
        'nobodyReadsThis',
      );
    });

    it('refuses other numbers of operands, and axes that are not there', () => {
      const [example] = definition.examples;
      if (!example) return;
      const [least, most] = definition.arity;
      const attempt = (shapes: readonly (readonly number[])[], more: object = {}) => {
        const attributes = { ...example.attributes, ...more };
        return () => resolveCall(definition.op, shapes, attributes as never);
      };
      if (least > 0) expect(attempt([])).throws(ArgumentError);
      if (most < Infinity) expect(attempt(new Array(most + 1).fill([1]))).throws(ArgumentError);
      for (const [key, kind] of Object.entries(definition.attributes)) {
        const wrong = kind === 'axis' || kind === 'axisOrAll' ? 9 : kind === 'axes' ? [9] : undefined;
        if (wrong !== undefined && definition.op !== 'Shape' && definition.op !== 'Constant')
          if (!(definition.op === 'Affine' && example.shapes[1][0] === 1))
            expect(attempt(example.shapes, { [key]: wrong }), `${key} ${wrong}`).throws(ShapeError);
      }
    });

    it('keeps symbolic sizes apart from wrong ones', () => {
      const [example] = definition.examples;
      if (!example || definition.publicOnly) return;
      const open = example.shapes.map((shape) => shape.map((d, axis) => (axis === 0 ? 'batch' : d)));
      const attributes = example.attributes as never;
      let result: ReturnType<AnyDefinition['infer']>;
      try {
        result = definition.infer(open, attributes);
      } catch (error) {
        expect(error).instanceOf(ShapeError);
        return;
      }
      const known = definition.infer(example.shapes, attributes);
      result.forEach((shape, i) => {
        if (isNumeric(shape)) expect(shape).deep.equal(known[i]);
        else expect(shape.length).equal(known[i].length);
      });
    });
  });

describe('functions of operations', () => {
  it('take numbers as constants and give the first output', () => {
    const k = operationsOf(plainBackend);
    const x = { shape: [2], data: Float64Array.of(1, -2) };
    expect([...k.relu(k.add(x, 0.5)).data]).deep.equal([1.5, 0]);
    expect(() => k.reduceSum(x, { axes: [1], keepDims: false })).throws(ShapeError, 'ReduceSum of [2]');
  });

  it('may be given otherwise by a backend that stands around the nodes of a graph', () => {
    const node = (op: string, input: string, output: string) =>
      ({ name: output, op, inputs: [input], outputs: [output], attributes: {} }) as never;
    const ends = { inputs: [{ name: 'x', shape: [2] }], outputs: [{ name: 'y', shape: [2] }] };
    const nodes = [node('Neg', 'x', 'a'), node('Relu', 'a', 'y')];
    const skipping: Backend<PlainTensor> = {
      ...plainBackend,
      node: ({ op }, [x], compute) => (op === 'Relu' ? x : compute()),
    };
    const x = { shape: [2], data: Float64Array.of(1, -2) };
    const graph = { ...ends, nodes, parameters: new Map(), shapes: new Map() };
    expect([...evaluateGraph(graph, skipping, { x }, new Map()).y.data]).deep.equal([-1, 2]);
  });
});
