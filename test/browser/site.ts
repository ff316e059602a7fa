/** A web server for tests of pages: scripts bundled as users' bundlers do it, and headers that allow no more than is needed. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

/** What docs/browser.md says a page needs. */
export const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src ws://127.0.0.1:*; style-src 'self'";

export const workerFile = fileURLToPath(
  new URL('../../packages/service/worker/client-worker.js', import.meta.url),
);

/**
 * Bundles a module for browsers from what the packages export.
 * @param entry path of the module
 * @returns its text
 */
export async function bundlePage(entry: string): Promise<string> {
  const { outputFiles } = await esbuild.build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['browser'],
    target: 'es2022',
    write: false,
    logLevel: 'warning',
  });
  return outputFiles[0].text;
}

export interface Site {
  readonly origin: string;
  close(): Promise<void>;
}

/** Paths whose policy lacks WebAssembly. */
const STRICT = /^\/strict/;

/**
 * Serves a page at any free port.
 * @param files texts by path
 * @returns where it is; close it
 */
export async function serveSite(files: Readonly<Record<string, string>>): Promise<Site> {
  const server = createServer(({ url = '/' }, response) => {
    const text = files[url];
    response.writeHead(text === undefined ? 404 : 200, {
      'content-type': `${url.endsWith('.js') ? 'text/javascript' : 'text/html'}; charset=utf-8`,
      'content-security-policy': STRICT.test(url) ? POLICY.replace(" 'wasm-unsafe-eval'", '') : POLICY,
      'x-content-type-options': 'nosniff',
    });
    response.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const pageModule = fileURLToPath(new URL('page.ts', import.meta.url));

/** The page of the tests. */
export async function testSite(): Promise<Site> {
  const html =
    '<!doctype html><meta charset="utf-8"><title>test</title><script type="module" src="/page.js"></script>';
  const worker = readFileSync(workerFile, 'utf8');
  return serveSite({
    '/': html,
    '/strict': html,
    '/page.js': await bundlePage(pageModule),
    '/client-worker.js': worker,
    '/strict-worker.js': worker,
  });
}
