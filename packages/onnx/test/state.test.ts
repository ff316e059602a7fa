/** Operators of operator sets that onnxruntime does not have yet, against what their definitions say in loops. */
import { expect } from 'chai';
import { buildGraph, evaluatePlain, parseOnnx, specialize } from '../src/index.js';
import { numbers, size } from './helpers/compare.js';
import { maxDifference } from './helpers/max-difference.js';
import { type AttributeValue, encodeModel, type TensorSpec } from './helpers/onnx-encoder.js';
import { s } from './helpers/open-cases.js';
import { i, ints } from './helpers/operator-cases.js';

type Results = Record<string, { shape: readonly number[]; data: ArrayLike<number> }>;

function run(
  op: string,
  inputs: Record<string, number[]>,
  attributes: Record<string, AttributeValue>,
  constants: Record<string, TensorSpec> = {},
  names = [...Object.keys(inputs), ...Object.keys(constants)],
): { values: Record<string, Float64Array>; results: Results } {
  const file = encodeModel({
    opset: 28,
    inputs: Object.entries(inputs).map(([name, shape]) => ({ name, shape })),
    outputs: [{ name: 'y' }, ...(op.includes('Attention') || op.includes('State') ? [{ name: 'z' }] : [])],
    nodes: [{ op, inputs: names, outputs: ['y', 'z'], attributes }],
    initializers: constants,
  });
  const values = Object.fromEntries(
    Object.entries(inputs).map(([name, shape], n) => [name, numbers(size(shape), n + 1)]),
  );
  const given = Object.fromEntries(
    Object.entries(inputs).map(([name, shape]) => [name, { shape, data: values[name] as Float64Array }]),
  );
  return { values, results: evaluatePlain(specialize(buildGraph(parseOnnx(file)), inputs), given) };
}

const close = (made: Results[string] | undefined, right: ArrayLike<number>) =>
  expect(maxDifference(made?.data ?? [], right)).lessThan(1e-9);
const get = (values: Record<string, Float64Array>, name: string) => values[name] ?? new Float64Array();

describe('onnx: operators since set 26', () => {
  for (const exclusive of [0, 1])
    for (const reverse of [0, 1])
      it(`CumProd, exclusive ${exclusive}, reverse ${reverse}`, () => {
        const axis: TensorSpec = { type: 7, shape: [], data: [1] };
        const { values, results } = run(
          'CumProd',
          { x: [2, 5, 2] },
          { exclusive: i(exclusive), reverse: i(reverse) },
          { axis },
        );
        const x = get(values, 'x');
        const right = x.map((_, n) => {
          const [b, at, c] = [Math.floor(n / 10), Math.floor(n / 2) % 5, n % 2];
          let product = 1;
          for (let j = 0; j < 5; j++) {
            const before = reverse ? j > at : j < at;
            if (before || (j === at && !exclusive)) product *= x[b * 10 + j * 2 + c] ?? 0;
          }
          return product;
        });
        close(results.y, right);
      });

  for (const [mode, starts] of [
    ['linear', [1, 2]],
    ['linear', [0, 0]],
    ['circular', [3, 1]],
  ] as const)
    it(`TensorScatter, ${mode} from ${starts}`, () => {
      const { values, results } = run(
        'TensorScatter',
        { past: [2, 4, 3], update: [2, 2, 3] },
        { mode: s(mode) },
        { n: ints(...starts) },
      );
      const right = Array.from(get(values, 'past'));
      for (let b = 0; b < 2; b++)
        for (let t = 0; t < 2; t++)
          for (let c = 0; c < 3; c++)
            right[(b * 4 + (((starts[b] ?? 0) + t) % 4)) * 3 + c] =
              get(values, 'update')[(b * 2 + t) * 3 + c] ?? 0;
      close(results.y, right);
    });

  for (const past of [false, true])
    it(`CausalConvWithState ${past ? 'with' : 'without'} a past`, () => {
      const inputs = { x: [1, 2, 4], w: [2, 1, 3], b: [2], ...(past && { p: [1, 2, 2] }) };
      const { values, results } = run('CausalConvWithState', inputs, { activation: s('silu') });
      const whole = [0, 1].map((c) => [
        ...(past ? get(values, 'p').subarray(c * 2, c * 2 + 2) : [0, 0]),
        ...get(values, 'x').subarray(c * 4, c * 4 + 4),
      ]);
      const right = whole.flatMap((row, c) =>
        Array.from({ length: 4 }, (_, t) => {
          let sum = get(values, 'b')[c] ?? 0;
          for (let k = 0; k < 3; k++) sum += (row[t + k] ?? 0) * (get(values, 'w')[c * 3 + k] ?? 0);
          return sum / (1 + Math.exp(-sum));
        }),
      );
      close(results.y, right);
      close(
        results.z,
        whole.flatMap((row) => row.slice(-2)),
      );
    });

  for (const rule of ['linear', 'gated', 'delta', 'gated_delta'])
    for (const past of [false, true])
      it(`LinearAttention, ${rule}, ${past ? 'with' : 'without'} a past`, () => {
        const [tokens, heads, group, width, out] = [3, 2, 2, 2, 3] as const;
        const shapes: Record<string, number[]> = {
          q: [1, tokens, heads * group * width],
          k: [1, tokens, heads * width],
          v: [1, tokens, heads * out],
          ...(past && { p: [1, heads, width, out] }),
          ...(rule.startsWith('gated') && { g: [1, tokens, heads * width] }),
          ...(rule.endsWith('delta') && { b: [1, tokens, heads] }),
        };
        const names = ['q', 'k', 'v', 'p', 'g', 'b'].map((name) => (shapes[name] ? name : ''));
        const attributes = {
          update_rule: s(rule),
          q_num_heads: i(heads * group),
          kv_num_heads: i(heads),
          scale: { f: 0.5 },
        };
        const { values, results } = run('LinearAttention', shapes, attributes, {}, names);
        const of = (name: string, n: number) => get(values, name)[n] ?? 0;
        const y = new Float64Array(tokens * heads * group * out);
        const states: number[] = [];
        for (let h = 0; h < heads; h++) {
          let state = Array.from({ length: width }, (_, a) =>
            Array.from({ length: out }, (__, c) => (past ? of('p', (h * width + a) * out + c) : 0)),
          );
          for (let t = 0; t < tokens; t++) {
            const key = (a: number) => of('k', (t * heads + h) * width + a);
            if (rule.startsWith('gated'))
              state = state.map((row, a) =>
                row.map((v) => v * Math.exp(of('g', (t * heads + h) * width + a))),
              );
            const read = Array.from({ length: out }, (_, c) =>
              state.reduce((sum, row, a) => sum + key(a) * (row[c] ?? 0), 0),
            );
            state = state.map((row, a) =>
              row.map((v, c) => {
                const value = of('v', (t * heads + h) * out + c);
                const change = rule.endsWith('delta')
                  ? of('b', t * heads + h) * (value - (read[c] ?? 0))
                  : value;
                return v + key(a) * change;
              }),
            );
            for (let g = 0; g < group; g++)
              for (let c = 0; c < out; c++)
                y[((t * heads + h) * group + g) * out + c] = state.reduce(
                  (sum, row, a) =>
                    sum + 0.5 * of('q', ((t * heads + h) * group + g) * width + a) * (row[c] ?? 0),
                  0,
                );
          }
          states.push(...state.flat());
        }
        close(results.y, y);
        close(results.z, states);
      });

  it('SwiGLU', () => {
    const { values, results } = run('SwiGLU', { a: [2, 3], b: [2, 3] }, { alpha: { f: 0.5 } });
    close(
      results.y,
      get(values, 'a').map((v, n) => (v / (1 + Math.exp(-v / 2))) * (get(values, 'b')[n] ?? 0)),
    );
  });

  it('SpaceToDepth of CRD is the inverse of DepthToSpace', () => {
    const file = encodeModel({
      opset: 28,
      inputs: [{ name: 'x', shape: [1, 2, 4, 6] }],
      outputs: [{ name: 'y' }],
      nodes: ['SpaceToDepth', 'DepthToSpace'].map((op, n) => ({
        op,
        inputs: [n === 0 ? 'x' : 'h'],
        outputs: [n === 0 ? 'h' : 'y'],
        attributes: { blocksize: i(2), mode: s('CRD') },
      })),
    });
    const data = numbers(48);
    const { y } = evaluatePlain(specialize(buildGraph(parseOnnx(file))), {
      x: { shape: [1, 2, 4, 6], data },
    });
    close(y, data);
  });
});
