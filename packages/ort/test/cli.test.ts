/** `tacit stub`. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Command, CommanderError } from 'commander';
import { addStubCommand } from '../src/cli/index.js';
import { readStub } from '../src/index.js';
import { INVITE, twoInputs } from './helpers/models.js';
import { MOODS, writeModels } from './helpers/transformers-models.js';

/** Runs `tacit` with these arguments, within this process: what it printed, or code and message. */
async function tacit(...args: string[]): Promise<string> {
  const program = new Command('tacit');
  addStubCommand(program);
  for (const command of [program, ...program.commands])
    command.exitOverride().configureOutput({ outputError: () => {} });
  let printed = '';
  const { write } = process.stdout;
  process.stdout.write = ((chunk: string) => {
    printed += chunk;
    return true;
  }) as typeof write;
  try {
    await program.parseAsync(args, { from: 'user' });
    return printed;
  } catch (error) {
    if (error instanceof CommanderError) return `USAGE ${error.message}`;
    if (error instanceof Error && 'code' in error) return `${error.code} ${error.message}`;
    throw error;
  } finally {
    process.stdout.write = write;
  }
}

describe('tacit stub', () => {
  let folder = '';
  const at = (...names: string[]) => join(folder, ...names);
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tacit-stub-'));
    writeFileSync(at('model.onnx'), twoInputs());
  });
  after(() => rmSync(folder, { recursive: true }));

  it('writes a stub, says what it has, and shows it again', async () => {
    const printed = await tacit('stub', at('model.onnx'), '--invite', INVITE, '-o', at('stub.onnx'));
    expect(printed)
      .match(/^stub +.*stub\.onnx, \d+ B$/m)
      .match(/^input +x +float32 +\[batch, 4\]$/m)
      .match(/^output +doubled +float32 +\[batch, 3\]$/m);
    expect(readStub(readFileSync(at('stub.onnx'))).invite).equal(INVITE);
    // An invite is a secret.
    expect(statSync(at('stub.onnx')).mode & 0o777).equal(0o600);
    const shown = await tacit('stub', at('stub.onnx'), '--show');
    expect(shown)
      .match(/^model +not named$/m)
      .match(/^invite +in the stub/m)
      .not.include(INVITE);
    const json = JSON.parse(await tacit('stub', at('stub.onnx'), '--show', '--json'));
    expect(json.invite).equal(true);
    expect(json.inputs[1]).deep.equal({ name: 'y', type: 'float32', shape: ['batch', 3] });
    await tacit('stub', at('model.onnx'), '--invite', INVITE, '-o', at('open.onnx'), '--open-shapes');
    expect(readStub(readFileSync(at('open.onnx'))).inputs[0].shape).deep.equal(['x.0', 'x.1']);
  });

  it('writes a stub without an invite, which anybody may read, and with a name', async () => {
    await tacit('stub', at('model.onnx'), '--name', 'sums', '-o', at('bare.onnx'));
    expect(readStub(readFileSync(at('bare.onnx')))).deep.include({ invite: undefined, name: 'sums' });
    expect(statSync(at('bare.onnx')).mode & 0o777).not.equal(0o600);
    const shown = await tacit('stub', at('bare.onnx'), '--show');
    expect(shown)
      .match(/^model +sums$/m)
      .match(/^invite +none/m);
  });

  it('refuses to write over files, models in place of stubs, and what is not an invite', async () => {
    const stub = (...args: string[]) => tacit('stub', at('model.onnx'), ...args);
    const given = ['--invite', INVITE];
    writeFileSync(at('there.onnx'), 'x');
    expect(await stub(...given, '-o', at('there.onnx'))).match(/^FILE_NOT_WRITABLE .*--force/);
    expect(await stub(...given, '-o', at('there.onnx'), '--force')).match(/^stub /);
    expect(await stub(...given, '-o', at('model.onnx'), '--force')).match(/^ARGUMENT .*the model itself/);
    expect(await stub(...given, '-o', at('missing', 'stub.onnx'))).match(/^FILE/);
    expect(await stub('--invite', 'nothing', '-o', at('x.onnx'))).match(/^ARGUMENT .*invite/);
    expect(await stub('--show')).match(/^STUB_MISSING /);
    expect(await tacit('stub', at('none.onnx'), ...given)).match(/^FILE/);
    expect(await tacit('stub', at('there.onnx'), '--show', '--invite', INVITE)).match(/^invite /m);
    expect(readFileSync(at('model.onnx'))).deep.equal(Buffer.from(twoInputs()));
  });

  it('publishes a folder for transformers.js: what is public, and a stub in place of the model', async () => {
    writeModels(at('private'), 'models');
    const model = at('private', 'moods', 'onnx', 'model.onnx');
    writeFileSync(at('private', 'moods', 'vocab.txt'), 'the');
    writeFileSync(at('private', 'moods', 'weights.safetensors'), 'secret');
    const publish = (...more: string[]) =>
      tacit('stub', model, '--invite', MOODS, '--transformers', at('public'), ...more);
    const printed = await publish();
    expect(printed).match(/^wrote +.*public\/onnx\/model\.onnx$/m);
    expect(readdirSync(at('public')).sort()).deep.equal([
      'config.json',
      'onnx',
      'tokenizer.json',
      'tokenizer_config.json',
      'vocab.txt',
    ]);
    const config = JSON.parse(readFileSync(at('public', 'config.json'), 'utf8'));
    expect(config['transformers.js_config']).deep.equal({ dtype: 'fp32', device: 'auto' });
    expect(config.model_type).equal('bert');
    const stub = readStub(readFileSync(at('public', 'onnx', 'model.onnx')));
    expect(stub.inputs.map(({ name }) => name)).deep.equal(['input_ids', 'attention_mask', 'token_type_ids']);
    expect(await publish()).match(/^FILE_NOT_WRITABLE .*--force/);
    expect(await publish('--force')).match(/^wrote /);
    expect(await publish('-o', 'x')).match(/^ARGUMENT .*-o/);
    const self = ['stub', model, '--invite', MOODS, '--transformers', at('private', 'moods'), '--force'];
    expect(await tacit(...self)).match(/^ARGUMENT .*folder of the model/);
    mkdirSync(at('bare'));
    writeFileSync(at('bare', 'model.onnx'), twoInputs());
    const bare = ['stub', at('bare', 'model.onnx'), '--invite', MOODS, '--transformers', at('other')];
    expect(await tacit(...bare)).match(/^ARGUMENT .*config\.json/);
    writeFileSync(at('bare', 'config.json'), '{');
    expect(await tacit(...bare)).match(/^ARGUMENT .*not JSON/);
  });
});
