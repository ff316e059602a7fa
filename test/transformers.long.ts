/**
 * Unmodified @huggingface/transformers: the same program says the same on models in the clear and on stubs of models that are
 * served, in Node.js and in Chromium. The package is installed for this test only (474 MB).
 */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Service, startTrial } from '@tacit/service';
import { expect } from 'chai';
import { build } from 'esbuild';
import { CHROMIUM, type Visit, visit } from '../packages/ort/test/helpers/chromium.js';
import { program, type Report } from '../packages/ort/test/helpers/pipelines-program.js';
import { writeModels } from '../packages/ort/test/helpers/transformers-models.js';
import { root, run } from './helpers/run-script.js';

const VERSION = '4.3.1';
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

describe('unmodified transformers.js', function () {
  this.timeout(10 * 60_000);
  let folder = '';
  let clear: Report;
  let service: Service | undefined;
  let moodsInvite = '';
  const at = (...names: string[]) => join(folder, ...names);

  before(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'tacit-transformers-')));
    writeFileSync(at('package.json'), '{ "private": true, "type": "module" }\n');
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund'];
    const wanted = `@huggingface/transformers@${VERSION}`;
    const installed = await run(npm, ['install', ...flags, wanted], { cwd: folder });
    expect(installed.code, installed.stderr).equal(0);
    writeModels(at('models'), 'models');
    clear = await inNode('models');
    const names = ['colours', 'moods'];
    service = await startTrial({
      models: names.map((name) => ({ name, file: at('models', name, 'onnx', 'model.onnx') })),
      spares: 1,
    });
    moodsInvite = await service.invite({ model: 'moods' });
    // In Node.js one stub has its invite in it, the other one gets it from the program's environment.
    const colours = await service.invite({ model: 'colours' });
    writeModels(at('stubs'), 'stubs', { colours, moods: '' });
    writeModels(at('invited'), 'stubs', { colours, moods: moodsInvite });
  });
  after(async () => {
    await service?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function inNode(models: string, flags: readonly string[] = [], env = {}): Promise<Report> {
    writeFileSync(at(`${models}.mjs`), program(at(models, '/'), 'console.log'));
    const options = { env: { ...process.env, ...env } };
    const { code, stdout, stderr } = await run(process.execPath, [...flags, at(`${models}.mjs`)], options);
    expect(code, stderr).equal(0);
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  }

  /** Labels in the same order, scores within 0.01; the same of what is computed beside the models. */
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
    const env = { TACIT_INVITE: moodsInvite, TACIT_TRIAL: '1' };
    same(await inNode('stubs', ['--import', '@tacit/ort/global'], env), clear);
  });

  it('is what the example shows', async () => {
    const example = join(root, 'examples/transformers-js');
    // The packages of this project beside transformers.js, as npm would put them.
    symlinkSync(join(root, 'node_modules/@tacit'), at('node_modules/@tacit'), 'junction');
    cpSync(example, at('example'), { recursive: true });
    const { code, stdout, stderr } = await run(process.execPath, ['main.mjs'], { cwd: at('example') });
    expect(code, stderr).equal(0);
    const [, promised] =
      /```text\n([\s\S]*?)```/.exec(readFileSync(join(example, 'README.md'), 'utf8')) ?? [];
    expect(stdout).equal(promised);
  });

  /** Where ONNX Runtime is, which would come from another site. */
  const settings = `Object.assign(env.backends.onnx.wasm, { numThreads: 1, wasmPaths: {
    mjs: '/ort/ort-wasm-simd-threaded.asyncify.mjs', wasm: '/ort/ort-wasm-simd-threaded.asyncify.wasm' } });`;

  /** What takes the place of ONNX Runtime: @tacit/ort/web, which takes no services for trying out. */
  const PRIVATE = `
    import { createRuntime } from '@tacit/ort';
    import { connect } from '@tacit/service/client';
    const runtime = createRuntime({ connect: (invite, options) => connect(invite, { ...options, trial: true }) });
    export const { InferenceSession, Tensor, env } = runtime;
    export default runtime;
  `;

  /** The program in a page. */
  async function inChromium(models: 'models' | 'invited'): Promise<Visit> {
    const post = (path: string) => `(text) => fetch('${path}', { method: 'POST', body: text })`;
    const text = program('/models/', post('/result'), models === 'models' ? settings : '');
    writeFileSync(at('private.mjs'), PRIVATE);
    const bundle = await build({
      stdin: { contents: text, resolveDir: folder },
      bundle: true,
      write: false,
      platform: 'browser',
      format: 'esm',
      alias: models === 'models' ? {} : { 'onnxruntime-web/webgpu': at('private.mjs') },
      nodePaths: [join(root, 'node_modules')],
      logLevel: 'silent',
    });
    const failed = `const failed = ${post('/failed')};
      addEventListener('error', (event) => failed(event.message));
      addEventListener('unhandledrejection', ({ reason }) => failed(String(reason?.stack ?? reason)));`;
    const page = `<!doctype html><meta charset="utf-8"><script>${failed}</script><script type="module" src="/page.js"></script>`;
    const folders: Readonly<Record<string, string>> = {
      ort: at('node_modules', 'onnxruntime-web', 'dist'),
      models: at(models),
      worker: join(root, 'packages', 'service', 'worker'),
    };
    const site = (path: string) => {
      if (path === '/') return page;
      if (path === '/page.js') return bundle.outputFiles?.[0]?.contents;
      const [, top, ...rest] = path.split('/');
      const file = Object.hasOwn(folders, top) ? join(folders[top], ...rest) : undefined;
      return file !== undefined && existsSync(file) ? readFileSync(file) : undefined;
    };
    return visit(site, mkdtempSync(at('profile-')));
  }

  it('says the same on stubs in Chromium, by an alias and without ONNX Runtime', async function () {
    if (CHROMIUM === undefined) return this.skip();
    const inPage = await inChromium('models');
    const expected: Report = JSON.parse(inPage.result);
    same(expected, clear);
    const { result, files } = await inChromium('invited');
    same(JSON.parse(result), expected);
    const models = [...files].filter(([path]) => path.endsWith('.onnx'));
    expect(models.map(([path]) => path)).have.members([
      '/models/colours/onnx/model.onnx',
      '/models/moods/onnx/model.onnx',
    ]);
    for (const [, size] of models) expect(size).lessThan(1500);
    expect([...files.keys()].filter((path) => path.startsWith('/ort/'))).deep.equal([]);
    expect([...inPage.files.keys()].some((path) => path.endsWith('.wasm'))).equal(true);
  });
});
