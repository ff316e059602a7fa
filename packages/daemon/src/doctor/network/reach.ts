/** Whether a TCP connection comes about, directly or through an HTTP proxy. */
import { request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import { type Found, ok, problem } from '../finding.js';
import { placeOf, type Target } from '../target.js';
import { codeOf, TimeLimitError, within } from '../within.js';

export interface Reached {
  readonly found: Found;
  /** Connected, paused, of the caller; undefined with a problem. */
  readonly socket: Socket | undefined;
}

/** A proxy said no to a CONNECT. */
class ProxyRefusal extends Error {
  constructor(
    readonly status: number,
    readonly text: string,
  ) {
    super(`${status} ${text}`.trim());
  }
}

/**
 * Opens a TCP connection as a session would.
 * @param target where to
 * @param proxy the URL of the HTTP proxy that the environment names for it, undefined for none
 * @param limitMs how long it may take
 * @param signal cancels it
 * @returns the connection and a finding, or a problem
 */
export async function reach(
  target: Target,
  proxy: string | undefined,
  limitMs: number,
  signal: AbortSignal,
): Promise<Reached> {
  const began = performance.now();
  const opened: { socket?: Socket; late?: boolean } = {};
  const keep = (socket: Socket): Socket => {
    if (opened.late) socket.destroy();
    opened.socket = socket;
    return socket;
  };
  try {
    const socket = await within(limitMs, signal, async (limited) =>
      keep(proxy === undefined ? await direct(target, limited) : await through(proxy, target, limited)),
    );
    const ms = performance.now() - began;
    const way = proxy === undefined ? '' : ` through the proxy ${nameOf(proxy)}`;
    const figures = { ms: round(ms), ...(proxy === undefined ? {} : { proxy: nameOf(proxy) }) };
    return { found: ok(`${placeOf(target)} is reached${way} in ${round(ms)} ms`, figures), socket };
  } catch (error) {
    opened.late = true;
    opened.socket?.destroy();
    signal.throwIfAborted();
    const found = proxy === undefined ? unreachable(target, error) : unproxied(proxy, target, error);
    return { found, socket: undefined };
  }
}

function direct({ host, port }: Target, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const abort = (): void => void socket.destroy();
    signal.addEventListener('abort', abort, { once: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      signal.removeEventListener('abort', abort);
      socket.off('error', reject);
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}

function through(proxy: string, target: Target, signal: AbortSignal): Promise<Socket> {
  const url = new URL(proxy);
  const { username, password } = url;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const headers: Record<string, string> = { host: placeOf(target) };
  if (username !== '')
    headers['proxy-authorization'] = `Basic ${Buffer.from(credentials).toString('base64')}`;
  return new Promise((resolve, reject) => {
    const ask = url.protocol === 'https:' ? secureRequest : request;
    const asked = ask({
      method: 'CONNECT',
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port || (url.protocol === 'https:' ? 443 : 80),
      path: placeOf(target),
      headers,
      agent: false,
      signal,
    });
    asked.once('error', reject);
    asked.once('connect', ({ statusCode = 0, statusMessage = '' }, stream) => {
      const socket = stream as Socket; // Of an HTTP client it is one.
      socket.on('error', () => {});
      if (statusCode >= 200 && statusCode < 300) return resolve(socket);
      socket.destroy();
      reject(new ProxyRefusal(statusCode, statusMessage));
    });
    asked.once('response', ({ statusCode = 0, statusMessage = '' }) => {
      asked.destroy();
      reject(new ProxyRefusal(statusCode, statusMessage));
    });
    asked.end();
  });
}

function unreachable(target: Target, error: unknown): Found {
  const place = placeOf(target);
  const code = codeOf(error);
  if (error instanceof TimeLimitError || code === 'ETIMEDOUT')
    return problem(
      `${place} does not answer at all: something on the way drops the packets (${code})`,
      `let outgoing connections to port ${target.port} through your firewall; if only a proxy may go out, set HTTPS_PROXY; if nothing may come in at the other side, use a relay`,
    );
  if (code === 'ECONNREFUSED')
    return problem(
      `${target.host} is there, but nothing listens on port ${target.port} (${code})`,
      'see that tacit runs there, listens on this port and not on 127.0.0.1 only, and that the port of the address is right',
    );
  if (code === 'ECONNRESET')
    return problem(
      `${place} hangs up at once (${code})`,
      'a firewall or load balancer without a server behind it does this: ask who runs it',
    );
  return problem(
    `there is no way to ${place} (${code})`,
    'see that this machine has a route to that network: a private address is reached from inside its network only; else use a relay',
  );
}

function unproxied(proxy: string, target: Target, error: unknown): Found {
  const name = nameOf(proxy);
  const place = placeOf(target);
  if (error instanceof ProxyRefusal && error.status === 407)
    return problem(
      `the proxy ${name} wants to know who you are (${error.message})`,
      'put user and password into HTTPS_PROXY: http://user:password@proxy:port',
    );
  if (error instanceof ProxyRefusal)
    return problem(
      `the proxy ${name} does not connect to ${place} (${error.message})`,
      target.port === 443
        ? `have the owner of the proxy allow ${place}`
        : `proxies often allow port 443 only: use an address or a relay on 443, or have the owner of the proxy allow ${place}`,
    );
  return problem(
    `the proxy ${name}, by which ${place} is reached, does not answer (${codeOf(error)})`,
    `correct HTTPS_PROXY, or add ${target.host} to NO_PROXY if it is reached without a proxy`,
  );
}

/** Without user and password. */
function nameOf(proxy: string): string {
  return new URL(proxy).host;
}

const round = (ms: number): number => Math.round(ms * 10) / 10;
