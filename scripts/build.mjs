// Builds everything: the WebAssembly kernels first, then all packages in the order of their references.
// Both steps are incremental, so an unchanged tree costs about a second.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const run = (command, args) => {
  const result = spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (result.status !== 0) process.exit(result.status ?? 1);
};

for (const script of ['packages/ring/scripts/build-wasm.mjs', 'packages/rlwe/scripts/build-wasm.mjs'])
  if (existsSync(script)) run(process.execPath, [script]);
run('npx', ['tsc', '-b', ...process.argv.slice(2)]);
if (existsSync('packages/he/scripts/build-page.mjs'))
  run(process.execPath, ['packages/he/scripts/build-page.mjs']);
