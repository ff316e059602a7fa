import { fixtureArray, fixtureBytes, MODELS } from '@tacit/testing/fixtures';
import { expect } from 'chai';
import { buildGraph, checkModel, evaluatePlain, parseOnnx, specialize } from '../src/index.js';
import { maxDifference } from './helpers/max-difference.js';

const WITH_LOGITS = [
  'mnist_mlp_784_128_128_10',
  'mnist_lenet1_tanh',
  'mnist_lenet1_square',
  'mnist_cnn_bn',
  'mnist_cnn_bn_folded',
];

describe('onnx: trained fixtures', () => {
  for (const name of MODELS)
    for (const foldBatchNorm of [true, false])
      it(`${name} gives its output${foldBatchNorm ? '' : ' without folding'}`, () => {
        const model = parseOnnx(fixtureBytes(`${name}/model.onnx`));
        expect(checkModel(model).issues).to.deep.equal([]);
        const graph = buildGraph(model, { foldBatchNorm });
        const input = fixtureArray(`${name}/input.npy`);
        const inputName = graph.inputs[0]?.name ?? '';
        const concrete = specialize(graph, { [inputName]: input.shape });
        const result = evaluatePlain(concrete, { [inputName]: input });
        const expected = fixtureArray(`${name}/output.npy`);
        const output = result[graph.outputs[0]?.name ?? ''];
        expect(output?.shape).to.deep.equal(expected.shape);
        expect(maxDifference(output?.data ?? [], expected.data)).to.be.lessThan(1e-4);
      });

  for (const name of WITH_LOGITS)
    it(`${name} gives the logits of 1000 digits, in batches of any size`, () => {
      const images = fixtureArray('mnist_test_1000/images.npy').data.map((pixel) => pixel / 255);
      const expected = fixtureArray(`${name}/logits_test1000.npy`).data;
      const model = parseOnnx(fixtureBytes(`${name}/model.onnx`));
      const info = model.graph.inputs[0];
      const tail = name.includes('mlp') ? [784] : [1, 28, 28];
      const inputName = info?.name ?? '';
      // The Reshape of this fixture holds the batch size.
      const batch = name === 'mnist_cnn_bn_folded' ? 32 : 250;
      const options =
        name === 'mnist_lenet1_square' ? { inputShapes: { [inputName]: ['batch', ...tail] } } : {};
      const concrete = specialize(buildGraph(model, options), { [inputName]: [batch, ...tail] });
      for (let start = 0; start < 1000; start += batch) {
        const data = new Float64Array(batch * 784);
        data.set(images.subarray(start * 784, Math.min((start + batch) * 784, images.length)));
        const result = evaluatePlain(concrete, { [inputName]: { shape: [batch, ...tail], data } });
        const logits = Object.values(result)[0]?.data ?? [];
        const wanted = expected.subarray(start * 10, (start + batch) * 10);
        expect(maxDifference(logits.slice(0, wanted.length), wanted)).to.be.lessThan(1e-4);
      }
    });
});

describe('onnx: layers of the fixtures', () => {
  const ops = (name: string) =>
    buildGraph(parseOnnx(fixtureBytes(`${name}/model.onnx`))).nodes.map((node) => node.op);

  it('batch normalisation and zero padding are merged', () => {
    const shapeArithmetic = ['Shape', 'Constant', 'Gather', 'Unsqueeze', 'Constant', 'Concat', 'Reshape'];
    const layers = (name: string) => ops(name).filter((op) => !shapeArithmetic.includes(op));
    const merged = ['Conv', 'Relu', 'AveragePool', 'Conv', 'Relu', 'AveragePool', 'Linear', 'Relu', 'Linear'];
    for (const name of ['mnist_cnn_bn', 'mnist_cnn_bn_opset13', 'mnist_cnn_bn_folded'])
      expect(layers(name)).to.deep.equal(merged);
  });
});
