/** Attention and RotaryEmbedding, which onnxruntime does not have everywhere yet, against their formulas. */
import { expect } from 'chai';
import { buildGraph, evaluatePlain, type PlainTensor, parseOnnx, specialize } from '../src/index.js';
import { numbers, size } from './helpers/compare.js';
import { type AttributeValue, encodeModel, type TensorSpec } from './helpers/onnx-encoder.js';
import { i, ints } from './helpers/operator-cases.js';

interface Call {
  readonly op: string;
  readonly inputs: Record<string, number[]>;
  readonly constants?: Record<string, TensorSpec>;
  /** In the order of the operator's; '' leaves one out. */
  readonly names: string[];
  readonly outputs?: string[];
  readonly attributes?: Record<string, AttributeValue>;
  readonly opset?: number;
}

function run({ op, inputs, constants, names, outputs = ['y'], attributes, opset = 24 }: Call) {
  const graph = buildGraph(
    parseOnnx(
      encodeModel({
        opset,
        inputs: Object.entries(inputs).map(([name, shape]) => ({ name, shape })),
        outputs: outputs.filter((name) => name !== '').map((name) => ({ name })),
        nodes: [{ op, inputs: names, outputs, attributes }],
        initializers: constants,
      }),
    ),
  );
  const values = Object.fromEntries(
    Object.entries(inputs).map(([name, shape], n) => [name, { shape, data: numbers(size(shape), n + 1) }]),
  );
  return { values, results: evaluatePlain(specialize(graph, inputs), values) };
}

/** Attention of [heads][rows][width], row by row. */
function attention(
  q: PlainTensor,
  k: PlainTensor,
  v: PlainTensor,
  shown: (i: number, j: number) => boolean,
  cap = 0,
) {
  const [b, h, l, d] = q.shape as [number, number, number, number];
  const [, kh, s] = k.shape as [number, number, number, number];
  const w = v.shape[3] as number;
  const data: number[] = [];
  for (let n = 0; n < b * h; n++) {
    const own = Math.floor(n / h) * kh + Math.floor((n % h) / (h / kh));
    for (let row = 0; row < l; row++) {
      const scores = Array.from({ length: s }, (_, j) => {
        let sum = 0;
        for (let x = 0; x < d; x++)
          sum += (q.data[(n * l + row) * d + x] ?? 0) * (k.data[(own * s + j) * d + x] ?? 0);
        const score = sum / Math.sqrt(d);
        const capped = cap > 0 ? cap * Math.tanh(score / cap) : score;
        return shown(row, j) ? Math.exp(capped) : 0;
      });
      const total = scores.reduce((a, c) => a + c, 0);
      for (let x = 0; x < w; x++) {
        const sum = scores.reduce((a, c, j) => a + c * (v.data[(own * s + j) * w + x] ?? 0), 0);
        data.push(total === 0 ? 0 : sum / total);
      }
    }
  }
  return data;
}

function known(value: PlainTensor | undefined): PlainTensor {
  if (value === undefined) throw new Error('a value is missing');
  return value;
}

const close = (made: PlainTensor | undefined, expected: readonly number[]) => {
  expect(made?.data.length).equal(expected.length);
  expected.forEach((value, n) => {
    expect(made?.data[n]).closeTo(value, 1e-5);
  });
};
const qkv = (queryHeads: number, keyHeads: number) => ({
  q: [2, queryHeads, 3, 4],
  k: [2, keyHeads, 5, 4],
  v: [2, keyHeads, 5, 2],
});

describe('onnx: Attention', () => {
  it('of heads that share keys, causal, with a limit of scores', () => {
    const attributes = { is_causal: i(1), softcap: { f: 1.5 } };
    const { values, results } = run({
      op: 'Attention',
      inputs: qkv(4, 2),
      names: ['q', 'k', 'v'],
      attributes,
    });
    const [q, k, v] = [known(values.q), known(values.k), known(values.v)];
    close(
      results.y,
      attention(q, k, v, (row, j) => j <= row, 1.5),
    );
  });

  it('by a mask of truth values, also with rows that are hidden altogether and columns that it lacks', () => {
    const mask: TensorSpec = { type: 9, shape: [3, 4], data: [1, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0] };
    const call = { op: 'Attention', inputs: qkv(2, 2), names: ['q', 'k', 'v', 'm'], constants: { m: mask } };
    const { values, results } = run(call);
    const [q, k, v] = [known(values.q), known(values.k), known(values.v)];
    close(
      results.y,
      attention(q, k, v, (row, j) => j < 4 && mask.data[row * 4 + j] === 1),
    );
  });

  it('with keys of the past, and what it was computed from', () => {
    const inputs = { ...qkv(1, 1), pk: [2, 1, 2, 4], pv: [2, 1, 2, 2] };
    const names = ['q', 'k', 'v', '', 'pk', 'pv'];
    const outputs = ['y', 'keys', 'values', 'scores'];
    const attributes = { is_causal: i(1), qk_matmul_output_mode: i(3) };
    const { values, results } = run({ op: 'Attention', inputs, names, outputs, attributes });
    const { keys, values: all, scores } = results;
    expect(keys?.shape).deep.equal([2, 1, 7, 4]);
    expect(scores?.shape).deep.equal([2, 1, 3, 7]);
    const shown = (row: number, j: number) => j <= row + 2;
    close(results.y, attention(known(values.q), known(keys), known(all), shown));
  });

  it('of three axes is that of four, and of padded keys that of the others', () => {
    const inputs = { q: [1, 3, 8], k: [1, 5, 8], v: [1, 5, 4] };
    const attributes = { q_num_heads: i(2), kv_num_heads: i(2) };
    const names = ['q', 'k', 'v', '', '', '', 'n'];
    const { values, results } = run({
      op: 'Attention',
      inputs,
      names,
      attributes,
      constants: { n: ints(3) },
    });
    const heads = (x: PlainTensor | undefined, width: number): PlainTensor => {
      const rows = (x?.shape[1] ?? 0) as number;
      const data = Float64Array.from({ length: 2 * rows * width }, (_, n) => {
        const [h, row, at] = [Math.floor(n / (rows * width)), Math.floor(n / width) % rows, n % width];
        return x?.data[(row * 2 + h) * width + at] ?? 0;
      });
      return { shape: [1, 2, rows, width], data };
    };
    const [q, k, v] = [heads(values.q, 4), heads(values.k, 4), heads(values.v, 2)];
    close(
      heads(results.y, 2),
      attention(q, k, v, (_, j) => j < 3),
    );
  });
});

describe('onnx: RotaryEmbedding', () => {
  for (const interleaved of [0, 1])
    it(interleaved ? 'turns neighbours' : 'turns halves', () => {
      const [dim, width, length] = [4, 6, 3];
      const positions = [2, 0, 4];
      const cos = { shape: [5, 2], data: Array.from({ length: 10 }, (_, n) => Math.cos(n)) };
      const sin = { shape: [5, 2], data: Array.from({ length: 10 }, (_, n) => Math.sin(n)) };
      const { values, results } = run({
        op: 'RotaryEmbedding',
        inputs: { x: [1, 2, length, width] },
        names: ['x', 'cos', 'sin', 'p'],
        constants: { cos, sin, p: { type: 7, shape: [1, 3], data: positions.map(BigInt) } },
        attributes: { interleaved: i(interleaved), rotary_embedding_dim: i(dim) },
      });
      const x = values.x?.data ?? new Float64Array();
      const expected = Array.from(x, (value, n) => {
        const [at, row] = [n % width, Math.floor(n / width) % length];
        if (at >= dim) return value;
        const pair = interleaved ? at >> 1 : at % 2;
        const first = interleaved ? at % 2 === 0 : at < 2;
        const other = x[n + (first ? 1 : -1) * (interleaved ? 1 : 2)] ?? 0;
        const place = (positions[row] ?? 0) * 2 + pair;
        return value * (cos.data[place] ?? 0) + (first ? -1 : 1) * other * (sin.data[place] ?? 0);
      });
      close(results.y, expected);
    });
});
