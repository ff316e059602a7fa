// node server.mjs [FOLDER]: the owner of the model serves it, a dealer runs apart, and a small web server has the page that
// is built into FOLDER (dist), an invite for whoever loads it, and what the owner's process has seen.
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startOwner } from './owner.mjs';
import { takeSeen } from './saw.mjs'; // before the service

const PORT = Number(process.env.PORT ?? 8480);
const built = resolve(process.argv[2] ?? fileURLToPath(new URL('dist', import.meta.url)));
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
};
/** All that the page may do. WebAssembly is the only thing that is not plain. */
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws://127.0.0.1:*; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const owner = await startOwner();
const server = createServer(async ({ url = '/', method }, response) => {
  try {
    const { pathname } = new URL(url, 'http://localhost');
    if (pathname === '/api/invite' && method === 'POST') json(response, { invite: await owner.invite() });
    else if (pathname === '/api/saw') json(response, { pid: process.pid, ...takeSeen() });
    else file(response, pathname === '/' ? '/index.html' : pathname);
  } catch (error) {
    console.error(error);
    response.writeHead(500).end();
  }
});

function json(response, value) {
  response.writeHead(200, { 'content-type': TYPES['.json'], 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
}

function file(response, pathname) {
  const path = join(built, normalize(pathname));
  const found = path.startsWith(built) && existsSync(path) && extname(path) in TYPES;
  response.writeHead(found ? 200 : 404, {
    'content-type': found ? TYPES[extname(path)] : 'text/plain',
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
  });
  response.end(found ? readFileSync(path) : 'not here: npm run build makes the page');
}

server.listen(PORT, '127.0.0.1', () => {
  console.log(`owner    process ${process.pid}  ${owner.address}`);
  console.log(`dealer   process ${owner.dealer.pid}  ${owner.dealer.address}`);
  if (existsSync(built)) console.log(`page     http://127.0.0.1:${server.address().port}/`);
});
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, async () => {
    server.close();
    server.closeAllConnections();
    await owner.close();
    process.exit();
  });
