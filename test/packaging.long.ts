/** The packed packages, installed by npm in an empty project, run the README's first program. */
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { keepsPromise, promisedLines, root, run, runTsx } from './helpers/run-script.js';

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

describe('packages that npm installs', function () {
  this.timeout(10 * 60_000);
  let project: string;

  before(async () => {
    project = realpathSync(mkdtempSync(join(tmpdir(), 'tacit-installed-')));
    writeFileSync(
      join(project, 'package.json'),
      '{ "name": "outside", "private": true, "type": "module" }\n',
    );
    const names = readdirSync(join(root, 'packages'))
      .map((name) => JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')))
      .filter((manifest) => !manifest.private)
      .map((manifest) => manifest.name as string);
    const workspaces = names.flatMap((name) => ['--workspace', name]);
    const packed = await run(npm, ['pack', '--ignore-scripts', '--pack-destination', project, ...workspaces]);
    expect(packed.code, packed.stderr).equal(0);
    const tarballs = readdirSync(project).filter((name) => name.endsWith('.tgz'));
    expect(tarballs).have.length(names.length);
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
    const files = tarballs.map((name) => `./${name}`);
    const installed = await run(npm, ['install', ...flags, ...files], { cwd: project });
    expect(installed.code, installed.stderr).equal(0);
  });
  after(() => rmSync(project, { recursive: true, force: true }));

  it("run the README's first program", async () => {
    const [, program] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
    const file = join(project, 'program.ts');
    writeFileSync(file, program);
    const { code, stdout, stderr } = await runTsx(file, { cwd: project });
    expect(code, stderr).equal(0);
    const promised = promisedLines(program);
    expect(promised.length).above(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.length, stdout).equal(promised.length);
    promised.forEach((promise, i) => {
      expect(keepsPromise(lines[i], promise), `${lines[i]} for ${promise}`).equal(true);
    });
  });
});
