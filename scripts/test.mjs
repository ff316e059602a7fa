// Runs tests side by side and ends with the line "N passed, N failed". A file that cannot be loaded, holds no test or
// brings its process down counts as failed, and so do hooks.
//   node scripts/test.mjs [--slow | --long] [--grep TEXT] [--jobs N] [--verbose] [--record] [FILE_OR_FOLDER ...]
// --slow     the suites named *.slow.ts instead of those named *.test.ts: whole programs as users run them, trained networks
//            on ciphertexts. Minutes; CI runs them, too
// --long     the suites named *.long.ts: hours
// --jobs     processes at a time; one more than there are processors, since tests of connections wait for time-outs, up to 3
// --verbose  a line a test, as wherever files or --grep are given
// --record   writes what each file took to scripts/test/seconds.json, by which the longest start first
// TACIT_SEED=N repeats the random numbers of a run (packages/testing/src/random.ts).
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { runFiles } from './test/pool.mjs';

const SECONDS = 'scripts/test/seconds.json';
/**
 * Tests of these packages run on the build, like those in test/: they start threads from modules of their own, and
 * Node.js 20 loads no TypeScript in threads; those of identity run the command. All others run on the sources of all
 * packages, by the condition @tacit/source of their `exports`.
 */
const ON_BUILD = [
  'batch',
  'comm',
  'daemon',
  'floats',
  'launch',
  'he',
  'he-layers',
  'he-service',
  'identity',
  'service',
  'tacit',
  'tapes',
];

const { values, positionals } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    slow: { type: 'boolean', default: false },
    grep: { type: 'string' },
    jobs: { type: 'string', default: String(Math.min(3, availableParallelism() + 1)) },
    verbose: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const suffix = values.long ? '.long.ts' : values.slow ? '.slow.ts' : '.test.ts';

function* filesUnder(path) {
  if (statSync(path).isFile()) yield path;
  else
    for (const name of readdirSync(path)) {
      if (name === 'node_modules' || name === 'dist') continue;
      const child = join(path, name);
      if (statSync(child).isDirectory()) yield* filesUnder(child);
      else if (name.endsWith(suffix)) yield child;
    }
}

/** What a file's tests run on. */
function basisOf(file) {
  const [top, name] = file.split('/');
  return top !== 'packages' || ON_BUILD.includes(name) ? 'build' : 'sources';
}

const seconds = existsSync(SECONDS) ? JSON.parse(readFileSync(SECONDS, 'utf8')) : {};
const roots = positionals.length > 0 ? positionals : ['packages', 'test'];
const files = [...new Set(roots.flatMap((root) => [...filesUnder(root)]).map((file) => relative('.', file)))]
  .map((file) => file.replaceAll(sep, '/'))
  .map((file) => ({ file, basis: basisOf(file), seconds: seconds[file] ?? statSync(file).size / 10_000 }))
  // The longest first, so that all processes end together.
  .sort((a, b) => b.seconds - a.seconds);

const needsBuild = files.some(({ basis }) => basis === 'build');
const build = needsBuild
  ? ['scripts/build.mjs']
  : ['scripts/build-wasm.mjs', 'packages/floats', 'packages/ring', 'packages/rlwe'];
const built = spawnSync(process.execPath, build, { stdio: 'inherit' });
if (built.status !== 0) process.exit(built.status ?? 1);

process.env.TACIT_SEED ||= String(crypto.getRandomValues(new Int32Array(1))[0]);
process.stdout.write(`TACIT_SEED=${process.env.TACIT_SEED}\n`);
const began = performance.now();
const result = await runFiles(files, {
  jobs: Number(values.jobs),
  long: values.long,
  grep: values.grep,
  verbose: values.verbose || positionals.length > 0 || values.grep !== undefined,
});
if (values.record) {
  const kept = Object.entries({ ...seconds, ...result.seconds }).filter(([file]) => existsSync(file));
  const all = kept.filter(([, s]) => s >= 1).sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(SECONDS, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
}

const { passed, failed, skipped } = result;
for (const failure of result.failures) process.stdout.write(`\n${failure}\n`);
if (failed > 0)
  process.stdout.write(`\nTo repeat: TACIT_SEED=${process.env.TACIT_SEED} node scripts/test.mjs FILE\n`);
const minutes = ((performance.now() - began) / 60_000).toFixed(1);
process.stdout.write(`\n${files.length} files in ${minutes} min, ${skipped} tests skipped\n`);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`, () =>
  process.exit(failed > 0 || passed === 0 ? 1 : 0),
);
