// Bundles the page that the service shows (src/browser) into page/app.js. Runs after the TypeScript build.
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const entry = join(root, 'src/browser/page.ts');
const target = join(root, 'page/app.js');

const newest = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);
const inputs = [
  'dist/.tsbuildinfo',
  '../he/dist/.tsbuildinfo',
  '../rlwe/dist/.tsbuildinfo',
  'scripts/build-page.mjs',
].map((path) => join(root, path));
if (inputs.some((path) => newest(path) > newest(target))) {
  await build({
    entryPoints: [entry],
    outfile: target,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    legalComments: 'eof',
    logLevel: 'warning',
  });
  process.stdout.write(`page: ${Math.round(statSync(target).size / 1000)} kB\n`);
}
