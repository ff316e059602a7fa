/** The same key gives the same images here, in another process, in a page without anything of Node.js, and in Chromium. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { createContext, Script } from 'node:vm';
import { expect } from 'chai';
import { build } from 'esbuild';

const run = promisify(execFile);

/** Transforms images of all kinds, and sums up what came out in a text. */
const PROGRAM = `
  import { blockTransform, decoys, keySpaceBits, withTransform } from './src/transforms/index.ts';
  const key = Uint8Array.from({ length: 32 }, (_, i) => 7 * i + 1);
  const shape = [2, 3, 16, 24];
  const data = Uint8Array.from({ length: 2 * 3 * 16 * 24 }, (_, i) => (i * i + 3 * i) % 251);
  const lines = [];
  for (const kind of ['shf', 'np', 'ffx'])
    for (const block of [2, 4, 8])
      for (const pixels of [data, Float32Array.from(data, (p) => p / 255)]) {
        const made = blockTransform({ kind, block, key, weak: true }).transform({ shape, data: pixels });
        let hash = 2166136261;
        for (const byte of new Uint8Array(made.data.buffer)) hash = Math.imul(hash ^ byte, 16777619) >>> 0;
        lines.push([kind, block, made.data.constructor.name, hash].join(' '));
      }
  globalThis.answer = lines.join('\\n');
`;

const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome'].find((name) => {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

describe('the same key', function () {
  this.timeout(60_000);
  let folder = '';
  let script = '';
  let here = '';

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tacit-transforms-'));
    const { outputFiles } = await build({
      stdin: {
        contents: PROGRAM,
        resolveDir: fileURLToPath(new URL('../..', import.meta.url)),
        loader: 'ts',
      },
      bundle: true,
      write: false,
      platform: 'browser',
      format: 'iife',
      conditions: ['@tacit/source'],
      logLevel: 'silent',
    });
    script = outputFiles[0].text;
    new Script(script).runInThisContext();
    const global = globalThis as { answer?: string };
    here = global.answer ?? '';
    delete global.answer;
    expect(here.split('\n')).length(18);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('gives the same images in another process', async () => {
    const file = join(folder, 'program.mjs');
    writeFileSync(file, `${script}\nconsole.log(globalThis.answer);`);
    const { stdout } = await run(process.execPath, [file]);
    expect(stdout.trim()).equal(here);
  });

  it('gives the same images in a page, with nothing of Node.js', () => {
    const page = createContext({ TextEncoder, TextDecoder, window: {}, document: {} });
    new Script(script).runInContext(page);
    expect(page.answer).equal(here);
  });

  it('gives the same images in Chromium, where there is one', async function () {
    if (CHROMIUM === undefined) return this.skip();
    const file = join(folder, 'page.html');
    const body = `<pre></pre><script>${script.replaceAll('</script', '<\\/script')}</script>`;
    const show = `<script>document.querySelector('pre').textContent = globalThis.answer;</script>`;
    writeFileSync(file, `<!doctype html><meta charset="utf-8">${body}${show}`);
    const flags = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      `--user-data-dir=${join(folder, 'profile')}`,
    ];
    const { stdout } = await run(CHROMIUM, [...flags, '--dump-dom', pathToFileURL(file).href]);
    expect(/<pre>([^<]*)<\/pre>/.exec(stdout)?.[1]).equal(here);
  });
});
