// Builds everything: the WebAssembly kernels first, then the types of all packages in the order of their references,
// then their scripts, then the page of the homomorphic service and the worker of private clients in pages. An unchanged tree costs a second or two.
import { spawnSync } from 'node:child_process';

const run = (command, args) => {
  const result = spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (result.status !== 0) process.exit(result.status ?? 1);
};

run(process.execPath, ['scripts/build-wasm.mjs', 'packages/floats', 'packages/ring', 'packages/rlwe']);
run('npx', ['tsc', '-b', ...process.argv.slice(2)]);
run(process.execPath, ['scripts/bundle.mjs']);
run(process.execPath, ['packages/he-service/scripts/build-page.mjs']);
run(process.execPath, ['packages/service/scripts/build-worker.mjs']);
