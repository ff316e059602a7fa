/** The servers of Debian's packages redis-server and postgresql, each in a folder and on a port of its own. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../daemon/test/helpers/organisations.js';

/** A server that may be stopped and started again, with what it held. */
export interface Server {
  readonly address: string;
  start(): Promise<void>;
  /** As a machine that is switched off. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

export type Kind = 'redis' | 'postgres';

/** Why there is no such server; undefined where there is. */
export function absent(kind: Kind): string | undefined {
  if (kind === 'redis')
    return inPath('redis-server') ? undefined : 'there is no redis-server (apt-get install redis-server)';
  if (postgresBin() === undefined) return 'there is no initdb (apt-get install postgresql)';
  return process.getuid?.() === 0 && account() === undefined
    ? 'PostgreSQL does not run as root, and there is no user postgres'
    : undefined;
}

export const makeServer = (kind: Kind): Promise<Server> => (kind === 'redis' ? makeRedis() : makePostgres());

const inPath = (name: string): boolean =>
  spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined;

async function makeRedis(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'tacit-redis-'));
  const port = await freePort();
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder];
  args.push(
    '--appendonly',
    'yes',
    '--appendfsync',
    'always',
    '--save',
    '',
    '--maxmemory-policy',
    'noeviction',
  );
  return supervised(folder, port, `redis://127.0.0.1:${port}`, () =>
    spawn('redis-server', args, { stdio: 'ignore' }),
  );
}

async function makePostgres(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'tacit-postgres-'));
  const port = await freePort();
  const bin = postgresBin() ?? '';
  const owner = process.getuid?.() === 0 ? account() : undefined;
  if (owner) chownSync(folder, owner.uid, owner.gid);
  const options = { cwd: folder, stdio: 'ignore' as const, ...owner };
  const data = join(folder, 'data');
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'tacit', '-A', 'trust'], options);
  const args = ['-D', data, '-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1'];
  return supervised(folder, port, `postgres://tacit@127.0.0.1:${port}/postgres`, () =>
    spawn(join(bin, 'postgres'), args, options),
  );
}

function postgresBin(): string | undefined {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root) : [];
  return versions.map((version) => join(root, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')));
}

function account(): { readonly uid: number; readonly gid: number } | undefined {
  const found = spawnSync('getent', ['passwd', 'postgres'], { encoding: 'utf8' });
  const [, , uid, gid] = (found.stdout ?? '').split(':');
  return uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

function supervised(folder: string, port: number, address: string, run: () => ChildProcess): Server {
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    child = undefined;
  };
  return {
    address,
    start: async () => {
      child = run();
      while (!(await answers(port))) {
        if (child.exitCode !== null) child = run(); // what was killed may hold its files for a moment
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    kill,
    close: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
