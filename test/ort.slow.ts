/** A program written against InferenceSession, on a model that is served: unchanged but for executionProviders. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerTacit } from '@tacit/ort';
import { type Service, startTrial } from '@tacit/service';
import { connect, type PrivateModel } from '@tacit/service/client';
import { expect } from 'chai';
import * as ort from 'onnxruntime-web';
import { numbers, twoInputs } from '../packages/ort/test/helpers/models.js';
import { root, run } from './helpers/run-script.js';

const bin = join(root, 'packages/tacit/bin/tacit.mjs');

describe('executionProviders: tacit, on a model that is served', function () {
  this.timeout(120_000);
  let folder = '';
  let service: Service | undefined;
  const opened: PrivateModel[] = [];
  const at = (name: string) => join(folder, name);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tacit-ort-'));
    writeFileSync(at('model.onnx'), twoInputs());
    service = await startTrial({ models: [{ name: 'sums', file: at('model.onnx') }], spares: 1 });
    const trial: typeof connect = async (invite, options) => {
      const model = await connect(invite, { ...options, trial: true });
      opened.push(model);
      return model;
    };
    registerTacit(ort, { connect: trial });
  });
  after(async () => {
    await service?.close();
    rmSync(folder, { recursive: true });
  });

  /** The program. */
  async function outputs(model: string, options: ort.InferenceSession.SessionOptions) {
    const session = await ort.InferenceSession.create(readFileSync(model), options);
    const x = new ort.Tensor('float32', Float32Array.from(numbers(8)), [2, 4]);
    const y = new ort.Tensor('float32', Float32Array.from(numbers(6, 1, 3)), [2, 3]);
    const runs = [session.run({ x, y }), session.run({ x, y }), session.run({ x, y }, ['doubled'])];
    const made = await Promise.all(runs);
    await session.release();
    return made;
  }

  it('computes what ONNX Runtime computes, within 0.01: several inputs, outputs and runs at once', async () => {
    const invite = (await service?.invite({ model: 'sums' })) ?? '';
    const made = await run(process.execPath, [
      bin,
      'stub',
      at('model.onnx'),
      '--invite',
      invite,
      '-o',
      at('stub.onnx'),
    ]);
    expect(made.code, made.stderr).equal(0);
    expect(made.stdout)
      .match(/^input +x +float32 +\[batch, 4\]$/m)
      .not.include(invite);
    expect(statSync(at('stub.onnx')).mode & 0o777).equal(0o600);
    const expected = await outputs(at('model.onnx'), { logSeverityLevel: 4 });
    const found = await outputs(at('stub.onnx'), { executionProviders: ['tacit'] });
    expect(found.map(Object.keys)).deep.equal(expected.map(Object.keys));
    expected.forEach((outputsOfRun, i) => {
      for (const [name, tensor] of Object.entries(outputsOfRun)) {
        expect(found[i][name]).instanceOf(ort.Tensor);
        expect(found[i][name].type).equal(tensor.type);
        expect([...found[i][name].dims]).deep.equal([...tensor.dims]);
        (tensor.data as Float32Array).forEach((v, j) => {
          expect((found[i][name].data as Float32Array)[j]).closeTo(v, 0.01);
        });
      }
    });
    const [{ stats, info }] = opened;
    expect(stats.runs).equal(3);
    expect(info.name).equal('sums');
  });

  it('says why where the invite is not taken, or is to another model', async () => {
    const bare = ['stub', at('model.onnx'), '-o', at('bare.onnx')];
    expect((await run(process.execPath, [bin, ...bare])).code).equal(0);
    const create = (provider: object) =>
      ort.InferenceSession.create(readFileSync(at('bare.onnx')), {
        executionProviders: [{ name: 'tacit', ...provider } as never],
      }).then(
        () => 'nothing was refused',
        (error: Error & { code?: string }) => `${error.code} ${error.message}`,
      );
    expect(await create({})).match(/^STUB_MISSING .*no invite/);
    expect(await create({ invite: 'tacit:1:cut-off' })).match(/^MODEL_INVITE /);
    const invite = (await service?.invite({ model: 'sums' })) ?? '';
    expect(await create({ invite, dealerKey: '00'.repeat(32) })).match(/^MODEL_INVITE .*dealer/);
  });
});
