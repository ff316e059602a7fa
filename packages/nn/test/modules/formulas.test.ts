/** Every module that has parameters, and every function of one: forward passes and gradients. */
import {
  at,
  averagePool,
  binary,
  conv2d,
  make,
  matmul,
  type Nd,
} from '../../../tensor/test/helpers/plain.js';
import * as nn from '../../src/index.js';
import { agreesWithFormula, type FormulaCase, type Values } from '../helpers/modules.js';

const each =
  (f: (x: number) => number) =>
  (_: Values, x: Nd): Nd => ({ shape: x.shape, data: x.data.map(f) });

/** As an image of one row. */
const wide = ({ shape: [a, b, c], data }: Nd): Nd => ({ shape: [a, b, 1, c], data });
const narrow = ({ shape: [a, b, , c], data }: Nd): Nd => ({ shape: [a, b, c], data });
const channel = (x: Nd, bias: Nd): Nd => make(x.shape, (i) => at(x, i) + bias.data[i[1]]);

/** Mean and variance of the elements that `group` gives the same number. */
function normal(x: Nd, group: (index: number[]) => number, eps: number): Nd {
  const sums = new Map<number, number[]>();
  make(x.shape, (i) => {
    const key = group(i);
    sums.set(key, [...(sums.get(key) ?? []), at(x, i)]);
    return 0;
  });
  const statistics = new Map(
    [...sums].map(([key, values]) => {
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      return [key, [mean, values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length]];
    }),
  );
  return make(x.shape, (i) => {
    const [mean, variance] = statistics.get(group(i)) ?? [0, 1];
    return (at(x, i) - mean) / Math.sqrt(variance + eps);
  });
}

const affine = (x: Nd, { weight, bias }: Values): Nd =>
  make(x.shape, (i) => at(x, i) * weight.data[i[1]] + bias.data[i[1]]);

const running =
  (eps: number) =>
  (s: Values, x: Nd): Nd =>
    affine(
      make(x.shape, (i) => (at(x, i) - s.runningMean.data[i[1]]) / Math.sqrt(s.runningVar.data[i[1]] + eps)),
      s,
    );

/** Each element spread by the kernel: PyTorch's conv_transpose2d. */
function transposed(x: Nd, w: Nd, o: { stride: number; pad: number; out: number; groups: number }): Nd {
  const [n, c, h, wd] = x.shape;
  const [, per, kh, kw] = w.shape;
  const rows = h === 1 && kh === 1 ? 1 : (h - 1) * o.stride - 2 * o.pad + kh + o.out;
  const columns = (wd - 1) * o.stride - 2 * o.pad + kw + o.out;
  const vertical = h === 1 && kh === 1 ? 0 : o.pad;
  const y = {
    shape: [n, per * o.groups, rows, columns],
    data: new Float64Array(n * per * o.groups * rows * columns),
  };
  make(x.shape, ([b, ch, i, j]) => {
    for (let k = 0; k < per; k++)
      for (let p = 0; p < kh; p++)
        for (let q = 0; q < kw; q++) {
          const [r, s] = [i * o.stride + p - vertical, j * o.stride + q - o.pad];
          if (r < 0 || r >= rows || s < 0 || s >= columns) continue;
          const to = Math.floor(ch / (c / o.groups)) * per + k;
          y.data[((b * per * o.groups + to) * rows + r) * columns + s] +=
            at(x, [b, ch, i, j]) * at(w, [ch, k, p, q]);
        }
    return 0;
  });
  return y;
}

const phi = (x: number): number => {
  let [sum, term] = [x, x];
  for (let k = 1; k < 60; k++) {
    term *= -(x * x) / (2 * k);
    sum += term / (2 * k + 1);
  }
  return 0.5 + sum / Math.sqrt(2 * Math.PI);
};

const softmax = (x: Nd): Nd => {
  const last = x.shape[x.shape.length - 1];
  return make(x.shape, (i) => {
    const row = Array.from({ length: last }, (_, j) => Math.exp(at(x, [...i.slice(0, -1), j])));
    return row[i[i.length - 1]] / row.reduce((a, b) => a + b, 0);
  });
};

/** Attention on [N, L, E], by its definition. */
function attention(s: Values, heads: number, query: Nd, key: Nd, value: Nd): Nd {
  const [n, l, e] = query.shape;
  const d = e / heads;
  const part = (v: Nd, i: number): Nd => ({
    shape: [e, ...v.shape.slice(1)],
    data: v.data.slice((i * v.data.length) / 3, ((i + 1) * v.data.length) / 3),
  });
  const [q, k, v] = [query, key, value].map((x, i) => {
    const w = part(s.inProjWeight, i);
    const b = part(s.inProjBias, i);
    return make(x.shape, ([a, r, o]) => {
      let sum = b.data[o];
      for (let j = 0; j < e; j++) sum += at(x, [a, r, j]) * at(w, [o, j]);
      return sum;
    });
  });
  const joined = make([n, l, e], ([a, r, o]) => {
    const h = Math.floor(o / d);
    const scores = Array.from({ length: key.shape[1] }, (_, t) => {
      let sum = 0;
      for (let j = 0; j < d; j++) sum += at(q, [a, r, h * d + j]) * at(k, [a, t, h * d + j]);
      return Math.exp(sum / Math.sqrt(d));
    });
    const total = scores.reduce((x, y) => x + y, 0);
    return scores.reduce((sum, weight, t) => sum + (weight / total) * at(v, [a, t, o]), 0);
  });
  return make([n, l, e], ([a, r, o]) => {
    let sum = s['outProj.bias'].data[o];
    for (let j = 0; j < e; j++) sum += at(joined, [a, r, j]) * at(s['outProj.weight'], [o, j]);
    return sum;
  });
}
const turned = (x: Nd): Nd => make([x.shape[1], x.shape[0], x.shape[2]], ([a, b, c]) => at(x, [b, a, c]));

const transpose = (w: Nd): Nd => make([w.shape[1], w.shape[0]], ([a, b]) => at(w, [b, a]));
const add = (x: Nd, y: Nd) => binary(x, y, (a, b) => a + b);

const CASES: Record<string, FormulaCase> = {
  Linear: {
    make: () => new nn.Linear(3, 4),
    inputs: [[2, 3]],
    formula: (s, x) => add(matmul(x, transpose(s.weight)), s.bias),
  },
  'Linear of one example among three parties, without a bias': {
    make: () => new nn.Linear(3, 2, { bias: false }),
    inputs: [[3]],
    formula: (s, x) => matmul(x, transpose(s.weight)),
    parties: 3,
    delays: 3,
  },
  Conv1d: {
    make: () => new nn.Conv1d(2, 4, 3, { stride: 2, padding: [2, 1], groups: 2 }),
    inputs: [[2, 2, 5]],
    formula: (s, x) =>
      channel(
        narrow(
          conv2d(wide(x), wide(s.weight), 2, {
            kernel: [1, 3],
            stride: [1, 2],
            dilation: [1, 1],
            pads: [0, 2, 0, 1],
          }),
        ),
        s.bias,
      ),
  },
  'Conv2d of the same size': {
    make: () => new nn.Conv2d(2, 3, [2, 3], { padding: 'same', dilation: [1, 2], bias: false }),
    inputs: [[1, 2, 3, 4]],
    formula: (s, x) =>
      conv2d(x, s.weight, 1, { kernel: [2, 3], stride: [1, 1], dilation: [1, 2], pads: [0, 2, 1, 2] }),
  },
  ConvTranspose1d: {
    make: () => new nn.ConvTranspose1d(2, 3, 4, { stride: 2, padding: 1 }),
    inputs: [[2, 2, 3]],
    formula: (s, x) =>
      channel(narrow(transposed(wide(x), wide(s.weight), { stride: 2, pad: 1, out: 0, groups: 1 })), s.bias),
  },
  ConvTranspose2d: {
    make: () => new nn.ConvTranspose2d(4, 2, 3, { stride: 2, padding: 1, outputPadding: 1, groups: 2 }),
    inputs: [[1, 4, 2, 3]],
    formula: (s, x) => channel(transposed(x, s.weight, { stride: 2, pad: 1, out: 1, groups: 2 }), s.bias),
  },
  'BatchNorm1d in training': {
    make: () => new nn.BatchNorm1d(3),
    inputs: [[5, 3]],
    formula: (s, x) =>
      affine(
        normal(x, ([, c]) => c, 1e-5),
        s,
      ),
    positive: ['runningVar'],
    tolerance: 2 ** -8,
  },
  'BatchNorm1d of sequences': {
    make: () => new nn.BatchNorm1d(2, { eps: 0.1, trackRunningStats: false }),
    inputs: [[1, 2, 6]],
    formula: (s, x) =>
      affine(
        normal(x, ([, c]) => c, 0.1),
        s,
      ),
    training: false,
    tolerance: 2 ** -8,
  },
  'BatchNorm2d in training': {
    make: () => new nn.BatchNorm2d(2),
    inputs: [[2, 2, 2, 3]],
    formula: (s, x) =>
      affine(
        normal(x, ([, c]) => c, 1e-5),
        s,
      ),
    positive: ['runningVar'],
    tolerance: 2 ** -8,
    parties: 3,
  },
  'BatchNorm2d after training': {
    make: () => new nn.BatchNorm2d(2),
    inputs: [[1, 2, 2, 2]],
    formula: running(1e-5),
    positive: ['runningVar'],
    training: false,
  },
  'BatchNorm2d after training, owned': {
    make: () => new nn.BatchNorm2d(2),
    inputs: [[1, 2, 2, 2]],
    formula: running(1e-5),
    positive: ['runningVar'],
    training: false,
    mode: 'owned',
  },
  'BatchNorm1d without factors, owned': {
    make: () => new nn.BatchNorm1d(3, { affine: false }),
    inputs: [[2, 3]],
    formula: (s, x) =>
      make(x.shape, (i) => (at(x, i) - s.runningMean.data[i[1]]) / Math.sqrt(s.runningVar.data[i[1]] + 1e-5)),
    positive: ['runningVar'],
    training: false,
    mode: 'owned',
  },
  LayerNorm: {
    make: () => new nn.LayerNorm([2, 3]),
    inputs: [[2, 2, 3]],
    formula: (s, x) =>
      add(
        binary(
          normal(x, ([n]) => n, 1e-5),
          s.weight,
          (a, b) => a * b,
        ),
        s.bias,
      ),
    tolerance: 2 ** -8,
  },
  'LayerNorm, owned': {
    make: () => new nn.LayerNorm(4, { bias: false }),
    inputs: [[2, 4]],
    formula: (s, x) =>
      binary(
        normal(x, ([n]) => n, 1e-5),
        s.weight,
        (a, b) => a * b,
      ),
    mode: 'owned',
    tolerance: 2 ** -8,
  },
  GroupNorm: {
    make: () => new nn.GroupNorm(2, 4),
    inputs: [[2, 4, 3]],
    formula: (s, x) =>
      affine(
        normal(x, ([n, c]) => 2 * n + Math.floor(c / 2), 1e-5),
        s,
      ),
    tolerance: 2 ** -8,
  },
  'Embedding of indices': {
    make: () => new nn.Embedding(5, 3),
    inputs: [[2, 2]],
    given: [4, 0, 2, 4],
    formula: (s, x) => make([2, 2, 3], ([a, b, c]) => at(s.weight, [at(x, [a, b]), c])),
  },
  'Embedding of one-hot rows': {
    make: () => new nn.Embedding(3, 2, { oneHot: true }),
    inputs: [[2, 3]],
    given: [0, 0, 1, 1, 0, 0],
    formula: (s, x) => matmul(x, s.weight),
  },
  'Embedding of as many indices as there are rows, owned': {
    make: () => new nn.Embedding(3, 2, { oneHot: false }),
    inputs: [[3]],
    given: [2, 2, 1],
    formula: (s, x) => make([3, 2], ([a, c]) => at(s.weight, [at(x, [a]), c])),
    mode: 'owned',
  },
  'MultiheadAttention of a sequence to itself': {
    make: () => new nn.MultiheadAttention(4, 2, { batchFirst: true }),
    inputs: [[2, 3, 4]],
    formula: (s, x) => attention(s, 2, x, x, x),
    range: 1,
    tolerance: 2 ** -8,
  },
  'MultiheadAttention to another sequence, time first': {
    make: () => new nn.MultiheadAttention(4, 2),
    inputs: [
      [2, 1, 4],
      [3, 1, 4],
    ],
    formula: (s, q, k) => turned(attention(s, 2, turned(q), turned(k), turned(k))),
    range: 1,
    tolerance: 2 ** -8,
  },
  'MultiheadAttention, owned, without a batch': {
    make: () => new nn.MultiheadAttention(4, 1),
    inputs: [[3, 4]],
    formula: (s, x) => {
      const batch = { shape: [1, 3, 4], data: x.data };
      return { shape: [3, 4], data: attention(s, 1, batch, batch, batch).data };
    },
    range: 1,
    tolerance: 2 ** -8,
    mode: 'owned',
  },
  ReLU: { make: () => new nn.ReLU(), inputs: [[2, 3]], formula: each((x) => Math.max(x, 0)) },
  ReLU6: {
    make: () => new nn.ReLU6(),
    inputs: [[8]],
    range: 9,
    formula: each((x) => Math.min(Math.max(x, 0), 6)),
  },
  LeakyReLU: {
    make: () => new nn.LeakyReLU({ negativeSlope: 0.2 }),
    inputs: [[5]],
    formula: each((x) => (x > 0 ? x : 0.2 * x)),
  },
  ELU: {
    make: () => new nn.ELU(0.5),
    inputs: [[5]],
    formula: each((x) => (x > 0 ? x : 0.5 * Math.expm1(x))),
  },
  SELU: {
    make: () => new nn.SELU(),
    inputs: [[5]],
    formula: each((x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x))),
  },
  GELU: { make: () => new nn.GELU(), inputs: [[5]], formula: each((x) => x * phi(x)) },
  SiLU: { make: () => new nn.SiLU(), inputs: [[5]], formula: each((x) => x / (1 + Math.exp(-x))) },
  Hardtanh: {
    make: () => new nn.Hardtanh(-0.5, 1),
    inputs: [[6]],
    formula: each((x) => Math.min(Math.max(x, -0.5), 1)),
  },
  Sigmoid: { make: () => new nn.Sigmoid(), inputs: [[5]], formula: each((x) => 1 / (1 + Math.exp(-x))) },
  Tanh: { make: () => new nn.Tanh(), inputs: [[5]], formula: each(Math.tanh) },
  Softplus: {
    make: () => new nn.Softplus(2),
    inputs: [[5]],
    formula: each((x) => Math.log1p(Math.exp(2 * x)) / 2),
  },
  Softmax: { make: () => new nn.Softmax(), inputs: [[2, 3]], formula: (_, x) => softmax(x) },
  LogSoftmax: {
    make: () => new nn.LogSoftmax({ axis: 1 }),
    inputs: [[2, 3]],
    formula: (_, x) => each(Math.log)({}, softmax(x)),
    tolerance: 2 ** -7,
  },
  MaxPool1d: {
    make: () => new nn.MaxPool1d(2),
    inputs: [[1, 2, 5]],
    formula: (_, x) =>
      make([1, 2, 2], ([a, b, i]) => Math.max(at(x, [a, b, 2 * i]), at(x, [a, b, 2 * i + 1]))),
  },
  MaxPool2d: {
    make: () => new nn.MaxPool2d(2, { stride: 1 }),
    inputs: [[1, 1, 3, 3]],
    formula: (_, x) =>
      make([1, 1, 2, 2], ([a, b, i, j]) =>
        Math.max(...[0, 1].flatMap((p) => [0, 1].map((q) => at(x, [a, b, i + p, j + q])))),
      ),
  },
  AvgPool1d: {
    make: () => new nn.AvgPool1d(3, { padding: 1, countIncludePad: true }),
    inputs: [[1, 1, 4]],
    formula: (_, x) =>
      narrow(
        averagePool(wide(x), { kernel: [1, 3], stride: [1, 3], dilation: [1, 1], pads: [0, 1, 0, 1] }, true),
      ),
  },
  AvgPool2d: {
    make: () => new nn.AvgPool2d([2, 3], { padding: [1, 0] }),
    inputs: [[1, 2, 4, 3]],
    formula: (_, x) =>
      averagePool(x, { kernel: [2, 3], stride: [2, 3], dilation: [1, 1], pads: [1, 0, 1, 0] }, false),
  },
  AdaptiveAvgPool2d: {
    make: () => new nn.AdaptiveAvgPool2d([2, 1]),
    inputs: [[1, 1, 3, 2]],
    formula: (_, x) =>
      make(
        [1, 1, 2, 1],
        ([, , i]) => [i, i + 1].reduce((s, r) => s + x.data[2 * r] + x.data[2 * r + 1], 0) / 4,
      ),
  },
  AdaptiveMaxPool2d: {
    make: () => new nn.AdaptiveMaxPool2d(1),
    inputs: [[1, 2, 2, 2]],
    formula: (_, x) => make([1, 2, 1, 1], ([, c]) => Math.max(...x.data.slice(4 * c, 4 * c + 4))),
  },
  ConstantPad1d: {
    make: () => new nn.ConstantPad1d([1, -1], 0.5),
    inputs: [[1, 1, 3]],
    formula: (_, x) => ({ shape: [1, 1, 3], data: Float64Array.of(0.5, x.data[0], x.data[1]) }),
  },
  ConstantPad2d: {
    make: () => new nn.ConstantPad2d([1, 0, 0, 2], 2),
    inputs: [[1, 1, 1, 2]],
    formula: (_, x) => ({
      shape: [1, 1, 2, 4],
      data: Float64Array.of(2, 2, 2, 2, x.data[0], x.data[1], 2, 2),
    }),
  },
  'Flatten of some axes': {
    make: () => new nn.Flatten(1, 2),
    inputs: [[2, 2, 1, 3]],
    formula: (_, x) => ({ shape: [2, 2, 3], data: x.data }),
  },
};

describe('modules against their formulas', () => {
  for (const [name, one] of Object.entries(CASES)) it(name, () => agreesWithFormula(one));
});
