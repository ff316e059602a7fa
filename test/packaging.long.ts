/** The packed packages, installed by npm in an empty project, run the README's first program. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { startTrial } from '@tacit/service';
import { expect } from 'chai';
import { chromiumPath, startChromium } from './browser/chromium.js';
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

/** A page that asks a model, as docs/browser.md says it for Vite. */
const TAB = `
import { connect } from 'tacit/client';

const invite = new URLSearchParams(location.search).get('invite');
const model = await connect(invite, { trial: true });
const { output } = await model.run({ input: [0.5, -1, 2, 0.25] });
document.title = JSON.stringify(Array.from(output.data, (value) => Number(value.toFixed(3))));
await model.close();
`;
const TAB_CONFIG = `
export default { server: { host: '127.0.0.1' }, optimizeDeps: { exclude: ['tacit', '@tacit/service'] } };
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

  (chromiumPath === undefined ? it.skip : it)(
    'ask from a tab, by Vite: its dev server and its build',
    async () => {
      const tab = join(project, 'tab');
      mkdirSync(tab);
      writeFileSync(join(tab, 'index.html'), '<!doctype html><script type="module" src="/tab.js"></script>');
      writeFileSync(join(tab, 'tab.js'), TAB);
      writeFileSync(join(tab, 'vite.config.mjs'), TAB_CONFIG);
      const file = join(root, 'fixtures/linear_4_2/model.onnx');
      const service = await startTrial({ models: [{ name: 'linear', file }], spares: 1 });
      const browser = await startChromium();
      const vite = join(project, 'node_modules/vite/bin/vite.js');
      const built = await run(process.execPath, [vite, 'build', '--target', 'es2022'], { cwd: tab });
      expect(built.code, built.stderr).equal(0);
      try {
        for (const command of ['dev', 'preview']) {
          const server = spawn(process.execPath, [vite, command, '--port', '0'], { cwd: tab, stdio: 'pipe' });
          const ended = once(server, 'exit');
          const address = await new Promise<string>((done) => {
            let printed = '';
            server.stdout.setEncoding('utf8').on('data', (text: string) => {
              printed += stripVTControlCharacters(text);
              const [found] = /http:\/\/127[.\d]+:\d+\//.exec(printed) ?? [];
              if (found) done(found);
            });
          });
          const page = await browser.newPage();
          const complaints: string[] = [];
          page.on('pageerror', (error) => complaints.push(String(error)));
          const invite = await service.invite({ model: 'linear' });
          await page.goto(`${address}?invite=${encodeURIComponent(invite)}`);
          while (!(await page.title()).startsWith('[') && complaints.length === 0)
            await new Promise((resolve) => setTimeout(resolve, 100));
          expect(complaints, command).deep.equal([]);
          expect(JSON.parse(await page.title())).have.length(2);
          await page.close();
          server.kill();
          await ended;
        }
      } finally {
        await browser.close();
        await service.close();
      }
    },
  );
});
