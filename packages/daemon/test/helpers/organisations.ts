/** Organisations with homes of their own, in this process or in others, that have paired. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
// Of the build, as threads load no TypeScript on Node.js 20.
import {
  type Daemon,
  joinPeer,
  type LeadOptions,
  lead,
  type Organisation,
  openOrganisation,
  type RelayProcess,
  startDaemon,
  startRelayProcess,
} from '@tacit/daemon/processes';
import { createIdentity, createInvite, type InviteOptions, type ProgramRule } from '@tacit/identity';

const BIN = fileURLToPath(new URL('../../../tacit/bin/tacit.mjs', import.meta.url));
export const MEAN = fileURLToPath(new URL('../programs/mean.mjs', import.meta.url));
export const never = new AbortController().signal;
/** Whoever may start the program of these tests, with any arguments. */
export const MEAN_RULE: ProgramRule = { name: 'mean', arguments: 'any' };

/** A port that was free a moment ago, for processes that are started again at the same one. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export interface World {
  readonly folder: string;
  /** Where the home of an organisation is. */
  home(name: string): string;
  /** Makes an organisation; its settings are YAML. */
  organisation(name: string, config?: string): Promise<void>;
  open(name: string): Promise<Organisation>;
  /** Starts a daemon in this process. */
  start(name: string, role: 'party' | 'dealer'): Promise<Daemon>;
  startRelay(port: number): Promise<RelayProcess>;
  /** `issuer` invites, `joiner` joins: both processes are in this one, the issuer's daemon runs. */
  pair(issuer: string, joiner: string, options: PairOptions): Promise<void>;
  /** Leads as `tacit run` does. */
  run(name: string, options?: Partial<LeadOptions>): Promise<unknown>;
  /** What was said about how it goes, by all leaders. */
  readonly lines: string[];
  /** Starts `tacit …` as a process of its own. */
  spawn(...args: string[]): Running;
  close(): Promise<void>;
}

export interface PairOptions extends Partial<InviteOptions> {
  readonly address?: string;
  /** What the issuer is to the joiner. */
  readonly issuerRole?: 'party' | 'dealer';
}

/** A command in a process of its own. */
export interface Running {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Resolves when a line on stdout or stderr has the text. */
  says(text: string): Promise<void>;
  readonly exit: Promise<number | null>;
}

export function world(): World {
  const folder = mkdtempSync(join(tmpdir(), 'tacit-daemon-'));
  const daemons: Daemon[] = [];
  const relays: RelayProcess[] = [];
  const running: Running[] = [];
  const lines: string[] = [];
  const home = (name: string): string => join(folder, name);
  const open = (name: string): Promise<Organisation> =>
    openOrganisation({
      home: home(name),
      flags: [{ path: ['log', 'level'], source: 'test', value: 'silent' }],
    });
  return {
    folder,
    home,
    lines,
    organisation: async (name, config = '') => {
      await createIdentity(home(name), { name });
      copyFileSync(MEAN, join(home(name), 'mean.mjs'));
      writeFileSync(join(home(name), 'config.yaml'), config);
    },
    open,
    start: async (name, role) => {
      const daemon = await startDaemon(await open(name), role, never);
      daemons.push(daemon);
      return daemon;
    },
    startRelay: async (port) => {
      const { loadConfig, createLog } = await import('@tacit/daemon');
      const flags = [
        { path: ['relayServer', 'listen', 'host'], source: 'test', value: '127.0.0.1' },
        { path: ['relayServer', 'listen', 'port'], source: 'test', value: port },
        { path: ['relayServer', 'listen', 'plain'], source: 'test', value: true },
        { path: ['relayServer', 'allow'], source: 'test', value: 'anyone' },
        { path: ['drain'], source: 'test', value: '0s' },
      ];
      const { config } = await loadConfig({ home: home('relay'), flags });
      const relay = await startRelayProcess(config, createLog({ level: 'silent' }));
      relays.push(relay);
      return relay;
    },
    pair: async (issuer, joiner, { issuerRole, ...options }) => {
      const invite = createInvite(home(issuer), { name: joiner, ...options } as InviteOptions);
      const organisation = await open(joiner);
      const { config } = organisation;
      await joinPeer({
        organisation,
        invite,
        role: issuerRole,
        address: config.address,
        waitMs: 20_000,
        signal: never,
        say: (text) => void lines.push(text),
      });
    },
    run: async (name, options = {}) =>
      lead({
        organisation: await open(name),
        file: join(home(name), 'mean.mjs'),
        program: 'mean',
        arguments: [],
        with: ['bob'],
        dealer: 'carol',
        files: {},
        signal: never,
        say: (text) => void lines.push(text),
        onOutput: () => {},
        ...options,
      }),
    spawn: (...args) => {
      const child = spawn(process.execPath, [BIN, ...args], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, NODE_OPTIONS: '' },
      });
      let [stdout, stderr] = ['', ''];
      const listeners = new Set<() => void>();
      child.stdout?.setEncoding('utf8').on('data', (text) => {
        stdout += text;
        for (const listener of listeners) listener();
      });
      child.stderr?.setEncoding('utf8').on('data', (text) => {
        stderr += text;
        for (const listener of listeners) listener();
      });
      const exit = once(child, 'close').then(([code]) => code as number | null);
      const process_: Running = {
        child,
        exit,
        stdout: () => stdout,
        stderr: () => stderr,
        says: (text) =>
          new Promise((resolve, reject) => {
            const look = (): void => {
              if (!`${stdout}\n${stderr}`.includes(text)) return;
              listeners.delete(look);
              resolve();
            };
            listeners.add(look);
            exit.then(() => reject(new Error(`ended without '${text}': ${stdout}\n${stderr}`)), reject);
            look();
          }),
      };
      running.push(process_);
      return process_;
    },
    close: async () => {
      for (const { child } of running) child.kill('SIGKILL');
      await Promise.all(running.map(({ exit }) => exit));
      for (const daemon of daemons) {
        void daemon.lifecycle.drain();
        await daemon.close();
      }
      for (const relay of relays) await relay.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The settings of a daemon that listens on this machine, and offers the program of these tests. */
export const listening = (port: number, more = ''): string =>
  `listen: { port: ${port} }\naddress: wss://127.0.0.1:${port}\ndrain: 0s\nprograms: [{ name: mean, file: mean.mjs }]\n${more}`;

/** Those of a daemon that is reached through a relay only. */
export const relayed = (port: number, more = ''): string =>
  `relay: ws://127.0.0.1:${port}\ndrain: 0s\nprograms: [{ name: mean, file: mean.mjs }]\n${more}`;

/** Alice, who leads and only dials, Bob and the dealer Carol, whose daemons run here. */
export async function threeOrganisations(
  here: World,
  config: { readonly alice?: string; readonly bob?: string; readonly carol?: string } = {},
): Promise<{ readonly bob: Daemon; readonly carol: Daemon }> {
  await here.organisation('alice', config.alice);
  await here.organisation('bob', config.bob ?? listening(await freePort()));
  await here.organisation('carol', config.carol ?? listening(await freePort()));
  const [bob, carol] = [await here.start('bob', 'party'), await here.start('carol', 'dealer')];
  await here.pair('bob', 'alice', { address: bob.address, programs: [MEAN_RULE] });
  await here.pair('carol', 'alice', { address: carol.address, programs: [MEAN_RULE], issuerRole: 'dealer' });
  await here.pair('carol', 'bob', { address: carol.address, issuerRole: 'dealer' });
  return { bob, carol };
}
