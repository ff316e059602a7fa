/**
 * Unmodified @huggingface/transformers: the same program says the same on models in the clear and on stubs, in Node.js and in
 * Chromium. The package is installed for this test only (474 MB).
 */
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '@tacit/testing/processes';
import { expect } from 'chai';
import { build } from 'esbuild';
import { CHROMIUM, type Visit, visit } from './helpers/chromium.js';
import { infoOf, serve } from './helpers/clients.js';
import { decodeTensors, encodeTensors } from './helpers/json-tensors.js';
import { program, type Report } from './helpers/pipelines-program.js';
import { COLOURS, colours, MOODS, moods, writeModels } from './helpers/transformers-models.js';

const VERSION = '4.3.1';
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const root = fileURLToPath(new URL('../../..', import.meta.url));
const helper = (name: string) => fileURLToPath(new URL(`helpers/${name}`, import.meta.url));

describe('unmodified transformers.js', function () {
  this.timeout(10 * 60_000);
  let folder = '';
  let clear: Report;
  const at = (...names: string[]) => join(folder, ...names);

  before(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'tacit-transformers-')));
    writeFileSync(at('package.json'), '{ "private": true, "type": "module" }\n');
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund'];
    const installed = await run(npm, ['install', ...flags, `@huggingface/transformers@${VERSION}`], {
      cwd: folder,
    });
    expect(installed.code, installed.stderr).equal(0);
    writeModels(at('models'), 'models');
    writeModels(at('stubs'), 'stubs');
    clear = await inNode('models', []);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function inNode(models: string, flags: readonly string[]): Promise<Report> {
    writeFileSync(at(`${models}.mjs`), program(at(models, '/'), 'console.log'));
    const { code, stdout, stderr } = await run(process.execPath, [...flags, at(`${models}.mjs`)], {
      cwd: root,
    });
    expect(code, stderr).equal(0);
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  }

  /** Labels in the same order, scores within 0.01. */
  function same(made: Report, expected: Report): void {
    for (const what of ['images', 'texts'] as const) {
      const [mine, theirs] = [made, expected].map((report) => report[what].flat());
      expect(mine.map(({ label }) => label)).deep.equal(theirs.map(({ label }) => label));
      theirs.forEach(({ score }, i) => {
        expect(mine[i].score).closeTo(score, 0.01);
      });
    }
    expected.beside.forEach(([dims, data], i) => {
      expect(made.beside[i][0]).deep.equal(dims);
      data.forEach((v, j) => {
        expect(made.beside[i][1][j], `${i}: ${j}`).closeTo(v, 1e-4);
      });
    });
  }

  it('tells the models apart in the clear: all labels come up', () => {
    expect(clear.images.map(([best]) => best.label)).deep.equal(['red', 'green', 'blue', 'dark']);
    const labels = clear.texts.flat().map(({ label }) => label);
    expect(labels).deep.equal(['POSITIVE', 'NEGATIVE', 'POSITIVE', 'NEGATIVE', 'POSITIVE']);
  });

  it('says the same on stubs in Node.js', async () => {
    const flags = [
      '--conditions',
      '@tacit/source',
      '--import',
      'tsx',
      '--import',
      helper('install-private.ts'),
    ];
    same(await inNode('stubs', flags), clear);
  });

  /** Where ONNX Runtime is, which would come from another site. */
  const settings = `Object.assign(env.backends.onnx.wasm, { numThreads: 1, wasmPaths: {
    mjs: '/ort/ort-wasm-simd-threaded.asyncify.mjs', wasm: '/ort/ort-wasm-simd-threaded.asyncify.wasm' } });`;

  /** The program in a page, with these aliases. */
  async function inChromium(models: 'models' | 'stubs', alias: Record<string, string>): Promise<Visit> {
    const post = (path: string) => `(text) => fetch('${path}', { method: 'POST', body: text })`;
    const text = program('/models/', post('/result'), models === 'models' ? settings : '');
    const { outputFiles } = await build({
      stdin: { contents: text, resolveDir: folder },
      bundle: true,
      write: false,
      platform: 'browser',
      format: 'esm',
      conditions: ['@tacit/source'],
      alias,
      logLevel: 'silent',
    });
    const failed = `addEventListener('error', (e) => (${post('/failed')})(e.message));
      addEventListener('unhandledrejection', (e) => (${post('/failed')})(String(e.reason?.stack ?? e.reason)));`;
    const page = `<!doctype html><meta charset="utf-8"><script>${failed}</script><script type="module" src="/page.js"></script>`;
    const served = serve({ [COLOURS]: colours(), [MOODS]: moods() }, 'private');
    const opened = new Map<string, Awaited<ReturnType<typeof served.connect>>>();
    const site = {
      get(path: string) {
        if (path === '/') return page;
        if (path === '/page.js') return outputFiles[0].contents;
        const [, top, ...rest] = path.split('/');
        const base = top === 'ort' ? at('node_modules', 'onnxruntime-web', 'dist') : at(models);
        const file = join(base, ...rest);
        return (top === 'ort' || top === 'models') && existsSync(file) ? readFileSync(file) : undefined;
      },
      async post(path: string, body: string) {
        if (path === '/open') {
          opened.set(body, await served.connect(body));
          return JSON.stringify(infoOf(body === COLOURS ? colours() : moods()));
        }
        if (path === '/close') return '';
        const { invite, feeds } = JSON.parse(body);
        return encodeTensors(await opened.get(invite)?.run(decodeTensors(feeds)));
      },
    };
    return visit(site, mkdtempSync(at('profile-')));
  }

  it('says the same on stubs in Chromium, by an alias and without ONNX Runtime', async function () {
    if (CHROMIUM === undefined) return this.skip();
    const inPage = await inChromium('models', {});
    const expected: Report = JSON.parse(inPage.result);
    same(expected, clear);
    const { result, files } = await inChromium('stubs', {
      'onnxruntime-web/webgpu': helper('page-client.ts'),
    });
    same(JSON.parse(result), expected);
    const models = [...files].filter(([path]) => path.endsWith('.onnx'));
    expect(models.map(([path]) => path)).deep.equal([
      '/models/colours/onnx/model.onnx',
      '/models/moods/onnx/model.onnx',
    ]);
    for (const [, size] of models) expect(size).lessThan(1000);
    expect([...files.keys()].filter((path) => path.startsWith('/ort/'))).deep.equal([]);
    expect([...inPage.files.keys()].some((path) => path.endsWith('.wasm'))).equal(true);
  });
});
