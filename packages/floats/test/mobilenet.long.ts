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

  it('has the gradients of double precision', async () => {
    const one = examples(1, [3, 224, 224], 1000);
    const wanted = inDouble(graph, one);
    const { loss, gradients } = await lossGradients(graph, one.images, one.labels, { threads: 0 });
    expect(loss).closeTo(wanted.loss, 1e-3);
    for (const [name, { data }] of wanted.gradients) {
      const size = data.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-9);
      gradients.get(name)?.forEach((v, i) => {
        if (Math.abs(v - data[i]) > 1e-2 * size)
          throw new Error(`${name}, element ${i}: ${v} is not ${data[i]}`);
      });
    }
  });
});
