import { expect } from 'chai';
import {
  EncodedAvgPool2d,
  EncodedBatchNorm,
  EncodedConv1d,
  EncodedConv2d,
  type EncodedLayer,
  EncodedLinear,
  encryptTensor,
  exportTensor,
  Flatten,
  importTensor,
  Pad,
  Polynomial,
  Square,
} from '../../src/layers/index.js';
import { largestDifference, numbers, type Pair, smallBfv, smallCkks, throughLayer } from './helpers.js';

const weights = (shape: number[], seed = 7) => ({
  shape,
  data: numbers(
    shape.reduce((a, b) => a * b, 1),
    seed,
  ),
});

/** Layers with inputs that they take. */
const LAYERS: readonly (readonly [string, () => EncodedLayer, readonly number[]])[] = [
  [
    'a 2-d convolution with padding',
    () => new EncodedConv2d({ weight: weights([2, 1, 2, 2]), bias: [0.25, -0.5], padding: 1, stride: 2 }),
    [1, 1, 3, 3],
  ],
  [
    'a convolution with groups and dilation',
    () => new EncodedConv2d({ weight: weights([2, 1, 2, 1]), groups: 2, dilation: [2, 1] }),
    [1, 2, 3, 2],
  ],
  ['a 1-d convolution', () => new EncodedConv1d({ weight: weights([2, 2, 2]), stride: 2 }), [1, 2, 4]],
  ['a linear layer', () => new EncodedLinear({ weight: weights([3, 4]), bias: [1, 2, 3] }), [1, 4]],
  ['an average pool', () => new EncodedAvgPool2d({ kernel: 2 }), [1, 1, 2, 4]],
  [
    'an average pool whose windows differ',
    () => new EncodedAvgPool2d({ kernel: 2, padding: 1, countIncludePad: false }),
    [1, 1, 3, 3],
  ],
  ['a square', () => new Square(), [1, 3]],
  ['a polynomial of degree 2', () => new Polynomial({ coefficients: [0.5, 0.25, -0.75] }), [1, 3]],
  ['batch normalisation', () => new EncodedBatchNorm({ scale: [0.5, -2], shift: [1, 0] }), [1, 2, 2]],
  ['flattening', () => new Flatten(), [1, 2, 1, 2]],
  ['padding', () => new Pad({ pads: [0, 0, 1, 0, 0, 1], value: 0.5 }), [1, 1, 2]],
  [
    'weights of zero',
    () => new EncodedLinear({ weight: { shape: [2, 3], data: [0, 0, 0, 0.5, 0, -1] }, bias: [3, 0] }),
    [1, 3],
  ],
];

function suite<C extends object>(
  name: string,
  open: () => Promise<Pair<C>>,
  tolerance: number,
  images: number,
) {
  describe(`encoded layers in ${name}`, () => {
    let pair: Pair<C>;
    before(async () => {
      pair = await open();
    });
    after(() => pair.dispose());

    for (const [what, make, shape] of LAYERS)
      it(`computes ${what} as its plain twin does`, () => {
        const layer = make();
        const size = shape.reduce((a, b) => a * b, 1);
        const inputs = Array.from({ length: images }, (_, i) => numbers(size, 11 + i));
        const { values, shape: output } = throughLayer(pair, layer, inputs, shape);
        expect(output).to.deep.equal(layer.outputShape(shape));
        inputs.forEach((input, i) => {
          expect(largestDifference(values[i], layer.plain(input, shape))).to.be.below(tolerance);
        });
      });

    it('computes on public elements in the clear', () => {
      const layer = new EncodedConv2d({ weight: weights([1, 1, 2, 2]), bias: [0.5] });
      const { arithmetic, holder } = pair;
      const input = importTensor(
        arithmetic,
        encryptTensor(holder, [numbers(1)], [1, 1, 1, 1], { low: -1, high: 1 }),
      );
      const padded = new Pad({ pads: [0, 0, 2, 0, 0, 0, 1, 1] }).forward(input);
      const output = layer.forward(padded);
      const kinds = exportTensor(output).elements.map((element) => typeof element);
      // Windows of padding only hold the bias; others are encrypted.
      expect(kinds).to.deep.equal(['number', 'object', 'object']);
      expect(output.elements[0]).to.equal(0.5);
      for (const tensor of [input, padded, output]) tensor.dispose();
    });

    it('refuses shapes that do not fit, with the name of the layer', () => {
      const layer = new EncodedLinear({ weight: weights([3, 4]), name: 'fc' });
      expect(() => layer.outputShape([1, 5]))
        .to.throw('Layer fc takes 4 elements')
        .with.property('code', 'HE_LAYER');
    });

    it('refuses values outside of the range', () => {
      expect(() => encryptTensor(pair.holder, [[2]], [1, 1], { low: 0, high: 1 })).to.throw('holds 2');
    });
  });
}

suite('BFV', () => smallBfv(), 1e-3, 1);
suite('CKKS', () => smallCkks(), 1e-3, 3);
