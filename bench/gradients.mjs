// Gradients of plain networks in single precision: a pass over MobileNetV2 of ImageNet size, kernels beside a memory copy
// of the same run, and a small network beside the same in double precision.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createFloats, lossGradients } from '@tacit/floats';
import { apply, crossEntropy, evaluateWithGradients, plainBackend, specialize } from '@tacit/graph';
import { buildGraph, parseOnnx } from '@tacit/onnx';
import { mobileNetV2, seededNumbers } from '@tacit/testing/mobilenet';
import { median, quick, time, wanted } from './lib/measure.mjs';

export const rows = [];

const pass = fileURLToPath(new URL('./lib/gradient-pass.mjs', import.meta.url));
for (const [images, threads] of quick()
  ? [[8, 2]]
  : [
      [64, 2],
      [64, 1],
    ]) {
  const name = `gradient pass of MobileNetV2, ${images} images, threads ${threads}`;
  if (!wanted(name)) continue;
  const { stdout } = await promisify(execFile)(process.execPath, [pass, images, threads]);
  const found = JSON.parse(stdout);
  rows.push({
    what: name,
    s: found.seconds,
    'cpu s': found.cpuSeconds,
    'peak MB': found.peakMB,
    'GFLOP/s': found.gflop / found.seconds,
    'GFLOP/cpu s': found.gflop / found.cpuSeconds,
  });
}

const next = seededNumbers(3);
const { backend, tensor } = await createFloats();
const random = (shape) =>
  tensor(shape, Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, next));
/** Median milliseconds, when the engine has compiled the kernel for good. */
const timed = (op, inputs, attributes = {}) => {
  const run = () => {
    for (const y of apply(backend, op, inputs, attributes)) backend.dispose(y);
  };
  for (const end = performance.now() + 1000; performance.now() < end; ) run();
  return time(run);
};

if (wanted('kernel')) {
  const n = 2 ** 22;
  const [a, b, to] = [random([n]), random([n]), new Float32Array(n)];
  const copy = time(() => to.set(a.data));
  // Bytes that a kernel reads and writes, in the time that a copy reads and writes as many.
  const row = (what, ms, bytes) =>
    rows.push({ what: `kernel: ${what}`, ms, 'of a copy': (copy * bytes) / (8 * n) / ms });
  rows.push({ what: 'kernel: copy of 4 Mi numbers', ms: copy, 'of a copy': 1 });
  row('sum of 4 Mi numbers', timed('Add', [a, b]), 12 * n);
  row('clip of 4 Mi numbers', timed('Clip', [a], { min: 0, max: 6 }), 8 * n);
  for (const x of [a, b]) backend.dispose(x);
  const [x, y] = [random([512, 512]), random([512, 512])];
  const ms = timed('MatMul', [x, y]);
  rows.push({ what: 'kernel: matrix product 512 x 512 x 512', ms, 'GFLOP/s': (2 * 512 ** 3) / ms / 1e6 });
  const window = { kernel: [3, 3], strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1] };
  for (const group of [1, 64]) {
    const image = random([1, 64, 56, 56]);
    const took = timed('Conv', [image, random([64, 64 / group, 3, 3])], { ...window, group });
    const gflop = (2 * 64 * (64 / group) * 9 * 56 * 56) / 1e9;
    rows.push({
      what: `kernel: convolution 3 x 3 of 64 x 56 x 56, ${group} groups`,
      ms: took,
      'GFLOP/s': (gflop / took) * 1e3,
    });
  }
}

if (wanted('small network beside double precision')) {
  const shape = [4, 3, 64, 64];
  const graph = buildGraph(parseOnnx(mobileNetV2({ width: 0.25, image: 64, classes: 10 })), {
    trainable: true,
  });
  const data = Float32Array.from({ length: 4 * 3 * 64 * 64 }, next);
  const labels = [0, 3, 6, 9];
  const network = specialize(graph, { image: shape });
  const inDouble = () =>
    evaluateWithGradients(
      network,
      plainBackend,
      { image: { shape, data: Float64Array.from(data) } },
      network.parameters,
      {
        wanted: new Set(graph.parameters.keys()),
        cotangents: ({ logits }) => ({ logits: crossEntropy(logits, labels).cotangent }),
      },
    );
  const [double, single] = [[], []];
  for (let i = 0; i < (quick() ? 2 : 4); i++) {
    let started = performance.now();
    await lossGradients(graph, { shape, data }, labels, { threads: 0 });
    single.push(performance.now() - started);
    started = performance.now();
    inDouble();
    double.push(performance.now() - started);
  }
  rows.push({ what: 'small network, gradients in double precision', ms: median(double), ratio: 1 });
  rows.push({
    what: 'small network, gradients in single precision, one thread',
    ms: median(single),
    ratio: median(double) / median(single),
  });
}
