import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeNpy, parseNpy } from '@tacit/files';
import { expect } from 'chai';
import { Command } from 'commander';
import { addLockCommands } from '../../src/cli/index.js';
import { blockTransform, readKey, transformKey } from '../../src/index.js';
import { bytes } from './arbitrary.js';

/** Runs `tacit lock transform`, and gives the code of the error. */
async function transform(...args: string[]): Promise<string> {
  const program = new Command('tacit');
  addLockCommands(program);
  const quiet = (command: Command): void => {
    command.exitOverride().configureOutput({ outputError: () => {} });
    command.commands.forEach(quiet);
  };
  quiet(program);
  const { write } = process.stdout;
  process.stdout.write = () => true;
  try {
    await program.parseAsync(['lock', 'transform', ...args, '--quiet'], { from: 'user' });
    return '';
  } catch (error) {
    return `${(error as { code: string }).code} ${(error as Error).message}`;
  } finally {
    process.stdout.write = write;
  }
}

describe('tacit lock transform', function () {
  this.timeout(60_000);
  let folder = '';
  const path = (name: string): string => join(folder, name);
  const read = (name: string) => parseNpy(readFileSync(path(name)));
  const pixels = bytes(3 * 3 * 8 * 8, 21);

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tacit-transform-'));
    writeFileSync(path('images.npy'), encodeNpy([3, 3, 8, 8], pixels));
    writeFileSync(path('grey.npy'), encodeNpy([9, 8, 8], pixels));
    writeFileSync(path('doubles.npy'), encodeNpy([1, 3, 4, 4], new Float64Array(48)));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('makes a key, transforms, and takes back, in every kind', async () => {
    for (const kind of ['shf', 'np', 'ffx'] as const) {
      const [key, out, back] = ['key', 'out.npy', 'back.npy'].map((name) => path(`${kind}-${name}`));
      const shared = ['--key', key, '--kind', kind, '--block', '4'];
      expect(await transform(path('images.npy'), ...shared, '--new-key', '--json-key', '--out', out)).equal(
        '',
      );
      const { body } = await readKey(key, transformKey);
      const t = blockTransform({ kind, block: 4, key: body.secret });
      const made = read(`${kind}-out.npy`);
      expect(made.shape).deep.equal([3, 3, 8, 8]);
      expect(made.dtype).equal(kind === 'ffx' ? 'float32' : 'uint8');
      expect(made.data).deep.equal(t.transform({ shape: [3, 3, 8, 8], data: pixels }).data);
      if (process.platform !== 'win32') expect(statSync(key).mode & 0o777).equal(0o600);
      expect(await transform(out, ...shared, '--inverse', '--out', back)).equal('');
      expect(Uint8Array.from(read(`${kind}-back.npy`).data as Uint8Array)).deep.equal(pixels);
    }
  });

  it('takes greyscale images with a sealed key', async () => {
    process.env.TACIT_LOCK_PASSPHRASE = 'a passphrase of tests';
    try {
      const shared = ['--key', path('sealed.key'), '--kind', 'np', '--block', '8'];
      const [out, back] = [path('grey-out.npy'), path('grey-back.npy')];
      expect(await transform(path('grey.npy'), ...shared, '--new-key', '--out', out)).equal('');
      expect(read('grey-out.npy').data).not.deep.equal(pixels);
      expect(await transform(out, ...shared, '--inverse', '--out', back)).equal('');
      expect(read('grey-back.npy')).deep.include({ shape: [9, 8, 8], data: pixels });
    } finally {
      delete process.env.TACIT_LOCK_PASSPHRASE;
    }
  });

  it('takes images with channels last', async () => {
    writeFileSync(path('last.npy'), encodeNpy([3, 8, 8, 3], pixels));
    const shared = ['--key', path('shf-key'), '--kind', 'np', '--block', '8', '--layout', 'HWC'];
    expect(await transform(path('last.npy'), ...shared, '--out', path('last-out.npy'))).equal('');
    const { body } = await readKey(path('shf-key'), transformKey);
    const t = blockTransform({ kind: 'np', block: 8, key: body.secret });
    const { data } = t.transform({ shape: [3, 8, 8, 3], data: pixels, layout: 'HWC' });
    expect(read('last-out.npy').data).deep.equal(data);
  });

  it('writes nothing where something is wrong', async () => {
    const key = ['--key', path('shf-key'), '--kind', 'shf'];
    const out = ['--out', path('never.npy')];
    expect(await transform(path('images.npy'), '--key', path('none'), '--kind', 'shf', ...out)).match(
      /^ARGUMENT there is no key .*--new-key/,
    );
    expect(await transform(path('images.npy'), ...key, '--new-key', '--json-key', ...out)).match(
      /^LOCK_KEY_EXISTS/,
    );
    expect(await transform(path('images.npy'), ...key, '--new-key', '--inverse', ...out)).match(/^ARGUMENT/);
    expect(await transform(path('images.npy'), ...key, '--out', path('grey.npy'))).match(
      /^FILE_NOT_WRITABLE/,
    );
    expect(await transform(path('images.npy'), ...key, '--out', path('shf-key'))).match(/^ARGUMENT/);
    expect(await transform(path('grey.npy'), ...key, ...out)).match(/^TRANSFORM_WEAK/);
    expect(await transform(path('images.npy'), ...key, '--layout', 'HWC', ...out)).match(/^SHAPE/);
    expect(await transform(path('doubles.npy'), ...key, ...out)).match(
      /^ARGUMENT .*neither uint8 nor float32/,
    );
    expect(await transform(path('shf-key'), ...key, ...out)).match(/^ARGUMENT|^NPY/);
    expect(await transform(path('images.npy'), '--key', path('images.npy'), '--kind', 'np', ...out)).match(
      /^ARGUMENT/,
    );
    expect(
      await transform(path('ffx-out.npy'), '--key', path('shf-key'), '--kind', 'ffx', '--inverse', ...out),
    ).match(/^TRANSFORM_PIXELS/);
    const fresh = ['--key', path('fresh.key'), '--kind', 'shf', '--new-key', '--json-key'];
    expect(await transform(path('grey.npy'), ...fresh, ...out)).match(/^TRANSFORM_WEAK/);
    expect(existsSync(path('never.npy'))).equal(false);
    expect(existsSync(path('fresh.key'))).equal(false);
  });
});
