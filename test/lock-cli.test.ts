/** `tacit lock` and `tacit unlock` as users run them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '@tacit/testing/processes';
import { expect } from 'chai';

const bin = fileURLToPath(new URL('../packages/tacit/bin/tacit.mjs', import.meta.url));
const model = fileURLToPath(new URL('../fixtures/linear_4_2/model.onnx', import.meta.url));

describe('the commands lock and unlock, as users run them', function () {
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tacit-lock-'));
  });
  after(() => rmSync(folder, { recursive: true }));
  const tacit = async (...args: string[]): Promise<string> => {
    const env = { ...process.env, TACIT_LOCK_PASSPHRASE: 'correct horse battery staple' };
    const { code, stdout, stderr } = await run(process.execPath, [bin, ...args], { cwd: folder, env });
    return code === 0 ? stdout : `${code} ${stderr}`;
  };

  it('lock a model under names of their own, say what the files are, and give it back', async () => {
    expect(await tacit('lock', 'deep-lock', model)).match(/^lock +deep-lock, sealed$/m);
    const shown = await tacit('lock', 'inspect', 'encrypted_model.onnx', 'decryption_key.tacit');
    expect(shown)
      .match(/sealed +by a passphrase/)
      .match(/belongs to +encrypted_model\.onnx\n$/);
    const unlock = ['unlock', 'deep-lock', 'decryption_key.tacit', 'model.onnx', 'encrypted_model.onnx'];
    expect(await tacit(...unlock)).match(/^unlocked +model\.onnx$/m);
    expect(readFileSync(join(folder, 'model.onnx')).equals(readFileSync(model))).equal(true);
    expect(await tacit(...unlock)).match(
      /^1 tacit: error \[FILE_NOT_WRITABLE\]: model\.onnx is there already/,
    );
  });
});
