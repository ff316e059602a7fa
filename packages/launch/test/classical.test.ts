/** Models of scikit-learn as they are exported, in private: from raw columns to labels and probabilities. */
import { expect } from 'chai';
import { encodeModel } from '../../onnx/test/helpers/onnx-encoder.js';
import { fromOnnx } from '../src/from-onnx.js';
import { runInProcess } from '../src/in-process.js';

const MEANS = [50_000, 40, 0.3];
const DEVIATIONS = [20_000, 12, 0.05];
const WEIGHTS = [1.5, -0.75, 0.25];
const BIAS = -0.2;
const PEOPLE = [
  [52_000, 31, 0.31],
  [18_500, 67, 0.22],
  [91_000, 25, 0.4],
  [48_000, 44, 0.3],
];

const PIPELINE = encodeModel({
  opset: 17,
  domains: { 'ai.onnx.ml': 1 },
  inputs: [{ name: 'people', type: 1, shape: ['n', 3] }],
  outputs: [{ name: 'output_label', type: 7, shape: ['n'] }, { name: 'output_probability' }],
  nodes: [
    {
      op: 'Scaler',
      domain: 'ai.onnx.ml',
      inputs: ['people'],
      outputs: ['scaled'],
      attributes: { offset: { floats: MEANS }, scale: { floats: DEVIATIONS.map((d) => 1 / d) } },
    },
    {
      op: 'LinearClassifier',
      domain: 'ai.onnx.ml',
      inputs: ['scaled'],
      outputs: ['label', 'probability_tensor'],
      attributes: {
        coefficients: { floats: [...WEIGHTS.map((w) => -w), ...WEIGHTS] },
        intercepts: { floats: [-BIAS, BIAS] },
        classlabels_ints: { ints: [0, 1] },
        multi_class: { i: 1 },
        post_transform: { s: 'LOGISTIC' },
      },
    },
    { op: 'Cast', inputs: ['label'], outputs: ['output_label'], attributes: { to: { i: 7 } } },
    {
      op: 'Normalizer',
      domain: 'ai.onnx.ml',
      inputs: ['probability_tensor'],
      outputs: ['probabilities'],
      attributes: { norm: { s: 'L1' } },
    },
    {
      op: 'ZipMap',
      domain: 'ai.onnx.ml',
      inputs: ['probabilities'],
      outputs: ['output_probability'],
      attributes: { classlabels_int64s: { ints: [0, 1] } },
    },
  ],
});

/** Who is likely to pay late, by two trees, of which each says what it adds to the chance. */
const TREES = encodeModel({
  opset: 17,
  domains: { 'ai.onnx.ml': 3 },
  inputs: [{ name: 'people', type: 1, shape: ['n', 3] }],
  outputs: [
    { name: 'label', type: 7, shape: ['n'] },
    { name: 'chances', type: 1, shape: ['n', 2] },
  ],
  nodes: [
    {
      op: 'TreeEnsembleClassifier',
      domain: 'ai.onnx.ml',
      inputs: ['people'],
      outputs: ['label', 'chances'],
      attributes: {
        // Of income, then of age or of debt; and of age alone.
        nodes_treeids: { ints: [0, 0, 0, 0, 0, 0, 0, 1, 1, 1] },
        nodes_nodeids: { ints: [0, 1, 2, 3, 4, 5, 6, 0, 1, 2] },
        nodes_featureids: { ints: [0, 1, 0, 0, 2, 0, 0, 1, 0, 0] },
        nodes_modes: {
          strings: [
            'BRANCH_LEQ',
            'BRANCH_LEQ',
            'LEAF',
            'LEAF',
            'BRANCH_LEQ',
            'LEAF',
            'LEAF',
            'BRANCH_LEQ',
            'LEAF',
            'LEAF',
          ],
        },
        nodes_values: { floats: [50_000, 44.5, 0, 0, 0.3125, 0, 0, 31, 0, 0] },
        nodes_truenodeids: { ints: [1, 2, 0, 0, 5, 0, 0, 1, 0, 0] },
        nodes_falsenodeids: { ints: [4, 3, 0, 0, 6, 0, 0, 2, 0, 0] },
        class_treeids: { ints: [0, 0, 0, 0, 1, 1] },
        class_nodeids: { ints: [2, 3, 5, 6, 1, 2] },
        class_ids: { ints: [0, 0, 0, 0, 0, 0] },
        class_weights: { floats: [0.25, 0.5, 0.125, 0.375, 0.0625, 0.3125] },
        classlabels_int64s: { ints: [0, 1] },
      },
    },
  ],
});

function chanceOf([income, age, debt]: readonly number[]): number {
  const first = income <= 50_000 ? (age <= 44.5 ? 0.25 : 0.5) : debt <= 0.3125 ? 0.125 : 0.375;
  return first + (age <= 31 ? 0.0625 : 0.3125);
}

describe('a forest of scikit-learn', () => {
  for (const parties of [2, 3])
    it(`tells classes and chances, between ${parties} parties`, async () => {
      const [, told] = await runInProcess({ worldSize: parties }, async (party) => {
        const model = await fromOnnx(party, TREES, { src: 0, inputShape: [PEOPLE.length, 3] });
        model.encrypt(party, { src: 0 });
        const x = party.cryptensor(PEOPLE, { src: 1, shape: [PEOPLE.length, 3] });
        return Promise.all(model.forwardAll(x).map((y) => y.revealFloat64({ to: 1 })));
      });
      const [labels, chances] = told.map((plain) => [...(plain?.data ?? [])]);
      PEOPLE.forEach((person, i) => {
        const chance = chanceOf(person);
        expect(labels[i]).equal(Number(chance > 0.5));
        expect(chances[2 * i]).closeTo(1 - chance, 2 ** -14);
        expect(chances[2 * i + 1]).closeTo(chance, 2 ** -14);
      });
      // Both answers are there.
      expect(new Set(labels).size).equal(2);
    });
});

describe('a pipeline of scikit-learn', () => {
  for (const parties of [2, 3])
    it(`tells labels and probabilities, between ${parties} parties`, async () => {
      const [, told] = await runInProcess({ worldSize: parties }, async (party) => {
        const model = await fromOnnx(party, PIPELINE, { src: 0, inputShape: [PEOPLE.length, 3] });
        model.encrypt(party, { src: 0 });
        const x = party.cryptensor(PEOPLE, { src: 1, shape: [PEOPLE.length, 3] });
        const outputs = model.forwardAll(x);
        return Promise.all(outputs.map((y) => y.revealFloat64({ to: 1 })));
      });
      const [labels, probabilities] = told.map((plain) => [...(plain?.data ?? [])]);
      PEOPLE.forEach((person, i) => {
        const score = person.reduce((sum, v, j) => sum + (WEIGHTS[j] * (v - MEANS[j])) / DEVIATIONS[j], BIAS);
        const one = 1 / (1 + Math.exp(-score));
        expect(labels[i]).equal(Number(score > 0));
        expect(probabilities[2 * i]).closeTo(1 - one, 2 ** -9);
        expect(probabilities[2 * i + 1]).closeTo(one, 2 ** -9);
      });
    });
});
