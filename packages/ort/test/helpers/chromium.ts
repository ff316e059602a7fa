/** Pages of a folder in Chromium, and the one answer that a page posts. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** The name of a Chromium that is installed; undefined where there is none. */
export const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome'].find((name) => {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  js: 'text/javascript',
  mjs: 'text/javascript',
  json: 'application/json',
  wasm: 'application/wasm',
};

/** The file at an address; undefined where there is none. */
export type Site = (path: string) => Uint8Array | string | undefined;

/** What a page did. */
export interface Visit {
  /** What it posted to `/result`. */
  readonly result: string;
  /** Files that it got, and how large they were. */
  readonly files: ReadonlyMap<string, number>;
}

/**
 * Opens `/` of a site.
 * @param site its files
 * @param profile an empty folder for the browser
 * @returns what the page posted to `/result`; rejects with what it posted to `/failed`
 */
export async function visit(site: Site, profile: string): Promise<Visit> {
  const files = new Map<string, number>();
  let done: (result: string) => void = () => {};
  let fail: (error: Error) => void = () => {};
  const result = new Promise<string>((resolve, reject) => {
    [done, fail] = [resolve, reject];
  });
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (request.method !== 'POST') {
      const file = site(path);
      if (file === undefined) return response.writeHead(404).end();
      files.set(path, file.length);
      const type =
        path === '/' ? 'text/html' : (TYPES[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream');
      return response
        .writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(file) })
        .end(file);
    }
    const body = await text(request);
    if (path === '/result') done(body);
    else fail(new Error(`the page failed: ${body}`));
    return response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  let browser: ChildProcess | undefined;
  try {
    const flags = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      `--user-data-dir=${profile}`,
    ];
    browser = spawn(CHROMIUM ?? 'chromium', [...flags, `http://127.0.0.1:${port}/`], { stdio: 'ignore' });
    browser.on('error', fail);
    browser.on('exit', (code) => fail(new Error(`the browser ended with ${code}`)));
    return { result: await result, files };
  } finally {
    const ended = browser && new Promise((resolve) => browser?.once('exit', resolve));
    browser?.kill();
    await ended;
    server.closeAllConnections();
    server.close();
  }
}
