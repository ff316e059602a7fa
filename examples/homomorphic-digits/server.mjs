// The server as a process of its own: `tacit he serve` on a free port.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packClientArtefact, packServerArtefact } from '@tacit/he';

/** Writes both halves of a compiled model as `tacit he compile` does. */
export async function writeModel(folder, { server, client }) {
  const own = join(folder, server.name);
  mkdirSync(own);
  writeFileSync(join(own, 'server.heml'), await packServerArtefact(server));
  writeFileSync(join(own, 'client.heml'), await packClientArtefact(client));
}

/** Starts the service; resolves with its address when it listens. */
export async function startServer(folder, { workers = 1 } = {}) {
  const tacit = fileURLToPath(new URL('../../packages/tacit/bin/tacit.mjs', import.meta.url));
  const args = [
    'he',
    'serve',
    folder,
    '--port',
    '0',
    '--state',
    join(folder, 'state'),
    '--workers',
    `${workers}`,
  ];
  const child = spawn(process.execPath, [tacit, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  const url = await new Promise((resolve, reject) => {
    child.stderr.on('data', (chunk) => {
      said += chunk;
      const address = /https?:\/\/\S+/.exec(said);
      if (address) resolve(address[0]);
    });
    child.on('exit', (code) => reject(new Error(`the server ended with code ${code}: ${said}`)));
  });
  child.removeAllListeners('exit');
  return {
    url,
    pid: child.pid,
    async close() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
