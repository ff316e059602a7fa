/**
 * npx tsx --conditions=@tacit/source bench/transformers.mts [distilbert|gpt2] [--keep FILE.onnx] [--repeat K]: a transformer of random
 * weights, 64 private tokens, in private (two parties and a dealer as threads) and in ONNX Runtime. Nothing is downloaded.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-web';
import { encodeNpy, parseNpy } from '../packages/files/src/index.js';
import { encodeModel, type NodeSpec, type TensorSpec } from '../packages/onnx/test/helpers/onnx-encoder.js';

interface Shape {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly vocabulary: number;
  readonly causal: boolean;
  readonly classes: number;
}
const MODELS: Record<string, Shape> = {
  tiny: { layers: 2, width: 32, heads: 4, vocabulary: 100, causal: true, classes: 100 },
  distilbert: { layers: 6, width: 768, heads: 12, vocabulary: 30_522, causal: false, classes: 2 },
  gpt2: { layers: 12, width: 768, heads: 12, vocabulary: 50_257, causal: true, classes: 50_257 },
};
const TOKENS = 64;
const INT64 = 7;

/** Numbers with about the deviation given, the same at every run. */
function weights(count: number, deviation: number, state: { seed: number }): Float32Array {
  let seed = state.seed;
  const next = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  // The sum of four uniform numbers has a variance of 1/3.
  const values = Float32Array.from(
    { length: count },
    () => (next() + next() + next() + next() - 2) * Math.sqrt(3) * deviation,
  );
  state.seed = seed;
  return values;
}

/** The model as exporters write it: LayerNormalization and Gelu written out as of operator set 17. */
function transformer({ layers, width, heads, vocabulary, causal, classes }: Shape): Uint8Array {
  const nodes: NodeSpec[] = [];
  const initializers: Record<string, TensorSpec> = {};
  const state = { seed: 7 };
  const constant = (name: string, shape: number[], deviation: number, mean = 0) => {
    const data = weights(
      shape.reduce((a, b) => a * b, 1),
      deviation,
      state,
    );
    if (mean !== 0) for (let i = 0; i < data.length; i++) data[i] += mean;
    initializers[name] = { shape, data: [], raw: new Uint8Array(data.buffer) };
    return name;
  };
  const given = (name: string, shape: number[], data: number[], type = 1) => {
    initializers[name] = { shape, data, type };
    return name;
  };
  let count = 0;
  const node = (
    op: string,
    inputs: string[],
    attributes?: NodeSpec['attributes'],
    output = `v${count++}`,
  ) => {
    nodes.push({ op, inputs, outputs: [output], attributes });
    return output;
  };
  const half = given('half', [], [0.5]);
  const one = given('one', [], [1]);
  const root = given('root', [], [Math.SQRT2]);
  const scale = given('scale', [], [Math.sqrt(width / heads)]);
  const split = given('split', [4], [1, TOKENS, heads, width / heads], INT64);
  const join_ = given('join', [3], [1, TOKENS, width], INT64);
  const linear = (x: string, name: string, from: number, to: number) =>
    node('Add', [
      node('MatMul', [x, constant(`${name}.w`, [from, to], 1 / Math.sqrt(from))]),
      constant(`${name}.b`, [to], 0.02),
    ]);
  const norm = (x: string, name: string) =>
    node('LayerNormalization', [
      x,
      constant(`${name}.g`, [width], 0.02, 1),
      constant(`${name}.b`, [width], 0.02),
    ]);
  const gelu = (x: string) =>
    node('Mul', [node('Mul', [x, node('Add', [node('Erf', [node('Div', [x, root])]), one])]), half]);
  const mask = given(
    'mask',
    [1, 1, TOKENS, TOKENS],
    Array.from({ length: TOKENS * TOKENS }, (_, i) =>
      causal && i % TOKENS > Math.floor(i / TOKENS) ? -3.4e38 : 0,
    ),
  );
  const attention = (x: string, name: string) => {
    const head = (part: string, perm: number[]) =>
      node('Transpose', [node('Reshape', [linear(x, `${name}.${part}`, width, width), split])], {
        perm: { ints: perm },
      });
    const scores = node('Div', [node('MatMul', [head('q', [0, 2, 1, 3]), head('k', [0, 2, 3, 1])]), scale]);
    const share = node('Softmax', [node('Add', [scores, mask])], { axis: { i: -1 } });
    const mixed = node('MatMul', [share, head('v', [0, 2, 1, 3])]);
    const flat = node('Reshape', [node('Transpose', [mixed], { perm: { ints: [0, 2, 1, 3] } }), join_]);
    return linear(flat, `${name}.o`, width, width);
  };
  const feed = (x: string, name: string) =>
    linear(gelu(linear(x, `${name}.1`, width, 4 * width)), `${name}.2`, 4 * width, width);
  const table = constant('words', [vocabulary, width], 1);
  let x = node('Add', [node('Gather', [table, 'ids']), constant('places', [1, TOKENS, width], 0.3)]);
  if (!causal) x = norm(x, 'first');
  for (let i = 0; i < layers; i++)
    if (causal) {
      x = node('Add', [x, attention(norm(x, `${i}.n1`), `${i}.a`)]);
      x = node('Add', [x, feed(norm(x, `${i}.n2`), `${i}.f`)]);
    } else {
      x = norm(node('Add', [x, attention(x, `${i}.a`)]), `${i}.n1`);
      x = norm(node('Add', [x, feed(x, `${i}.f`)]), `${i}.n2`);
    }
  if (causal) x = norm(x, 'last');
  const place = node('Gather', [x, given('place', [], [causal ? TOKENS - 1 : 0], INT64)], { axis: { i: 1 } });
  node('MatMul', [place, constant('head', [width, classes], 1 / Math.sqrt(width))], undefined, 'logits');
  return encodeModel({
    opset: 17,
    inputs: [{ name: 'ids', type: INT64, shape: [1, TOKENS] }],
    outputs: [{ name: 'logits', shape: [1, classes] }],
    nodes,
    initializers,
  });
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { keep: { type: 'string' }, repeat: { type: 'string', default: '1' } },
});
const name = positionals[0] ?? 'distilbert';
const shape = MODELS[name];
if (!shape) throw new Error(`there is no model ${name}; there are ${Object.keys(MODELS).join(', ')}`);
const folder = mkdtempSync(join(tmpdir(), 'tacit-transformer-'));
try {
  const file = values.keep ?? join(folder, 'model.onnx');
  const ids = BigInt64Array.from({ length: TOKENS }, (_, i) => BigInt((i * 7919 + 13) % shape.vocabulary));
  let bytes: Uint8Array | undefined = transformer(shape);
  writeFileSync(file, bytes);
  console.log(`${name}: ${(bytes.length / 2 ** 20).toFixed(0)} MiB of weights`);
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 });
  bytes = undefined;
  const began = performance.now();
  const { logits } = await session.run({ ids: new ort.Tensor('int64', ids, [1, TOKENS]) });
  console.log(`onnxruntime, one thread of WebAssembly: ${((performance.now() - began) / 1000).toFixed(1)} s`);
  await session.release();
  const input = join(folder, 'ids.npy');
  const output = join(folder, 'logits.npy');
  writeFileSync(input, encodeNpy([1, TOKENS], ids));
  const report = join(folder, 'report.json');
  const cli = new URL('../packages/tacit/bin/tacit.mjs', import.meta.url).pathname;
  const run = spawnSync(
    process.execPath,
    [
      cli,
      'predict',
      file,
      input,
      '--out',
      output,
      '--report',
      report,
      '--repeat',
      values.repeat,
      '--timeout',
      '600',
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  if (run.status !== 0) process.exit(run.status ?? 1);
  const own = parseNpy(new Uint8Array(readFileSync(output))).data;
  const wanted = logits.data as Float32Array;
  let worst = 0;
  for (let i = 0; i < wanted.length; i++) worst = Math.max(worst, Math.abs(Number(own[i]) - wanted[i]));
  const { peakRssMB } = JSON.parse(readFileSync(report, 'utf8'));
  console.log(`memory   ${peakRssMB} MB at most`);
  console.log(`largest error of ${wanted.length} logits: ${worst.toFixed(4)}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
