/** Quantised values: see quantization.ts. */
import { at, map, type PlainTensor, plainTensor, show, type Value, zip } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';
import { type Grid, sameGrid } from '../quantization.js';
import { convolution } from './conv.js';
import { multiply } from './matrix.js';

/** Integers from the least to the greatest, by number of the element type: 8, 16, 4 and 2 bits, without and with a sign. */
const RANGES: Readonly<Record<number, readonly [number, number]>> = {
  2: [0, 2 ** 8 - 1],
  3: [-(2 ** 7), 2 ** 7 - 1],
  4: [0, 2 ** 16 - 1],
  5: [-(2 ** 15), 2 ** 15 - 1],
  21: [0, 2 ** 4 - 1],
  22: [-(2 ** 3), 2 ** 3 - 1],
  25: [0, 2 ** 2 - 1],
  26: [-2, 1],
};
const UINT8 = 2;

const times = (a: PlainTensor, b: PlainTensor) => zip(a, b, (x, y) => x * y);
const minus = (a: PlainTensor, b: PlainTensor) => zip(a, b, (x, y) => x - y);
const number = (value: number): PlainTensor => plainTensor([], [value]);

/** Scale and zero point from inputs, for a value of that rank: one number each, one along an axis, or one a block. */
function readGrid(
  context: NodeContext,
  rank: number,
  [scale, zero]: readonly [number, number],
  axis = 1,
): Grid {
  const zeroInput = context.optional(zero);
  const block = context.opset >= 21 ? context.int('block_size', 0) : 0;
  const placed = (tensor: PlainTensor): PlainTensor => {
    const { shape, data } = tensor;
    if (data.length === 1) return plainTensor([], data);
    const own = axis < 0 ? axis + rank : axis;
    if (shape.length === 1)
      return { shape: Array.from({ length: rank }, (_, i) => (i === own ? data.length : 1)), data };
    if (block < 1 || shape.length !== rank) context.fail(`scales of shape [${shape}]`);
    context.checkCount(data.length * block, 'the scales');
    return repeated(tensor, own, block);
  };
  const numbers = context.constant(context.input(scale), 'the scale');
  if (!numbers.data.every((v) => v > 0 && Number.isFinite(v))) context.fail('a scale is not positive');
  return {
    scale: placed(numbers),
    zero: zeroInput ? placed(context.constant(zeroInput, 'the zero point')) : number(0),
  };
}

/** Every part of an axis `count` times in a row. */
function repeated({ shape, data }: PlainTensor, axis: number, count: number): PlainTensor {
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const values = new Float64Array(data.length * count).map((_, i) => {
    const [outer, place] = [Math.floor(i / (inner * count)), i % inner];
    return data[outer * inner + place] as number;
  });
  return { shape: shape.map((d, i) => (i === axis ? d * count : d)), data: values };
}

/** The integers that an element type holds: that of the zero point. */
function rangeOf(context: NodeContext, zero: number): readonly [number, number] {
  const input = context.optional(zero);
  const listed = context.opset >= 21 && context.has('output_dtype') ? context.int('output_dtype', 0) : 0;
  const type = input === undefined ? listed || UINT8 : context.elementType(input);
  const range = type === undefined ? undefined : RANGES[type];
  return range ?? context.fail(`the element type ${type ?? 'of the zero point, which is not in the file'}`);
}

/** What integers stand for. */
function dequantized(context: NodeContext, x: Value, grid: Grid): Value {
  if (x.kind === 'constant' && !context.quantized(x)) {
    const values = times(minus(x.tensor, grid.zero), grid.scale);
    return context.makeConstant('values', { shape: x.shape, data: values.data });
  }
  const known = context.quantized(x);
  if (known && sameGrid(known, grid)) return known.of;
  const [factor, shift] = known
    ? [zip(grid.scale, known.scale, (to, from) => to / from), times(minus(known.zero, grid.zero), grid.scale)]
    : [grid.scale, map(times(grid.zero, grid.scale), (v) => -v)];
  return moved(context, known?.of ?? x, factor, shift);
}

/** x factor + shift */
function moved(context: NodeContext, x: Value, factor: PlainTensor, shift: PlainTensor): Value {
  const neutral = (tensor: PlainTensor, value: number) => tensor.data.every((v) => v === value);
  const scaled = neutral(factor, 1)
    ? x
    : context.emit('Mul', [x, context.makeConstant('factor', factor)], {}, 'float');
  if (neutral(shift, 0)) return scaled;
  return context.emit('Add', [scaled, context.makeConstant('shift', shift)], {}, 'float');
}

/** The output: x on the grid, without its rounding, within the range of its integers. */
function quantized(
  context: NodeContext,
  x: Value,
  grid: Grid,
  [least, most]: readonly [number, number],
): void {
  if (x.kind === 'constant') {
    const whole = zip(
      zip(x.tensor, grid.scale, (v, s) => halfToEven(v / s)),
      grid.zero,
      (v, z) => Math.min(Math.max(v + z, least), most),
    );
    context.result(context.makeConstant('quantized', { shape: x.shape, data: whole.data }, 'int'));
    return;
  }
  const low = times(
    map(grid.zero, (z) => least - z),
    grid.scale,
  );
  const high = times(
    map(grid.zero, (z) => most - z),
    grid.scale,
  );
  if (low.data.length > 1) {
    const above = context.emit('Max', [x, context.makeConstant('low', low)], {});
    const within = context.emit('Min', [above, context.makeConstant('high', high)], {});
    context.resultQuantized(within, grid);
    return;
  }
  const [min, max, step] = [at(low.data, 0), at(high.data, 0), at(grid.scale.data, 0)];
  context.resultQuantized(limited(context, x, min, max, step), grid);
}

/** x in a range. Where the operation before keeps it there, to the step of the grid, nothing is left to do. */
function limited(context: NodeContext, x: Value, min: number, max: number, step: number): Value {
  const before = context.producer(x);
  const within = (low: number | null, high: number | null) =>
    low !== null && high !== null && low >= min - step && high <= max + step;
  if ((before?.op === 'Sigmoid' || before?.op === 'Softmax') && within(0, 1)) return x;
  if (before?.op === 'Tanh' && within(-1, 1)) return x;
  if (before?.op === 'Clip' && within(before.attributes.min, before.attributes.max)) return x;
  const source = before?.op === 'Relu' ? before.inputs[0] : undefined;
  if (source && min <= 0 && max > 0) return context.emit('Clip', [source], { min: 0, max });
  return context.emit('Clip', [x], { min, max });
}

function halfToEven(v: number): number {
  const down = Math.floor(v);
  if (v - down !== 0.5) return Math.round(v);
  return down % 2 === 0 ? down : down + 1;
}

export const quantizeLinearOnnx: OnnxOperator = {
  name: 'QuantizeLinear',
  opsets: [10, ALL_OPSETS[1]],
  note: 'constant scales; of secrets only the limits, without rounding; a DequantizeLinear must follow',
  convert(context) {
    context.ignore('saturate', 'precision');
    const x = context.stored(context.input(0));
    const grid = readGrid(context, context.rank(x), [1, 2], context.int('axis', 1));
    quantized(context, x, grid, rangeOf(context, 2));
  },
};

/** (x - zero) scale, where the scale is part of the data. */
function bySecretScale(context: NodeContext, x: Value): Value {
  const rank = context.rank(x);
  const given = context.int('axis', 1);
  const axis = given < 0 ? given + rank : given;
  const block = context.opset >= 21 ? context.int('block_size', 0) : 0;
  const placed = (value: Value): Value => {
    const shape = context.shape(value);
    if (shape.length === 0) return value;
    if (shape.length === 1) {
      const to = shape[0] === 1 ? [] : Array.from({ length: rank }, (_, i) => (i === axis ? -1 : 1));
      return context.emit('Reshape', [value], { shape: to, allowZero: false });
    }
    const size = shape[axis];
    if (block < 1 || shape.length !== rank || typeof size !== 'number')
      return context.fail(`scales of shape ${show(shape)}`);
    context.checkCount(size * block, 'the axis');
    const indices = Array.from({ length: size * block }, (_, i) => Math.floor(i / block));
    return context.emit('Take', [value], { axis, indices, shape: [indices.length] });
  };
  const zero = context.optional(2);
  const centred = zero ? context.emit('Sub', [x, placed(zero)], {}, 'float') : x;
  return context.emit('Mul', [placed(context.input(1)), centred], {}, 'float');
}

export const dequantizeLinearOnnx: OnnxOperator = {
  name: 'DequantizeLinear',
  opsets: [10, ALL_OPSETS[1]],
  note: 'of a QuantizeLinear with the same constant scales; of constants also with secret scales',
  convert(context) {
    context.ignore('output_dtype');
    const x = context.input(0);
    if (context.input(1).kind === 'secret' && !context.quantized(x)) {
      context.result(bySecretScale(context, x));
      return;
    }
    const grid = readGrid(context, context.rank(x), [1, 2], context.int('axis', 1));
    context.forward(dequantized(context, x, grid));
  },
};

/** The scale is 1: what follows multiplies by it again, so it cancels out. */
export const dynamicQuantizeLinearOnnx: OnnxOperator = {
  name: 'DynamicQuantizeLinear',
  opsets: [11, ALL_OPSETS[1]],
  note: 'removed: its scale is taken as 1, without rounding; not as an output of the model',
  convert(context) {
    const grid = { scale: number(1), zero: number(0) };
    context.resultQuantized(context.input(0), grid);
    context.result(context.standIn('scale', number(1)), 1);
    context.result(context.standIn('zero', number(0), 'int'), 2);
  },
};

export const qLinearMatMulOnnx: OnnxOperator = {
  name: 'QLinearMatMul',
  opsets: [10, ALL_OPSETS[1]],
  note: 'constant scales; becomes a product without rounding, and limits',
  convert(context) {
    const operand = (first: number, axis: number) => {
      const value = context.input(first);
      const rank = context.rank(value);
      return dequantized(context, value, readGrid(context, rank, [first + 1, first + 2], axis));
    };
    const product = multiply(context, operand(0, -2), operand(3, -1));
    quantized(context, product, readGrid(context, context.rank(product), [6, 7], -1), rangeOf(context, 7));
  },
};

export const qLinearConvOnnx: OnnxOperator = {
  name: 'QLinearConv',
  opsets: [10, ALL_OPSETS[1]],
  note: 'as QLinearMatMul',
  convert(context) {
    const [x, w, b] = [context.input(0), context.input(3), context.optional(8)];
    const rank = context.rank(x);
    const [ofX, ofW] = [readGrid(context, rank, [1, 2]), readGrid(context, rank, [4, 5], 0)];
    const scales = plainTensor([ofW.scale.data.length], ofW.scale.data);
    const bias = b && dequantized(context, b, { scale: times(scales, ofX.scale), zero: number(0) });
    const y = convolution(context, dequantized(context, x, ofX), dequantized(context, w, ofW), bias);
    quantized(context, y, readGrid(context, rank, [6, 7]), rangeOf(context, 7));
  },
};

/** An operand less its zero point, and the scale by which that is larger than the integers. */
function centred(
  context: NodeContext,
  index: number,
  zeroIndex: number,
  axis: number,
): { value: Value; scale: number } {
  const x = context.input(index);
  const zeroInput = context.optional(zeroIndex);
  const listed = zeroInput ? context.constant(zeroInput, 'the zero point') : number(0);
  const rank = context.rank(x);
  const own = axis < 0 ? axis + rank : axis;
  const zero =
    listed.data.length === 1
      ? number(at(listed.data, 0))
      : {
          shape: Array.from({ length: rank }, (_, i) => (i === own ? listed.data.length : 1)),
          data: listed.data,
        };
  const known = context.quantized(x);
  if (known && known.scale.data.length > 1) context.fail('an operand has a scale for each part');
  const scale = known?.scale ?? number(1);
  return { value: dequantized(context, x, { scale, zero }), scale: at(scale.data, 0) };
}

const integerProduct = (
  name: string,
  axes: readonly [number, number],
  compute: (context: NodeContext, a: Value, b: Value) => Value,
): OnnxOperator => ({
  name,
  opsets: [10, ALL_OPSETS[1]],
  note: 'of quantised values; a Cast to float must follow',
  convert(context) {
    const a = centred(context, 0, 2, axes[0]);
    const b = centred(context, 1, 3, axes[1]);
    const grid = { scale: number(a.scale * b.scale), zero: number(0) };
    const product = compute(context, a.value, b.value);
    if (product.kind === 'constant') return context.result(product);
    context.resultQuantized(product, grid);
  },
});

export const matMulIntegerOnnx = integerProduct('MatMulInteger', [-2, -1], multiply);
export const convIntegerOnnx = integerProduct('ConvInteger', [1, 0], (context, x, w) =>
  convolution(context, x, w, undefined),
);
