/** Convolutions, pools and products of shapes at random, with their gradients, beside double precision. */
import {
  type Attributes,
  apply,
  type ConcreteOpName,
  cotangents,
  type PlainTensor,
  plainBackend,
  resolveCall,
  sizeOf,
} from '@tacit/graph';
import { expect } from 'chai';
import fc from 'fast-check';
import { createFloats, type Floats, type FloatTensor } from '../src/index.js';

/** Whole numbers, so that sums are exact in either precision, and some elements are equal. */
const whole = (shape: readonly number[], seed: number): PlainTensor => ({
  shape,
  data: Float64Array.from(
    { length: sizeOf(shape) },
    (_, i) => ((Math.imul(i + seed, 2654435761) >>> 5) % 9) - 4,
  ),
});

const small = (min: number, max: number) => fc.integer({ min, max });
const pair = (min: number, max: number) => fc.tuple(small(min, max), small(min, max));
const window = fc
  .record({
    size: pair(1, 13),
    kernel: pair(1, 4),
    strides: pair(1, 3),
    dilations: pair(1, 2),
    before: pair(0, 3),
    after: pair(0, 3),
  })
  .map(({ before, after, ...rest }) => ({ ...rest, pads: [...before, ...after] }))
  .filter(({ size, kernel, dilations, pads }) =>
    [0, 1].every((axis) => size[axis] + pads[axis] + pads[axis + 2] > (kernel[axis] - 1) * dilations[axis]),
  );

describe('single precision of shapes at random', () => {
  let floats: Floats;
  before(async () => {
    floats = await createFloats({ memoryBytes: 2 ** 24 });
  });

  /** Values and gradients are those of double precision, and nothing stays in memory. */
  function same(
    op: ConcreteOpName,
    shapes: readonly (readonly number[])[],
    given: object,
    tolerance = 0,
  ): void {
    const { backend, tensor } = floats;
    const before = floats.takenBytes;
    const inputs = shapes.map((shape, i) => whole(shape, 3 * i + 1));
    const attributes = resolveCall(op, shapes, given as never).attributes as Attributes<ConcreteOpName>;
    const [y] = apply(plainBackend, op, inputs, attributes);
    const dy = whole(y.shape, 17);
    const wanted = cotangents(plainBackend, { op, inputs, outputs: [y], attributes }, [dy]);
    const operands = inputs.map(({ shape, data }) => tensor(shape, data));
    const outputs = apply(backend, op, operands, attributes);
    const flowing = tensor(dy.shape, dy.data);
    let found: readonly (FloatTensor | undefined)[] = [];
    backend.scope?.(() => {
      found = cotangents(backend, { op, inputs: operands, outputs, attributes }, [flowing]);
      return found.filter((dx) => dx !== undefined);
    });
    for (const [made, reference] of [[outputs[0], y], ...found.map((dx, i) => [dx, wanted[i]])]) {
      expect(made?.shape).deep.equal(reference?.shape);
      made?.data.forEach((v, i) => {
        const value = Math.fround(reference?.data[i] ?? Number.NaN);
        if (v !== value) expect(v, `element ${i}`).closeTo(value, tolerance);
      });
    }
    for (const x of new Set([...operands, ...outputs, flowing, ...found])) if (x) backend.dispose?.(x);
    expect(floats.takenBytes).equal(before);
  }

  it('convolves in groups of any size, with and without bias', () => {
    const layers = fc.record({
      batch: small(0, 3),
      group: small(1, 5),
      inputs: small(1, 3),
      outputs: small(1, 3),
    });
    fc.assert(
      fc.property(
        window,
        layers,
        fc.boolean(),
        ({ size, ...attributes }, { batch, group, inputs, outputs }, bias) => {
          const weights = [group * outputs, inputs, ...attributes.kernel];
          const shapes = [[batch, group * inputs, ...size], weights, ...(bias ? [[group * outputs]] : [])];
          same('Conv', shapes, { ...attributes, group });
        },
      ),
      { numRuns: 120 },
    );
  });

  it('convolves as images are in networks: wide ones, points, channels by themselves', () => {
    const flat = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], group: 1 };
    same('Conv', [[2, 24, 14, 14], [40, 24, 1, 1], [40]], { ...flat, kernel: [1, 1] });
    same(
      'Conv',
      [
        [1, 3, 60, 58],
        [16, 3, 3, 3],
      ],
      { ...flat, kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
    );
    same('Conv', [[2, 20, 29, 30], [20, 1, 3, 3], [20]], {
      ...flat,
      kernel: [3, 3],
      pads: [1, 1, 1, 1],
      group: 20,
    });
    same(
      'Conv',
      [
        [1, 64, 40],
        [32, 64, 5],
      ],
      { kernel: [5], strides: [1], dilations: [1], pads: [2, 2], group: 1 },
    );
  });

  it('pools windows of any kind', () => {
    fc.assert(
      fc.property(
        window,
        fc.boolean(),
        fc.boolean(),
        ({ size, ...attributes }, ceilMode, countIncludePad) => {
          const { kernel, pads, dilations } = attributes;
          // A window in padding alone has no maximum.
          const inside = [0, 1].every(
            (axis) => Math.max(pads[axis], pads[axis + 2]) < kernel[axis] && dilations[axis] === 1,
          );
          fc.pre(inside);
          same('MaxPool', [[2, 3, ...size]], { ...attributes, ceilMode });
          same('AveragePool', [[2, 3, ...size]], { ...attributes, ceilMode, countIncludePad }, 1e-5);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('multiplies batches that are broadcast', () => {
    const sizes = fc.tuple(small(0, 9), small(0, 9), small(0, 9));
    const lead = fc.array(fc.boolean(), { maxLength: 3 });
    fc.assert(
      fc.property(sizes, lead, lead, ([m, k, n], left, right) => {
        const batch = (own: readonly boolean[]) => own.map((wide, i) => (wide ? own.length - i + 1 : 1));
        same(
          'MatMul',
          [
            [...batch(left), m, k],
            [...batch(right), k, n],
          ],
          {},
        );
        same('MatMul', [[k], [...batch(right), k, n]], {});
        same('MatMul', [[...batch(left), m, k], [k]], {});
        same('Linear', [[...batch(left), m, k], [k, n], [n]], {});
      }),
    );
  });

  it('adds, scales, sums up and turns around', () => {
    const axes = fc.array(small(1, 4), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        axes,
        fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
        fc.nat(23),
        (shape, repeat, turn) => {
          const part = shape.map((d, i) => (repeat[i] ? 1 : d)).slice(turn % 2 && repeat[0] ? 1 : 0);
          for (const op of ['Add', 'Sub', 'Mul'] as const) {
            same(op, [shape, part], {});
            same(op, [part, shape], {});
          }
          const reduced = shape.flatMap((_, i) => (repeat[i] ? [i] : []));
          same('ReduceSum', [shape], { axes: reduced, keepDims: turn % 3 === 0 });
          same('ReduceMean', [shape], { axes: reduced, keepDims: turn % 3 === 0 }, 1e-5);
          const left = shape.map((_, i) => i);
          const perm: number[] = [];
          for (let rest = turn; left.length > 0; rest = Math.floor(rest / 4))
            perm.push(...left.splice(rest % left.length, 1));
          same('Transpose', [shape], { perm });
        },
      ),
    );
  });
});
