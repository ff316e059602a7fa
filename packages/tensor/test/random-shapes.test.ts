/**
 * Operations that move elements or are linear on random shapes, sizes of 0 and 1 among them, and random attributes: the
 * private value is the plain one, what is resolved resolves to itself, and what does not fit is a ShapeError.
 */
import { ShapeError } from '@tacit/errors';
import {
  type AnyDefinition,
  definitionOf,
  type OpName,
  type PlainTensor,
  resolveCall,
  sizeOf,
} from '@tacit/graph';
import { randomInteger } from '@tacit/testing/random';
import { expect } from 'chai';
import { call } from '../src/cryptensor.js';
import { runParties } from './helpers/parties.js';

type Drawn = readonly [attributes: object, ...shapes: (readonly number[])[]];

const CASES = 40;

const below = (count: number): number => (count < 1 ? 0 : randomInteger(count));
const pick = <T>(values: readonly T[]): T => values[below(values.length)];
const flag = () => pick([false, true]);
const list = (length: number, draw: (i: number) => number) => Array.from({ length }, (_, i) => draw(i));
const sizes = (rank: number, low = 0, high = 4) => list(rank, () => low + below(high - low + 1));
const between = (low: number, high: number) => low + below(high - low + 1);
/** Indices of an axis, also from its end; of an empty one they do not fit. */
const indices = (size: number, count: number) => list(count, () => between(-size, size - 1));
const axisOf = (shape: readonly number[]) => below(shape.length);

/** Indices of elements along an axis, of at most as many beside it. */
function elements(): [axis: number, x: number[], attributes: { shape: number[]; indices: number[] }] {
  const x = sizes(between(1, 3));
  const axis = axisOf(x);
  const shape = x.map((size, i) => (i === axis ? below(5) : below(size + 1)));
  return [axis, x, { shape, indices: indices(x[axis], sizeOf(shape)) }];
}

/** Lists of indices of blocks behind `batch` axes. */
function blocks(x: readonly number[], batch: number) {
  const length = below(x.length - batch + 1);
  const shape = [...x.slice(0, batch), ...sizes(below(2), 0, 3), length];
  return { shape, indices: list(sizeOf(shape), (i) => indices(x[batch + (i % length)], 1)[0]) };
}

const DRAWS: { readonly [op in OpName]?: () => Drawn } = {
  Take() {
    const x = sizes(between(1, 3));
    const axis = pick([null, axisOf(x)]);
    const shape = sizes(below(3), 0, 3);
    const size = axis === null ? sizeOf(x) : x[axis];
    return [{ axis, shape, indices: indices(size, sizeOf(shape)) }, x];
  },
  Slice() {
    const x = sizes(between(1, 3));
    const bound = () => x.map(() => between(-6, 6));
    return [
      { axes: [...x.keys()], starts: bound(), ends: bound(), steps: x.map(() => pick([1, -1, 2, -3])) },
      x,
    ];
  },
  Pad() {
    const x = sizes(between(1, 3));
    return [{ pads: list(2 * x.length, () => between(-4, 5)), value: 0.5 }, x];
  },
  Extend() {
    const x = sizes(between(1, 2));
    const pads = list(2 * x.length, () => between(-2, 5));
    return [{ pads, mode: pick(['reflect', 'edge', 'wrap']) }, x];
  },
  Tile() {
    const x = sizes(below(4));
    return [{ repeats: sizes(x.length + below(2), 0, 3) }, x];
  },
  Trilu: () => [{ k: between(-4, 4), upper: flag() }, sizes(between(2, 3))],
  CumSum() {
    const x = sizes(between(1, 3), 0, 7);
    return [{ axis: axisOf(x), exclusive: flag(), reverse: flag() }, x];
  },
  Roll() {
    const x = sizes(between(1, 3));
    const axes = list(below(4), () => axisOf(x));
    return [{ shifts: axes.map(() => between(-9, 9)), axes }, x];
  },
  Trace: () => [{}, sizes(2)],
  GatherElements() {
    const [axis, x, attributes] = elements();
    return [{ axis, ...attributes }, x];
  },
  ScatterElements() {
    const [axis, x, attributes] = elements();
    const y = pick([attributes.shape, [], attributes.shape.map(() => 1)]);
    return [{ axis, ...attributes, reduction: pick(['none', 'add']) }, x, y];
  },
  GatherND() {
    const x = sizes(between(1, 4), 0, 3);
    const batchDims = below(x.length);
    return [{ batchDims, ...blocks(x, batchDims) }, x];
  },
  ScatterND() {
    const x = sizes(between(1, 3), 0, 3);
    const { shape, ...attributes } = blocks(x, 0);
    const y = [...shape.slice(0, -1), ...x.slice(shape[shape.length - 1])];
    return [{ shape, ...attributes, reduction: pick(['none', 'add']) }, x, y];
  },
  IndexAdd() {
    const x = sizes(between(1, 3));
    const [axis, count] = [axisOf(x), below(7)];
    const y = x.map((size, i) => (i === axis ? count : size));
    return [{ axis, indices: indices(x[axis], count) }, x, y];
  },
  AdaptiveAveragePool: () => [{ size: sizes(2, 1, 4) }, sizes(4, 0, 5)],
  AdaptiveMaxPool: () => [{ size: sizes(2, 1, 3) }, sizes(4, 0, 4)],
  ConvTranspose() {
    const [axes, group, perGroup] = [between(1, 2), between(1, 2), between(1, 2)];
    const [kernel, channels] = [sizes(axes, 1, 4), group * between(1, 2)];
    const pads = pick<unknown>([sizes(2 * axes, 0, 2), 'SAME_UPPER', 'SAME_LOWER']);
    const bias = flag() ? [[group * perGroup]] : [];
    return [
      {
        kernel,
        strides: sizes(axes, 1, 3),
        dilations: sizes(axes, 1, 2),
        pads,
        group,
        outputPadding: sizes(axes, 0, 2),
      },
      [below(3), channels, ...sizes(axes, 1, 3)],
      [channels, perGroup, ...kernel],
      ...bias,
    ];
  },
  Resize() {
    const x = sizes(between(1, 3), pick([0, 1, 1, 1]), 5);
    const scaled = flag();
    const cropped = flag();
    return [
      {
        scales: scaled ? x.map(() => pick([1, 2, 0.5, 1.3, 0.7])) : [],
        sizes: scaled ? [] : x.map(() => pick([-1, 0, 1, 2, 7])),
        aspect: scaled ? 'stretch' : pick(['stretch', 'not_larger', 'not_smaller']),
        mode: pick(['nearest', 'linear', 'cubic']),
        coordinates: cropped
          ? 'tf_crop_and_resize'
          : pick(['half_pixel', 'half_pixel_symmetric', 'align_corners', 'asymmetric']),
        rounding: pick(['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil', 'simple']),
        cubic: -0.75,
        excludeOutside: flag(),
        antialias: flag(),
        region: cropped ? [...x.map(() => pick([-0.2, 0, 0.4])), ...x.map(() => pick([0.6, 1, 1.3]))] : [],
        outside: pick([0, 2]),
      },
      x,
    ];
  },
  Einsum() {
    const size = new Map([...'abcd'].map((letter) => [letter, pick([0, 1, 2, 3, 3])]));
    const terms = list(between(1, 3), () => 0).map(() =>
      list(below(4), () => 0).map(() => pick([...'abcd'])),
    );
    const output = [...new Set(terms.flat())].filter(flag).join('');
    const equation = `${terms.map((term) => term.join('')).join(',')}->${output}`;
    return [{ equation }, ...terms.map((term) => term.map((l) => (below(6) === 0 ? 1 : (size.get(l) ?? 1))))];
  },
};

/** A random case, with its plain value; undefined where it does not fit. */
function drawCase(definition: AnyDefinition, draw: () => Drawn) {
  const [attributes, ...shapes] = draw();
  const what = `${definition.op} of ${JSON.stringify(shapes)} ${JSON.stringify(attributes)}`;
  const inputs = shapes.map((shape): PlainTensor => {
    const data = Float64Array.from({ length: sizeOf(shape) }, () => between(-2048, 2048) / 512);
    return { shape, data };
  });
  try {
    const known = resolveCall(definition.op, shapes, attributes as never);
    expect(resolveCall(definition.op, shapes, known.attributes as never), what).deep.equal(known);
    const [expected] = definition.evaluate(inputs, known.attributes);
    return { what, inputs, attributes, expected };
  } catch (error) {
    if (error instanceof ShapeError) return undefined;
    throw new Error(what, { cause: error });
  }
}

describe('on random shapes', () => {
  for (const [op, draw] of Object.entries(DRAWS))
    it(op, async () => {
      const definition = definitionOf(op as OpName) as AnyDefinition;
      const cases = Array.from({ length: CASES }, () => drawCase(definition, draw)).filter(
        (one) => one !== undefined,
      );
      expect(cases.length).greaterThan(CASES / 4);
      const [results] = await runParties(2, (party) =>
        Promise.all(
          cases.map(({ inputs, attributes }) => {
            const operands = inputs.map(({ shape, data }, i) =>
              i % 2 === 1
                ? { dims: shape, data }
                : party.cryptensor(party.rank === 0 ? data : undefined, { src: 0, shape }),
            );
            return call(party.context, op as never, operands, attributes, op).revealFloat64();
          }),
        ),
      );
      results.forEach((made, n) => {
        const { what, expected } = cases[n];
        expect(made?.shape, what).deep.equal(expected.shape);
        made?.data.forEach((v, i) => {
          const right = expected.data[i];
          expect(v, `${what}, element ${i}`).closeTo(right, 2 ** -9 * Math.max(1, Math.abs(right)));
        });
      });
    });
});
