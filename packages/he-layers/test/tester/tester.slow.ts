import { expect } from 'chai';
import { buildEncodedNetwork } from '../../src/layers/index.js';
import {
  type ParameterReport,
  pycrcnnResults,
  readTesterConfig,
  renderParameterReport,
  suggestParameters,
  testParameters,
} from '../../src/tester/index.js';
import { searchWorstInputs } from '../../src/tester/worst-case.js';
import { numbers } from '../layers/helpers.js';
import { tinyModel } from '../layers/tiny-model.js';

const IMAGES = [numbers(16, 3), numbers(16, 4)].map((image) => image.map(Math.abs));
const CKKS = {
  scheme: 'ckks',
  ringDegree: 8192,
  primeBits: [27, 27, 27, 27, 27],
  specialPrimeBits: 29,
  scaleBits: 27,
} as const;
/** Enough for a convolution and a square. */
const SMALL = { ...CKKS, ringDegree: 4096, primeBits: [27, 27, 27], specialPrimeBits: 28, scaleBits: 23 };

describe('the parameter tester', () => {
  let report: ParameterReport;
  before(async () => {
    [report] = await testParameters(
      tinyModel(),
      IMAGES,
      { encryption_parameters: [CKKS] },
      { worstCase: true },
    );
  });

  it('reports a row for each layer', () => {
    expect(report.failure).to.equal(undefined);
    expect(report.layers.map(({ layer_name, kind }) => `${layer_name}: ${kind}`)).to.deep.equal([
      'conv: Conv2d',
      'square0: Square',
      'pool: AvgPool2d',
      'flatten: Flatten',
      'fc: Linear',
    ]);
    const [conv, square, pool, flatten, fc] = report.layers;
    // Eight results of nine products each; eight squares; two means of four.
    expect(conv.operations).to.include({ plainProducts: 72, products: 0, rescalings: 8 });
    expect(square.operations).to.include({ plainProducts: 0, products: 8, keySwitches: 8 });
    expect(pool.operations).to.include({ plainProducts: 0, additions: 6 });
    expect(Object.values(flatten.operations)).to.deep.equal([0, 0, 0, 0, 0, 0]);
    expect(fc.operations).to.include({ plainProducts: 4 });
    for (const layer of report.layers) {
      expect(layer.max_error).to.be.at.least(layer.mean_error).and.at.most(1e-2);
      expect(layer.largest).to.be.at.most(layer.bound);
      expect(layer.max_error_position).to.have.length(layer.shape.length);
      expect(Math.abs(layer.cipher_value - layer.plain_value)).to.equal(layer.max_error);
      expect(layer.min_noise).to.equal(null);
      expect(layer.bytes).to.be.above(0);
    }
    expect(report.layers.map(({ level }) => level)).to.deep.equal([4, 3, 3, 3, 2]);
    expect(report.same_prediction).to.equal(2);
  });

  it('finds inputs that are worse than those given', () => {
    expect(report.worst_case?.failure).to.equal(undefined);
    expect(report.worst_case?.layers).to.have.length(5);
    const [square, output] = report.worst_case?.largest ?? [];
    expect(square.layer_name).to.equal('square0');
    expect(square.found).to.be.above(square.images);
    // What is linear in the input reaches its bound.
    expect(square.found).to.be.closeTo(report.layers[0].bound, 1e-9);
    expect(output.found).to.be.at.least(output.images);
  });

  it("writes PyCrCNN's results and a table", () => {
    const [[parameters, totals, layers]] = JSON.parse(JSON.stringify(pycrcnnResults([report])));
    expect(parameters).to.deep.equal({ ...CKKS });
    expect(totals.final_max_error).to.equal(report.layers.at(-1)?.max_error);
    expect(layers[0]).to.include.keys(
      'layer_name',
      'min_noise',
      'max_error',
      'max_error_position',
      'cipher_value',
    );
    expect(renderParameterReport(report))
      .to.include('square0')
      .and.include('2 of 2 predictions as in plaintext');
  });

  it("runs PyCrCNN's sets, with their re-encryptions", async () => {
    const config = readTesterConfig(
      JSON.parse(
        '{ "encryption_parameters": [{ "m": 4096, "p": 500000, "sec": 128, "base": 2, "fracDigits": 10, "rencrypt_positions": [2] }], "debug": "n" }',
      ),
    );
    const [bfv] = await testParameters(tinyModel(), IMAGES.slice(0, 1), config);
    expect(bfv.notes[0]).to.include('instead of 500000');
    expect(bfv.failure).to.equal(undefined);
    const names = bfv.layers.map(({ layer_name }) => layer_name);
    expect(names[2]).to.equal('reencrypt before pool');
    const noise = bfv.layers.map(({ min_noise }) => min_noise ?? 0);
    expect(noise[1]).to.be.below(noise[0]);
    expect(noise[2]).to.be.above(noise[1]);
    // As PyCrCNN does it, and said: a ring of 4096 has no room for the mask.
    expect(bfv.layers[2].masked).to.equal(false);
    expect(renderParameterReport(bfv)).to.include('NOT masked');
    expect(bfv.final_max_error).to.be.below(0.1);
  });

  it('stops at the layer whose noise budget is used up', async () => {
    const sets = [{ m: 4096, p: 500000, fracDigits: 10 }];
    const onnx = tinyModel({ squares: 3 });
    const [bfv] = await testParameters(onnx, IMAGES.slice(0, 1), { encryption_parameters: sets });
    expect(bfv.failure).to.include({ code: 'HE_NOISE', layer: 'square1' });
    expect(bfv.layers.at(-1)?.min_noise).to.equal(0);
    expect(renderParameterReport(bfv)).to.include('FAILED (HE_NOISE): Layer square1');
  });

  it('stops at the layer that has no level left, and goes on with other sets', async () => {
    const sets = [SMALL, { ...SMALL, scaleBits: 26 }];
    const reports = await testParameters(tinyModel({ squares: 2 }), IMAGES, { encryption_parameters: sets });
    expect(reports[0].failure).to.include({ code: 'HE_LEVEL', layer: 'square1' });
    expect(reports[1].failure).to.include({ code: 'HE_LEVEL', layer: 'square0' });
  });

  it('refuses a mask without room where activations may not leak', async () => {
    const sets = [{ ...SMALL, reencryptAt: [2] }];
    const [refused] = await testParameters(tinyModel(), IMAGES, { encryption_parameters: sets });
    expect(refused.failure).to.include({ code: 'HE_REENCRYPT', layer: 'reencrypt before pool' });
  });

  it('names what is wrong with a parameter file', () => {
    for (const [json, message] of [
      ['[]', 'encryption_parameters'],
      ['{}', 'encryption_parameters'],
      ['{"encryption_parameters":[{"m":4096}]}', 'encryption_parameters.0.p'],
      [
        '{"encryption_parameters":[{"scheme":"bgv"}]}',
        '0.scheme: Invalid type: Expected ("bfv" | "ckks") but received "bgv"',
      ],
      ['{"encryption_parameters":[{"scheme":"ckks","ringDegree":4096}]}', 'primeBits'],
      ['{"encryption_parameters":[{"m":4096,"p":5,"bas":2}]}', '0.bas: Invalid key'],
      ['{"encryption_parameters":[{"m":"x","p":5}]}', '0.m: Invalid type: Expected number but received "x"'],
    ])
      expect(() => readTesterConfig(JSON.parse(json)))
        .to.throw(message)
        .with.property('code', 'HE_ARGUMENT');
  });
});

describe('the search for bad inputs', () => {
  it('stays in the range', () => {
    const network = buildEncodedNetwork(tinyModel({ squares: 2 }));
    const { inputs, largest } = searchWorstInputs(network, IMAGES, { low: 0, high: 1 });
    expect(inputs).to.have.length(3);
    for (const input of inputs) expect(input.every((x) => x >= 0 && x <= 1)).to.equal(true);
    expect(largest.every(({ images, found }) => found >= images)).to.equal(true);
  });
});

describe('suggestions', () => {
  it('hold what they promise', async () => {
    const options = { precision: 0.02, samples: IMAGES };
    const { ckks, pycrcnn, compiled } = await suggestParameters(tinyModel(), options);
    if (typeof ckks === 'string' || typeof pycrcnn === 'string' || typeof compiled === 'string')
      throw new Error(`${ckks} ${pycrcnn} ${compiled}`);
    expect(compiled.expectedError).to.be.below(0.02);
    const encryption_parameters = [ckks.parameters, pycrcnn.parameters];
    const [first, second] = await testParameters(tinyModel(), IMAGES.slice(0, 1), { encryption_parameters });
    for (const { failure, final_max_error } of [first, second]) {
      expect(failure).to.equal(undefined);
      expect(final_max_error).to.be.below(0.02);
    }
    const budget = second.layers.at(-1)?.min_noise ?? 0;
    expect(budget).to.be.within(pycrcnn.expected_noise_budget - 4, pycrcnn.expected_noise_budget + 15);
  });

  it('say why there are none', async () => {
    const { ckks, pycrcnn } = await suggestParameters(tinyModel(), { precision: 1e-12, samples: IMAGES });
    expect(ckks).to.be.a('string').that.includes('out of reach');
    expect(pycrcnn).to.not.equal(undefined);
  });
});
