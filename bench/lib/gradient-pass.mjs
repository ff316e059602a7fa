// One gradient pass of MobileNetV2 (width 1, 1,000 classes, 224 x 224) in a process of its own, whose peak memory is that
// of the pass: node bench/lib/gradient-pass.mjs IMAGES THREADS. Prints a line of JSON.
import { openLossGradients } from '@tacit/floats';
import { buildGraph, parseOnnx } from '@tacit/onnx';
import { mobileNetV2, seededNumbers } from '@tacit/testing/mobilenet';
import { multiplications } from './multiplications.mjs';

const [images, threads] = process.argv.slice(2).map(Number);
const shape = [3, 224, 224];
const graph = buildGraph(parseOnnx(mobileNetV2()), { trainable: true });
const next = seededNumbers(5);
const data = Float32Array.from({ length: images * 3 * 224 * 224 }, next);
const labels = Array.from({ length: images }, (_, i) => (i * 37) % 1000);

const network = await openLossGradients(graph, shape, { threads });
const started = performance.now();
const cpu = process.cpuUsage();
const { loss, gradients } = await network.pass({ shape: [images, ...shape], data }, labels);
const { user, system } = process.cpuUsage(cpu);
const seconds = (performance.now() - started) / 1000;
await network.close();
console.log(
  JSON.stringify({
    seconds,
    cpuSeconds: (user + system) / 1e6,
    peakMB: process.resourceUsage().maxRSS / 1024,
    // Forward, back to the operands, back to the weights: a multiplication and an addition each.
    gflop: (images * 6 * multiplications(graph, [1, ...shape])) / 1e9,
    parameters: [...gradients.values()].reduce((sum, { length }) => sum + length, 0),
    loss,
  }),
);
