/** The packed packages, installed by npm in an empty project, run the README's first program. */
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { keepsPromise, promisedLines, root, run, runTsx } from './helpers/run-script.js';

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** The same computation as a page does it: no threads, and one bundle without imports. */
const PAGE = `
import { Communicator, createThreadGroup, threadTransport } from '@tacit/comm';
import { additive, defaultConfig, openSession, serveDealer } from '@tacit/mpc';
import { Ring } from '@tacit/ring';
import { Party } from '@tacit/tensor';

const comms = createThreadGroup(3).map((end) => new Communicator(threadTransport(end), { timeoutMs: 10000 }));
const dealer = serveDealer(comms[2], await Ring.load(), 2, defaultConfig);
const [y] = await Promise.all([0, 1].map(async (rank) => {
  const ring = await Ring.load();
  const engine = await openSession({ comm: comms[rank], ring, suite: additive(), config: defaultConfig });
  const party = new Party(engine);
  const x = party.cryptensor([1, -2, 3], { src: 0 });
  const w = party.cryptensor([0.5, 2, 4], { src: 1 });
  const y = await x.mul(w).relu().getPlainText();
  await engine.finish();
  return y;
}));
(await dealer).stop();
console.log(y.data);
await Promise.all(comms.map((comm) => comm.close()));
`;

const VITE_CONFIG = `
export default {
  build: {
    target: 'es2022', modulePreload: false, minify: false,
    lib: { entry: 'page.mjs', formats: ['es'], fileName: 'page' },
  },
};
`;

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

  it('become one file for browsers by Vite', async () => {
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
    const installed = await run(npm, ['install', ...flags, 'vite@7'], { cwd: project });
    expect(installed.code, installed.stderr).equal(0);
    writeFileSync(join(project, 'page.mjs'), PAGE);
    writeFileSync(join(project, 'vite.config.mjs'), VITE_CONFIG);
    const vite = join(project, 'node_modules/vite/bin/vite.js');
    const built = await run(process.execPath, [vite, 'build'], { cwd: project });
    expect(built.code, built.stderr).equal(0);
    expect(built.stderr).not.match(/externalized|warn/i);
    const bundle = readFileSync(join(project, 'dist/page.js'), 'utf8');
    expect(bundle.match(/^import\b.*/m)?.[0]).equal(undefined);
    const { code, stdout, stderr } = await run(process.execPath, ['dist/page.js'], { cwd: project });
    expect(code, stderr).equal(0);
    expect(stdout.trim()).equal('Float32Array(3) [ 0.5, 0, 12 ]');
  });
});
