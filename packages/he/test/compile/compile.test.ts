import { expect } from 'chai';
import {
  decodeClientArtefact,
  decodeServerArtefact,
  encodeClientArtefact,
  encodeServerArtefact,
} from '../../src/artefact/artefacts.js';
import { type CompiledModel, compileModel } from '../../src/compile/compile.js';
import { evaluateNormal } from '../../src/network/normalize.js';
import { planLatency } from '../../src/plan/plan.js';
import { maxModulusBits } from '../../src/plan/security.js';
import { planThroughput, type ThroughputPlan } from '../../src/plan/throughput.js';
import { digits, fixture } from '../helpers/fixtures.js';
import { simulate } from '../plan/simulate.js';

const lenet = () => fixture('mnist_lenet1_square/model.onnx');
const error = async (action: Promise<unknown>) =>
  action.then(
    () => expect.fail('no error'),
    (thrown: Error & { code: string }) => thrown,
  );

describe('compiling a model', () => {
  let compiled: CompiledModel;
  before(async () => {
    compiled = await compileModel(lenet(), { samples: digits(16), name: 'lenet' });
  });

  it('lenet1_square fits the figures asked for: one ciphertext each way', () => {
    const { report } = compiled;
    expect(report.ringDegree).to.equal(8192);
    expect(report.modulusBits).to.be.at.most(maxModulusBits(8192));
    expect(report.uploadBytes).to.be.at.most(200_000);
    expect(report.downloadBytes).to.be.at.most(130_000);
    expect(report.expectedError).to.be.at.most(5e-3);
    expect(compiled.client.boundaries.map(({ layout }) => layout.ciphertexts)).to.deep.equal([1, 1]);
  });

  it('artefacts survive being written, and the client has no weights', () => {
    const { server, client } = compiled;
    const again = decodeServerArtefact(encodeServerArtefact(server));
    const [image] = digits(1) as [Float64Array];
    expect(evaluateNormal(again.network, image)).to.deep.equal(evaluateNormal(server.network, image));
    expect(decodeClientArtefact(encodeClientArtefact(client))).to.deep.equal(client);
    expect(client).not.to.have.property('network');
    expect(client.stages).to.deep.equal([]);
    expect(encodeClientArtefact(client).length).to.be.lessThan(10_000);
    const plan = planLatency(again.network, again.parameters, again.schedule, again.layouts);
    const result = simulate(plan, image);
    evaluateNormal(server.network, image).forEach((value, i) => {
      expect(result[i]).to.be.closeTo(value, 1e-9 * (1 + Math.abs(value)));
    });
  });

  it('damaged artefacts are refused', () => {
    const bytes = encodeServerArtefact(compiled.server);
    for (const wrong of [
      bytes.slice(0, 3),
      bytes.slice(0, 1000),
      bytes.slice(0, bytes.length - 8),
      encodeClientArtefact(compiled.client),
      new Uint8Array(64).fill(7),
      new TextEncoder().encode('\x04\0\0\0null'),
    ])
      expect(() => decodeServerArtefact(wrong))
        .to.throw()
        .with.property('code', 'HE_ARTEFACT');
  });

  it('throughput: equal columns are summed, and the plan computes the network', async () => {
    const { server } = await compileModel(lenet(), { samples: digits(4), mode: 'throughput' });
    const plan = planThroughput(server.network, server.parameters, server.schedule);
    expect([plan.inputs, plan.outputs]).to.deep.equal([784, 10]);
    expect(
      plan.stages.map((stage) => (stage.kind === 'affine' ? stage.columns : stage.sums.length)),
    ).to.deep.equal([784, 576, 576, 192, 192]);
    const [image] = digits(1, 7) as [Float64Array];
    const result = runThroughput(plan, image);
    evaluateNormal(server.network, image).forEach((value, i) => {
      expect(result[i]).to.be.closeTo(value, 1e-9 * (1 + Math.abs(value)));
    });
  });

  it('a ReLU network runs on polynomials that are fitted to samples', async () => {
    const samples = digits(60);
    const { report } = await compileModel(fixture('mnist_mlp_784_128_128_10/model.onnx'), {
      samples,
      approximate: 2,
      precision: 0.1,
    });
    expect(report.approximated?.layers.map(({ op }) => op)).to.deep.equal(['Relu', 'Relu']);
    expect(report.approximated?.agreement).to.be.greaterThan(0.9);
    expect(report.stages.map(({ kind }) => kind)).to.deep.equal([
      'affine',
      'square',
      'affine',
      'square',
      'affine',
    ]);
  });

  it('what cannot be done is said with what is missing', async () => {
    expect(await error(compileModel(fixture('mnist_mlp_784_128_128_10/model.onnx')))).to.include({
      code: 'HE_MODEL',
    });
    const precise = await error(compileModel(lenet(), { samples: digits(2), precision: 1e-12 }));
    expect(precise).to.include({ code: 'HE_PLAN' });
    expect(precise.message).to.match(/out of reach: .*e-/);
    const deep = await error(compileModel(lenet(), { samples: digits(2), ringDegree: 4096 }));
    expect(deep).to.include({ code: 'HE_PLAN' });
    expect(deep.message).to.match(/needs 4 levels.*room for 2.*conv2/s);
    expect(await error(compileModel(lenet(), { samples: [new Float64Array(784).fill(255)] }))).to.include({
      code: 'HE_MODEL',
    });
  });
});

function runThroughput(plan: ThroughputPlan, input: Float64Array): Float64Array {
  let value = input;
  for (const stage of plan.stages)
    if (stage.kind === 'affine')
      value = Float64Array.from(stage.rows, ({ columns, values }, row) =>
        values.reduce(
          (sum, w, k) => sum + w * (value[columns[k] as number] as number),
          stage.bias[row] as number,
        ),
      );
    else {
      let at = 0;
      value = Float64Array.from(stage.sums, (members) => {
        let sum = 0;
        for (let k = 0; k < members; k++) sum += (value[at++] as number) ** 2;
        return sum;
      });
    }
  return value;
}
