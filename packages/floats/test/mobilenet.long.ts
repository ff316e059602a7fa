/** The gradients of a network of ImageNet size, and the memory that they take. */
import { buildGraph, parseOnnx } from '@tacit/onnx';
import { mobileNetV2 } from '@tacit/testing/mobilenet';
import { expect } from 'chai';
import { lossGradients } from '../src/index.js';
import { examples, inDouble } from './helpers/networks.js';

describe('MobileNetV2 of ImageNet size', () => {
  const graph = buildGraph(parseOnnx(mobileNetV2()), { trainable: true });

  it('has gradients for every initializer from 64 images in less than 2 GB', async () => {
    const { images, labels } = examples(64, [3, 224, 224], 1000);
    const { loss, gradients } = await lossGradients(graph, images, labels, { threads: 2 });
    const peak = process.resourceUsage().maxRSS * 1024;
    expect([...gradients.values()].reduce((sum, { length }) => sum + length, 0)).equal(3_538_984);
    expect(loss).within(Math.log(1000) - 2, Math.log(1000) + 5);
    for (const [name, values] of gradients) expect(values.every(Number.isFinite), name).equal(true);
    expect(peak).below(2e9);
  });

  // Somewhere in millions of values a clip changes sides, and gradients jump: in double precision, too, where the image
  // changes by a millionth. Single precision may not do more than that.
  it('has the gradients of double precision, as far as the image determines them', async () => {
    const one = examples(1, [3, 224, 224], 1000);
    const { shape, data } = one.images;
    const moved = Float64Array.from(data, (v, i) => v * (1 + 1e-6 * Math.sin(7.1 * i)));
    const [wanted, other] = [
      inDouble(graph, one),
      inDouble(graph, { ...one, images: { shape, data: moved } }),
    ];
    const { loss, gradients } = await lossGradients(graph, one.images, one.labels, { threads: 0 });
    expect(loss).closeTo(wanted.loss, 1e-3);
    for (const [name, value] of wanted.gradients) {
      const jump = distance(other.gradients.get(name)?.data ?? [], value.data);
      expect(distance(gradients.get(name) ?? [], value.data), name).most(4 * jump + 1e-4);
    }
  });
});

/** Of two lists of numbers, relative to the length of the second. */
function distance(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < y.length; i++) {
    difference += (x[i] - y[i]) ** 2;
    size += y[i] ** 2;
  }
  return size === 0 ? 0 : Math.sqrt(difference / size);
}
