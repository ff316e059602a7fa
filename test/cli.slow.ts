/** What users get wrong on the command line, beside what the tests of the command itself cover. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeNpy } from '@tacit/launch';
import { expect } from 'chai';
import { run } from './helpers/run-script.js';

const bin = fileURLToPath(new URL('../packages/tacit/bin/tacit.mjs', import.meta.url));
const MODEL = fileURLToPath(new URL('../fixtures/mlp_50_20_2/model.onnx', import.meta.url));

describe('the command line, wrong', function () {
  this.timeout(30_000);
  let folder = '';
  const inputs: Record<string, Uint8Array> = {
    'ok.npy': encodeNpy([1, 50], new Float32Array(50).fill(0.5)),
    'infinite.npy': encodeNpy([1, 50], new Float32Array(50).fill(Number.NEGATIVE_INFINITY)),
    'large.npy': encodeNpy([1, 50], new Float64Array(50).fill(2 ** 47)),
    'none.npy': encodeNpy([0, 50], new Float32Array(0)),
    'scalar.npy': encodeNpy([], Float32Array.of(1)),
    'deep.npy': encodeNpy([1, 1, 50], new Float32Array(50)),
    'empty.npy': new Uint8Array(0),
    'empty.onnx': new Uint8Array(0),
    'old.npy': new TextEncoder().encode('what was here before'),
  };
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tacit-cli-'));
    for (const [name, bytes] of Object.entries(inputs)) writeFileSync(join(folder, name), bytes);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const cases: readonly [name: string, code: string, exit: number, args: readonly string[]][] = [
    ['an infinite value', 'VALUE_OUT_OF_RANGE', 1, [MODEL, 'infinite.npy', '--out', 'old.npy']],
    ['a value out of range', 'VALUE_OUT_OF_RANGE', 1, [MODEL, 'large.npy', '--out', 'old.npy']],
    ['no rows', 'INPUT_SHAPE', 1, [MODEL, 'none.npy', '--out', 'old.npy']],
    ['a scalar', 'INPUT_SHAPE', 1, [MODEL, 'scalar.npy', '--out', 'old.npy']],
    ['one axis too many', 'INPUT_SHAPE', 1, [MODEL, 'deep.npy', '--out', 'old.npy']],
    ['an empty input file', 'NPY_FORMAT', 1, [MODEL, 'empty.npy', '--out', 'old.npy']],
    ['an empty model file', 'MODEL_FORMAT', 1, ['empty.onnx', 'ok.npy', '--out', 'old.npy']],
    ['model and input swapped', 'MODEL_FORMAT', 1, ['ok.npy', 'ok.npy', '--out', 'old.npy']],
    [
      'a report nowhere',
      'FILE_NOT_WRITABLE',
      1,
      [MODEL, 'ok.npy', '--out', 'old.npy', '--report', 'no/r.json'],
    ],
    [
      'a report in place of the output',
      'LAUNCH_OPTIONS',
      2,
      [MODEL, 'ok.npy', '--out', 'r', '--report', './r'],
    ],
    ['an output in place of the input', 'LAUNCH_OPTIONS', 2, [MODEL, 'ok.npy', '--out', './ok.npy']],
    ['a folder as output', 'FILE_NOT_WRITABLE', 1, [MODEL, 'ok.npy', '--out', '.']],
    ['no time at all', 'USAGE', 2, [MODEL, 'ok.npy', '--out', 'old.npy', '--timeout', '0']],
    ['too little time', 'PARTY_NOT_REACHED', 1, [MODEL, 'ok.npy', '--out', 'old.npy', '--timeout', '0.005']],
    ['too many parties', 'LAUNCH_OPTIONS', 2, [MODEL, 'ok.npy', '--out', 'old.npy', '--parties', '100']],
    ['too many arguments', 'USAGE', 2, [MODEL, 'ok.npy', 'ok.npy', '--out', 'old.npy']],
  ];
  for (const [name, code, exit, args] of cases)
    it(`${name}: ${code}, and no file is touched`, async () => {
      const {
        code: exitCode,
        stdout,
        stderr,
      } = await run(process.execPath, [bin, 'predict', ...args], {
        cwd: folder,
      });
      expect(stderr).match(new RegExp(`^tacit: error \\[${code}\\]: `));
      expect(stderr).not.match(/\n {4}at /);
      expect(exitCode).equal(exit);
      expect(stdout).equal('');
      expect(readdirSync(folder).sort()).deep.equal(Object.keys(inputs).sort());
      for (const [file, bytes] of Object.entries(inputs))
        expect(readFileSync(join(folder, file)).equals(bytes), file).equal(true);
    });

  it('a command of commands without one of them shows which there are', async () => {
    const { code, stdout, stderr } = await run(process.execPath, [bin, 'he'], { cwd: folder });
    expect(stdout).equal('');
    expect(stderr)
      .match(/^Usage: tacit he .*compile/s)
      .and.not.include('error [');
    expect(code).equal(2);
  });
});
