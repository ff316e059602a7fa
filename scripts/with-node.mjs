// node scripts/with-node.mjs VERSION -- COMMAND ...: runs a command with another release of Node.js first in PATH.
// VERSION is "24" or "24.9.0". The binaries are those of the npm packages node-PLATFORM-ARCHITECTURE, which npm fetches
// once into node_modules/.cache/node; nothing is installed elsewhere and no script of a package runs.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

const [version, separator, command, ...args] = process.argv.slice(2);
if (!/^\d+(\.\d+){0,2}$/.test(version ?? '') || separator !== '--' || command === undefined) {
  process.stderr.write('usage: node scripts/with-node.mjs VERSION -- COMMAND ...\n');
  process.exit(2);
}

const platform = process.platform === 'win32' ? 'win' : process.platform;
const name = `node-${platform}-${process.arch}`;
const folder = resolve('node_modules/.cache/node', version);
const bin = join(folder, 'node_modules', name, 'bin');
if (!existsSync(bin)) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const options = ['--ignore-scripts', '--no-save', '--no-package-lock', '--no-audit', '--no-fund'];
  const fetched = spawnSync('npm', ['install', ...options, `${name}@${version}`], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (fetched.status !== 0) process.exit(fetched.status ?? 1);
}

const ran = spawnSync(command, args, {
  stdio: 'inherit',
  env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` },
});
if (ran.error) process.stderr.write(`${command}: ${ran.error.message}\n`);
process.exit(ran.status ?? 1);
