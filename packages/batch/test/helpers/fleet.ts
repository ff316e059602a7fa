/** Organisations as operators run them: daemons and workers as processes that are started again when they die. */
import { join } from 'node:path';
import { BatchFolder } from '@tacit/batch';
import { type PlacedLine, readAudit } from '@tacit/daemon';
import { expect } from 'chai';
import type { Running, World } from '../../../daemon/test/helpers/organisations.js';
import { pairThree } from './scoring.js';

/** A process of a fleet, which has a successor as soon as it is killed. */
export interface Member {
  readonly name: string;
  /** What runs now. */
  running(): Running;
  /** As a machine that is switched off, and on again. */
  kill(): Promise<void>;
  /** Stays off until `start`. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export interface Fleet {
  readonly workers: readonly Member[];
  readonly bob: Member;
  readonly carol: Member;
}

/** Settings under which a batch of a test runs: nothing is too often, and two workers have places for two that died. */
const LIMITS = 'limits: { sessionsAtOnce: 4, proposalsPerMinute: 100000, attemptsPerShard: 100 }\n';

export async function startFleet(here: World, queue: string, lease = '3s'): Promise<Fleet> {
  const bob = member(here, 'bob', ['party', '--home', 'bob'], 'party bob');
  const carol = member(here, 'carol', ['dealer', '--home', 'carol'], 'dealer carol');
  const alice = 'session: { resume: 20s, wait: 120s }\n';
  await pairThree(here, { alice, bob: LIMITS, carol: LIMITS }, (name) =>
    (name === 'bob' ? bob : carol).start(),
  );
  const args = ['batch', 'work', '--home', 'alice', '--queue', queue, '--lease', lease, '--attempts', '1000'];
  const workers = [0, 1].map((i) => member(here, `worker ${i}`, args, 'worker alice'));
  await Promise.all(workers.map((worker) => worker.start()));
  return { workers, bob, carol };
}

function member(here: World, name: string, args: readonly string[], ready: string): Member {
  let running: Running | undefined;
  const start = async (): Promise<void> => {
    running = here.spawn(...args);
    await running.says(ready);
  };
  const stop = async (): Promise<void> => {
    running?.child.kill('SIGKILL');
    await running?.exit;
  };
  return {
    name,
    running: () => running as Running,
    start,
    stop,
    kill: async () => {
      await stop();
      await start();
    },
  };
}

export const openBatch = (here: World, id: string): BatchFolder =>
  BatchFolder.open(join(here.home('alice'), 'batches'), id);

/** Runs `tacit …` to its end, and gives what it printed. */
export async function tacit(here: World, ...args: string[]): Promise<string> {
  const running = here.spawn(...args);
  expect(await running.exit, running.stderr()).to.equal(0);
  return running.stdout();
}

/** Submits rows without waiting; the id of the batch. */
export async function submitDetached(
  here: World,
  rows: string,
  rowsPerShard: number,
  queue: string,
): Promise<string> {
  const args = ['--with', 'bob', '--dealer', 'carol', '--rows-per-shard', String(rowsPerShard)];
  const out = await tacit(
    here,
    'batch',
    'submit',
    rows,
    ...args,
    '--home',
    'alice',
    '--queue',
    queue,
    '--detach',
  );
  return /^batch {2}([0-9a-f]{32}) /.exec(out)?.[1] ?? expect.fail(out);
}

type Entry = NonNullable<PlacedLine['entry']>;
interface AuditedAttempt {
  readonly session: string;
  readonly shard: { readonly batch: string; readonly shard: number; readonly attempt: number };
}

/**
 * No tuple was used twice: at each member every attempt had one session, every session one attempt, and a session that
 * two members took part in was the same attempt to both. Seeds are a session's own.
 * @returns how many sessions began at each member
 */
export async function expectFreshSeeds(here: World): Promise<Record<string, number>> {
  const begun: Record<string, number> = {};
  const attemptOf = new Map<string, string>();
  for (const name of ['alice', 'bob', 'carol']) {
    const sessions = new Map<string, string>();
    for await (const { entry } of readAudit(join(here.home(name), 'audit.log'))) {
      if (entry?.event !== 'session-start') continue;
      const { session, shard } = entry as Entry & AuditedAttempt;
      const key = `${shard.batch}.${shard.shard}.${shard.attempt}`;
      expect(sessions.has(key), `${name} began attempt ${key} twice`).to.equal(false);
      expect([undefined, key], `session ${session} is two attempts`).to.include(attemptOf.get(session));
      expect([...sessions.values()], `${name} began session ${session} twice`).to.not.include(session);
      sessions.set(key, session);
      attemptOf.set(session, key);
    }
    begun[name] = sessions.size;
  }
  // And no attempt has two sessions, whoever took part.
  expect(new Set(attemptOf.values()).size).to.equal(attemptOf.size);
  return begun;
}
