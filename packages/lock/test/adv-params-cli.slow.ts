/** `tacit lock adv-params` and `tacit unlock adv-params`: files, options, errors, and that nothing is left half-written. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeNpy } from '@tacit/files';
import { expect } from 'chai';
import { parse } from 'parse5';
import { inspectKey } from '../src/index.js';
import { classifier } from './helpers/classifiers.js';
import { run } from './helpers/run-command.js';

/** A .npy file of bytes. */
function bytesNpy(shape: readonly number[], bytes: Uint8Array): Uint8Array {
  const floats = encodeNpy(shape, new Float32Array(bytes.length));
  const header = Buffer.from(floats.buffer, 0, floats.length - 4 * bytes.length)
    .toString('latin1')
    .replace('<f4', '|u1');
  return Buffer.concat([Buffer.from(header, 'latin1'), bytes]);
}

const COUNT = 60;
const CLASSES = 3;

describe('the commands adv-params', function () {
  this.timeout(300_000);
  let folder: string;
  let before: string;
  const at = (name: string): string => join(folder, name);
  const lock = (...more: string[]) =>
    run(
      'lock',
      'adv-params',
      at('images.npy'),
      at('labels.npy'),
      at('model.onnx'),
      '--output-model',
      at('locked.onnx'),
      '--output-key',
      at('key'),
      ...more,
    );
  const unlock = (...more: string[]) =>
    run('unlock', 'adv-params', at('key'), at('out.onnx'), at('locked.onnx'), ...more);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tacit-adv-params-'));
    before = process.cwd();
    // Each image is bright at the place of its class.
    const pixels = Uint8Array.from({ length: COUNT * CLASSES }, (_, i) =>
      i % CLASSES === Math.floor(i / CLASSES) % CLASSES ? 255 : (37 * i) % 80,
    );
    const labels = Float32Array.from({ length: COUNT }, (_, i) => i % CLASSES);
    writeFileSync(at('images.npy'), bytesNpy([COUNT, CLASSES], pixels));
    writeFileSync(at('labels.npy'), encodeNpy([COUNT], labels));
    writeFileSync(
      at('floats.npy'),
      encodeNpy(
        [COUNT, CLASSES],
        Float32Array.from(pixels, (v) => v / 255),
      ),
    );
    const weight = (name: string, i: number) =>
      name.startsWith('w') && i % 4 === 0 ? 3 : 0.05 * Math.sin(i);
    writeFileSync(at('model.onnx'), classifier({ type: 'float', inputs: 3, hidden: 3, classes: 3, weight }));
  });
  afterEach(() => {
    process.chdir(before);
    delete process.env.TACIT_LOCK_PASSPHRASE;
    rmSync(folder, { recursive: true });
  });
  const files = () => readdirSync(folder).sort();
  const GIVEN = ['floats.npy', 'images.npy', 'labels.npy', 'model.onnx'];

  it('lock with a sealed key and give the same file back', async () => {
    process.env.TACIT_LOCK_PASSPHRASE = 'correct horse';
    const { error, stdout, stderr } = await lock('--threads', '1');
    expect(error).equal('');
    expect(stderr).include('images: 60 of [3], uint8, divided by 255 (another number: --scale)');
    expect(stdout).match(/accuracy +100\.0 % before, \d+\.\d % after \(60 images\)/);
    expect(stdout)
      .match(/changed +\d+ of 24 weights/)
      .and.match(/w1 +\[3, 3\] +9/);
    expect(statSync(at('key')).mode & 0o777).equal(0o600);
    expect(inspectKey(readFileSync(at('key')))).deep.include({ kind: 'adv-params', sealed: true });
    expect((await unlock()).error).equal('');
    expect(readFileSync(at('out.onnx'))).deep.equal(readFileSync(at('model.onnx')));
    expect((await unlock()).error).match(/^FILE_NOT_WRITABLE .*--force/);
    process.env.TACIT_LOCK_PASSPHRASE = 'wrong horse';
    expect((await unlock('--force')).error).match(/^LOCK_KEY_PASSPHRASE/);
    expect((await lock()).error).match(/^FILE_NOT_WRITABLE|^LOCK_KEY_EXISTS/);
  });

  it('attack a file that was locked before, with its key, as the lock does, and write nothing', async () => {
    process.chdir(folder);
    const inputs = ['images.npy', 'labels.npy'];
    const how = ['--threads', '0', '-b', '16'];
    expect((await run('lock', 'adv-params', ...inputs, 'model.onnx', '--json-key', ...how)).error).equal('');
    const attack = (...more: string[]) =>
      run('lock', 'attack', 'decryption_key.tacit', 'encrypted_model.onnx', ...inputs, ...how, ...more);
    const there = files();
    const { error, stdout } = await attack();
    expect(error).equal('');
    expect(stdout)
      .match(/search +2\^\d+ sets/)
      .and.match(/fine-tune +6 images/)
      .and.match(/prune +/)
      .and.include('refused');
    const found = JSON.parse((await attack('--attack', 'prune', '--json', '--quiet')).stdout);
    expect(Object.keys(found)).deep.equal(['space', 'prune']);
    expect(found.prune[0].clean).equal(1);
    expect((await attack('--attack', 'luck')).error).match(/must be some of/);
    expect((await attack('--eval-images', 'floats.npy')).error).match(/belong together/);
    const other = await run('lock', 'attack', 'decryption_key.tacit', 'model.onnx', ...inputs);
    expect(other.error).match(/^LOCK_KEY_MODEL/);
    expect(files()).deep.equal(there);
  });

  it('write an open key, a page and what attacks came to, and take the names of files from defaults', async () => {
    process.chdir(folder);
    const { error, stdout, stderr } = await run(
      'lock',
      'adv-params',
      'images.npy',
      'labels.npy',
      'model.onnx',
      '--json-key',
      '--threads',
      '0',
      '--report',
      'lock.html',
      '--attack',
      'fine-tune,prune,wrong-key',
      '--eval-images',
      'floats.npy',
      '--eval-labels',
      'labels.npy',
      '-l',
      '4',
      '-p',
      '6',
      '-d',
      '0.05',
      '-s',
      '0.2',
      '-b',
      '16',
    );
    expect(error).equal('');
    expect(stderr).include('is open');
    expect(stdout)
      .include('60 other images')
      .and.match(/fine-tune +6 images/)
      .and.match(/prune +/)
      .and.include('refused');
    const key = JSON.parse(readFileSync(at('decryption_key.tacit'), 'utf8'));
    expect(key).include({ kind: 'adv-params', format: 'tacit-lock-key' });
    const html = readFileSync(at('lock.html'), 'utf8');
    const errors: string[] = [];
    parse(html, { onParseError: ({ code }) => errors.push(code) });
    expect(errors).deep.equal([]);
    for (const part of [
      'Accuracy against changed weights',
      'Weights of w',
      'Kolmogorov-Smirnov',
      'Pruning',
      'Fine-tuning',
      'default-src &#39;none&#39;',
    ])
      expect(html).include(part);
    const { error: none } = await run(
      'unlock',
      'adv-params',
      'decryption_key.tacit',
      'model2.onnx',
      'encrypted_model.onnx',
    );
    expect(none).equal('');
    expect(readFileSync(at('model2.onnx'))).deep.equal(readFileSync(at('model.onnx')));
  });

  it('take the options of the public implementation: -m alone is 5, another number as given', async () => {
    const five = await lock('--json-key', '--threads', '1', '-m');
    expect(five.error).equal('');
    expect(
      (await lock('--json-key', '--force', '--rule', 'seed', '--accept-weaker', '--loss-multiple', '1.5'))
        .error,
    ).equal('');
    expect((await unlock()).error).equal('');
  });

  it('write nothing where anything is wrong', async () => {
    const refused = async (code: RegExp, ...more: string[]) => {
      const { error } = await lock(...more);
      expect(error, more.join(' ')).match(code);
      expect(files(), more.join(' ')).deep.equal(GIVEN);
    };
    await refused(/^LOCK_KEY_PASSPHRASE .*--json-key/);
    await refused(/^LOCK_WEAK .*max-params/, '--json-key', '-p', '1', '-l', '1', '-s', '0.01');
    await refused(/^USAGE .*whole number above 0/, '-p', '0');
    await refused(/^USAGE .*paper, seed/, '--rule', 'other');
    await refused(/^USAGE .*fine-tune, prune, wrong-key/, '--attack', 'all');
    await refused(/^ARGUMENT boundaryDistance is 0.7/, '--json-key', '-d', '0.7');
    await refused(/^ARGUMENT --eval-images/, '--json-key', '--eval-images', at('images.npy'));
    await refused(/^FILE_NOT_WRITABLE .*folder does not exist/, '--json-key', '--report', at('no/lock.html'));
    await refused(/^ARGUMENT .*would replace/, '--json-key', '--report', at('images.npy'));
    await refused(/^ARGUMENT .*not different/, '--json-key', '--output-key', at('locked.onnx'));
    await refused(/^ARGUMENT .*not different/, '--json-key', '--output-model', at('model.onnx'), '--force');
    const labels = readFileSync(at('labels.npy'));
    writeFileSync(at('labels.npy'), encodeNpy([COUNT], new Float32Array(COUNT).fill(3)));
    await refused(/^ARGUMENT label 0 is 3, but the model tells 3 classes apart: 0 to 2/, '--json-key');
    writeFileSync(at('labels.npy'), labels.subarray(0, 100));
    await refused(/^NPY_FORMAT .*labels\.npy/, '--json-key');
    writeFileSync(at('labels.npy'), labels);
    writeFileSync(at('images.npy'), encodeNpy([COUNT, 2, 2], new Float32Array(4 * COUNT)));
    await refused(/^INPUT_SHAPE .*\[n, 3\], given \[60, 2, 2\]/, '--json-key');
    writeFileSync(at('model.onnx'), readFileSync(at('model.onnx')).subarray(0, 200));
    await refused(/^MODEL_FORMAT/, '--json-key');
  });

  it('leave nothing behind at Ctrl-C', async () => {
    // The runner of the tests listens too, and is not meant.
    const others = process.listeners('SIGINT');
    const listening = () => process.listeners('SIGINT').filter((listener) => !others.includes(listener));
    let over = false;
    const ended = lock('--json-key', '--threads', '0', '-s', '0.001', '--stop-accuracy', '0').finally(() => {
      over = true;
    });
    // The command listens from when its work begins.
    while (!over && listening().length === 0) await new Promise(setImmediate);
    for (const listener of listening()) listener('SIGINT');
    expect((await ended).error).equal('LOCK_CANCELLED stopped by SIGINT; nothing was written');
    expect(files()).deep.equal(GIVEN);
  });
});
