/** Whether the daemon of this side runs, and whether it could. */
import { createServer } from 'node:net';
import type { DaemonConfig } from '../../config/schema.js';
import { type Finding, type Found, ok, problem, skipped, warning } from '../finding.js';
import { codeOf, within } from '../within.js';

/**
 * Looks at the ports of this side.
 * @param config of this side
 * @param limitMs how long the daemon may take to answer
 * @param signal cancels it
 * @returns a line for the port that members dial, and one for health
 */
export async function checkProcess(
  config: Pick<DaemonConfig, 'listen' | 'operate'>,
  limitMs: number,
  signal: AbortSignal,
): Promise<Finding[]> {
  const [listening, health] = await Promise.all([
    port(config.listen),
    alive(config.operate, limitMs, signal),
  ]);
  return [
    ...(listening ? [{ check: 'listen', ...listening }] : []),
    ...(health ? [{ check: 'process', ...health }] : []),
  ];
}

async function port(listen: DaemonConfig['listen']): Promise<Found | undefined> {
  if (listen === undefined || listen.port === 0) return undefined;
  const place = `${listen.host}:${listen.port}`;
  const code = await tryToListen(listen.host, listen.port);
  if (code === undefined) return ok(`${place} is free: no daemon runs here now`, { running: false });
  if (code === 'EADDRINUSE')
    return ok(`something listens on ${place}: the daemon, presumably`, { running: true });
  if (code === 'EACCES')
    return problem(
      `this user may not listen on ${place} (${code})`,
      'choose a port from 1024 on, with a load balancer or a port forwarding before it',
    );
  return problem(
    `nothing can listen on ${place} (${code})`,
    'set listen.host to 0.0.0.0, or to an address that this machine has',
  );
}

function tryToListen(host: string, number: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(codeOf(error)));
    server.listen({ host, port: number, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

async function alive(
  operate: DaemonConfig['operate'],
  limitMs: number,
  signal: AbortSignal,
): Promise<Found | undefined> {
  if (operate === undefined || operate.port === 0) return undefined;
  const host = operate.host === '0.0.0.0' ? '127.0.0.1' : operate.host === '::' ? '::1' : operate.host;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${operate.port}/readyz`;
  try {
    const status = await within(
      limitMs,
      signal,
      async (limited) => (await fetch(url, { signal: limited })).status,
    );
    if (status === 200) return ok('the daemon runs and is ready', { ready: true });
    return warning(
      `the daemon runs and is not ready (${url} answers ${status})`,
      'it starts, or it drains: its log says which',
      { ready: false },
    );
  } catch (error) {
    signal.throwIfAborted();
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return skipped(`no daemon answers at ${url} (${codeOf(cause)}): it does not run now`);
  }
}
