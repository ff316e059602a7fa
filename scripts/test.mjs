// Runs the tests of all packages and of test/ in one mocha process and ends with the line "N passed, N failed".
//   node scripts/test.mjs [--long] [--grep TEXT] [FILE_OR_FOLDER ...]
// --long runs the suites named *.long.ts instead of those named *.test.ts.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import Mocha from 'mocha';

// Tests are TypeScript, and so are the programs that they start in threads and processes: those take the loader from
// the command line of this process.
if (!process.execArgv.includes('tsx')) {
  const again = ['--import', 'tsx', fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  process.exit(spawnSync(process.execPath, again, { stdio: 'inherit' }).status ?? 1);
}

const { values, positionals } = parseArgs({
  options: { long: { type: 'boolean', default: false }, grep: { type: 'string' } },
  allowPositionals: true,
});
const suffix = values.long ? '.long.ts' : '.test.ts';

function* filesUnder(path) {
  if (!existsSync(path)) return;
  if (statSync(path).isFile()) yield path;
  else
    for (const name of readdirSync(path).sort()) {
      if (name === 'node_modules' || name === 'dist') continue;
      const child = join(path, name);
      if (statSync(child).isDirectory()) yield* filesUnder(child);
      else if (name.endsWith(suffix)) yield child;
    }
}

const roots = positionals.length > 0 ? positionals : ['packages', 'test'];
const mocha = new Mocha({ timeout: values.long ? 30 * 60_000 : 60_000, reporter: 'spec', grep: values.grep });
for (const root of roots) for (const file of filesUnder(root)) mocha.addFile(resolve(file));
await mocha.loadFilesAsync();

let passed = 0;
let failed = 0;
const runner = mocha.run(() => {
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`, () =>
    process.exit(failed > 0 || passed === 0 ? 1 : 0),
  );
});
runner.on('pass', () => passed++);
runner.on('fail', () => failed++);
