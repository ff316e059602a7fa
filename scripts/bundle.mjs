// node scripts/bundle.mjs: joins the modules of each package to one file an entry point (and chunks that entry points
// share), from the sources. A party loads 27 files instead of 173 and starts in little more than half of the time. Other
// packages stay imports, so each exists once however it is imported. Types are tsc's.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import * as esbuild from 'esbuild';

/** Entry points besides those that package.json exports. */
const MORE_ENTRIES = {
  daemon: ['sessions/worker-main'],
  floats: ['threads/worker-main'],
  'he-service': ['worker-pool/worker-main', 'worker-pool/he-engine', 'pool/team-helper'],
  service: ['client/browser', 'program/serve-predictions'],
  launch: ['member/party-main', 'member/dealer-main', 'predict/predict-party', 'train/train-party'],
};

const require = createRequire(import.meta.url);
const PURE_BIGINT_BUFFER = 'bigint-buffer/dist/browser.js';

await Promise.all(readdirSync('packages').map(bundle));

async function bundle(name) {
  const root = join('packages', name);
  const dist = join(root, 'dist');
  const { outputFiles } = await esbuild.build({
    entryPoints: entries(root, name),
    outdir: dist,
    outbase: join(root, 'src'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    packages: 'external',
    // Joined to the only package that imports it (see ring/src/bigint-bytes.ts), so that nobody installs its native build.
    alias: { [PURE_BIGINT_BUFFER]: require.resolve(PURE_BIGINT_BUFFER) },
    // What a package's own `imports` choose by condition stays a choice.
    external: ['#*'],
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
    write: false,
  });
  const made = new Map(
    outputFiles.map((file) => [relative(process.cwd(), file.path), withoutBareImports(file)]),
  );
  for (const path of scriptsUnder(dist)) if (!made.has(path)) rmSync(path);
  for (const [path, contents] of made) writeIfChanged(path, contents);
}

function entries(root, name) {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  // What is not in dist has a build of its own.
  const exported = Object.values(exports).flatMap(
    (entry) => /^\.\/dist\/(.*)\.js$/.exec(entry.default)?.[1] ?? [],
  );
  return [...exported, ...(MORE_ENTRIES[name] ?? [])].map((entry) => join(root, 'src', `${entry}.ts`));
}

/** The text without imports of chunks for nothing, which bundlers warn of where a package says that it has no side effects. */
function withoutBareImports({ path, text, contents }) {
  return path.endsWith('.js')
    ? Buffer.from(text.replaceAll(/^import "[./]*\/chunk-\w+\.js";$/gm, ''))
    : contents;
}

function* scriptsUnder(folder) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* scriptsUnder(path);
    else if (/\.js(\.map)?$/.test(path)) yield path;
  }
}

/** Whoever has a file open while nothing changed is not disturbed. */
function writeIfChanged(path, contents) {
  if (existsSync(path) && readFileSync(path).equals(contents)) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents);
}
