import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeNpy } from '@tacit/files';
import { expect } from 'chai';
import { Command } from 'commander';
import { addTest } from '../../src/cli/test-command.js';
import { numbers } from '../layers/helpers.js';
import { tinyModel } from '../layers/tiny-model.js';

describe('tacit he test', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tacit-he-test-'));
    writeFileSync(join(folder, 'model.onnx'), tinyModel());
    writeFileSync(join(folder, 'input.npy'), encodeNpy([2, 1, 4, 4], numbers(32).map(Math.abs)));
  });
  after(() => rmSync(folder, { recursive: true }));

  async function run(...options: string[]): Promise<string> {
    const program = new Command().exitOverride();
    addTest(program);
    const written: string[] = [];
    const original = process.stdout.write;
    process.stdout.write = ((text: string) => written.push(text) > 0) as typeof process.stdout.write;
    try {
      const files = [join(folder, 'model.onnx'), join(folder, 'input.npy')];
      await program.parseAsync(['test', ...files, ...options], { from: 'user' });
    } finally {
      process.stdout.write = original;
    }
    return written.join('');
  }

  it("tests the sets of a file, and writes PyCrCNN's results", async () => {
    const sets = join(folder, 'sets.json');
    const results = join(folder, 'results.json');
    writeFileSync(sets, JSON.stringify({ encryption_parameters: [{ m: 4096, p: 500000, fracDigits: 10 }] }));
    const text = await run('--parameters', sets, '--images', '1', '--json', results);
    expect(text).to.include('BFV, ring degree 4096').and.include('square0');
    const [[parameters, totals, layers]] = JSON.parse(readFileSync(results, 'utf8'));
    expect(parameters).to.deep.equal({ m: 4096, p: 500000, fracDigits: 10 });
    expect(totals.final_max_error).to.be.below(0.1);
    expect(layers).to.have.length(5);
  });

  it('fails when a set does', async () => {
    const sets = join(folder, 'bad.json');
    writeFileSync(sets, JSON.stringify({ encryption_parameters: [{ m: 4096, p: 2 ** 33 }] }));
    const text = await run('--parameters', sets);
    expect(text).to.include('FAILED (HE_NOISE): Layer square0');
    expect(process.exitCode).to.equal(1);
    process.exitCode = undefined;
  });

  it('says what is wrong with its arguments', async () => {
    const refused = async (...options: string[]) => run(...options).catch((error: Error) => error.message);
    expect(await refused()).to.include('give either --parameters FILE.json or --suggest');
    const broken = join(folder, 'broken.json');
    writeFileSync(broken, '{');
    expect(await refused('--parameters', broken)).to.include('is no JSON');
  });
});
