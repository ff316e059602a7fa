import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import fc from 'fast-check';
import { type AdmittedSession, UsageLedger } from '../src/consent/ledger.js';
import type { Decision, Quota, Usage } from '../src/consent/types.js';
import { UsageError } from '../src/errors.js';
import { freshFolder, rejection } from './helpers/folder.js';

const CHILD = fileURLToPath(new URL('./helpers/ledger-child.ts', import.meta.url));
const BLOCK = 16 * 2 ** 20;

/** As `decide` does, for quotas alone. */
export const within =
  (quota: Quota) =>
  (usage: Usage): Decision => {
    const { sessionsAtOnce = Infinity, sessionsPerDay = Infinity, bytesPerDay = Infinity } = quota;
    if (usage.sessionsToday >= sessionsPerDay)
      return { allowed: false, code: 'SESSIONS_PER_DAY', reason: '-' };
    if (usage.bytesToday >= bytesPerDay) return { allowed: false, code: 'BYTES_PER_DAY', reason: '-' };
    if (usage.runningOfProgram >= sessionsAtOnce)
      return { allowed: false, code: 'SESSIONS_AT_ONCE', reason: '-' };
    return { allowed: true, rule: { name: 'score', quota }, bytesLeft: bytesPerDay - usage.bytesToday };
  };

describe('consent: usage', () => {
  const folder = freshFolder();
  let now = Date.parse('2026-11-27T23:00:00Z');
  const open = () => new UsageLedger({ path: folder.path('usage.json'), now: () => now });
  const admit = async (
    ledger: UsageLedger,
    quota: Quota,
    peer = 'bob',
  ): Promise<AdmittedSession | undefined> => (await ledger.admit(peer, 'score', within(quota))).session;

  beforeEach(() => {
    now = Date.parse('2026-11-27T23:00:00Z');
  });

  it('counts sessions of each peer and program, and forgets them on the next day of UTC', async () => {
    const ledger = open();
    const [first] = [await admit(ledger, { sessionsPerDay: 2 }), await admit(ledger, { sessionsPerDay: 2 })];
    expect(await admit(ledger, { sessionsPerDay: 2 })).to.equal(undefined);
    expect(await admit(ledger, { sessionsPerDay: 2 }, 'carol')).to.not.equal(undefined);
    expect(await ledger.usage('bob', 'other')).to.include({
      sessionsToday: 0,
      runningOfPeer: 2,
      runningOfProgram: 0,
    });
    await first?.end(10);
    // Ended sessions count, too.
    expect(await admit(ledger, { sessionsPerDay: 2 })).to.equal(undefined);
    now += 3_600_000;
    expect(await admit(ledger, { sessionsPerDay: 2 })).to.not.equal(undefined);
    // Back over midnight: nothing is given back.
    now -= 3_600_000;
    expect((await ledger.usage('bob', 'score')).sessionsToday).to.equal(1);
  });

  it('survives restarts, and a crash refunds neither session nor bytes', async function () {
    this.timeout(20_000);
    const child = fork(CHILD, [folder.path('usage.json'), '1', 'crash'], { execArgv: process.execArgv });
    const [code] = await once(child, 'exit');
    expect(code).to.equal(9);
    // Of today, as the child's clock says.
    now = Date.now();
    const usage = await open().usage('bob', 'score');
    expect(usage).to.include({ sessionsToday: 1, bytesToday: BLOCK });
    // It does not run any more, though.
    expect(usage.running).to.equal(0);
  });

  it('two ledgers of one home never give the last place twice, nor do two processes', async function () {
    this.timeout(60_000);
    const sessions = await Promise.all(
      [open(), open(), open(), open()].map((ledger) => admit(ledger, { sessionsAtOnce: 2 })),
    );
    expect(sessions.filter((session) => session !== undefined)).to.have.length(2);
    const path = folder.path('other.json');
    const children = [1, 2, 3].map(() => fork(CHILD, [path, '20', 'count'], { execArgv: process.execArgv }));
    const got = await Promise.all(children.map(async (child) => Number((await once(child, 'message'))[0])));
    expect(got.reduce((a, b) => a + b)).to.equal(30);
    await Promise.all(children.map((child) => (child.exitCode === null ? once(child, 'exit') : undefined)));
  });

  it('reserves bytes before they move, says when they are used up, and gives back what did not move', async () => {
    const ledger = open();
    const quota = { bytesPerDay: 100 * 2 ** 20 };
    const session = (await admit(ledger, quota)) as AdmittedSession;
    const used = async () => (await ledger.usage('bob', 'score')).bytesToday;
    expect(await used()).to.equal(BLOCK);
    let total = 0;
    let left = true;
    while (left) {
      total += 5_000_000;
      left = await session.traffic(total);
      // What is on the disk is never less than what moved.
      expect(await used()).to.be.at.least(total);
      expect(total).to.be.lessThan(200 * 2 ** 20);
    }
    expect(total).to.be.at.least(quota.bytesPerDay - 5_000_000);
    expect(total).to.be.at.most(quota.bytesPerDay + 5_000_000);
    await session.end(total);
    expect(await used()).to.equal(total);
    expect(await admit(ledger, { bytesPerDay: total })).to.equal(undefined);
    const next = (await admit(ledger, { bytesPerDay: total + 7 })) as AdmittedSession;
    expect(await used()).to.equal(total + 7);
    await next.end(3);
    await next.end(3);
    expect(await used()).to.equal(total + 3);
  });

  it('any order of sessions, traffic and ends counts what moved', async () => {
    const actions = fc.array(
      fc.tuple(fc.constantFrom('start', 'move', 'end'), fc.nat(3), fc.nat(40 * 2 ** 20)),
      { maxLength: 25 },
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(actions, async (list) => {
        const path = folder.path(`u${run++}.json`);
        const ledger = new UsageLedger({ path, now: () => now });
        const running = new Map<number, { session: AdmittedSession; total: number }>();
        let moved = 0;
        for (const [what, which, bytes] of list) {
          const own = running.get(which);
          if (what === 'start' && !own) {
            const session = await admit(ledger, {});
            if (session) running.set(which, { session, total: 0 });
          } else if (what === 'move' && own) {
            own.total += bytes;
            moved += bytes;
            await own.session.traffic(own.total);
          } else if (what === 'end' && own) {
            await own.session.end(own.total);
            running.delete(which);
          }
          const usage = await ledger.usage('bob', 'score');
          expect(usage.bytesToday).to.be.at.least(moved);
          expect(usage.running).to.equal(running.size);
        }
        for (const { session, total } of running.values()) await session.end(total);
        expect((await ledger.usage('bob', 'score')).bytesToday).to.equal(moved);
      }),
      { numRuns: 25 },
    );
  }).timeout(60_000);

  it('a damaged file allows nothing, and is left as it is', async () => {
    for (const text of ['', '{', 'null', '{"version":2}', '{"version":1,"day":"x","used":[],"running":[]}']) {
      const path = folder.write('usage.json', text);
      const error = await rejection(admit(open(), {}));
      expect(error, text).to.be.instanceOf(UsageError).with.property('code', 'USAGE_FILE');
      expect(readFileSync(path, 'utf8')).to.equal(text);
    }
    // Negative counts would be a gift.
    const entry = { peer: 'bob', program: 'score', sessions: -5, bytes: 0 };
    folder.write('usage.json', JSON.stringify({ version: 1, day: '2026-11-27', used: [entry], running: [] }));
    expect(await rejection(admit(open(), {}))).to.be.instanceOf(UsageError);
  });

  it('is written with permissions for its owner, and leaves no other file', async () => {
    await admit(open(), {});
    expect(readdirSync(folder.path())).to.deep.equal(['usage.json']);
    if (process.platform !== 'win32')
      expect(statSync(folder.path('usage.json')).mode & 0o777).to.equal(0o600);
  });

  it('a session elsewhere counts as long as its process says that it runs', async () => {
    const elsewhere = { pid: 1, host: 'elsewhere', space: '', started: '' };
    const entry = { id: 'x', peer: 'bob', program: 'score', reserved: 0, process: elsewhere, seen: now };
    folder.write('usage.json', JSON.stringify({ version: 1, day: '2026-11-27', used: [], running: [entry] }));
    expect((await open().usage('bob', 'score')).running).to.equal(1);
    now += 89_000;
    expect((await open().usage('bob', 'score')).running).to.equal(1);
    now += 2000;
    expect((await open().usage('bob', 'score')).running).to.equal(0);
  });

  it('names that objects have anyway are names', async () => {
    const ledger = open();
    for (const peer of ['__proto__', 'constructor', 'toString']) {
      await admit(ledger, {}, peer);
      expect((await ledger.usage(peer, 'score')).sessionsToday).to.equal(1);
    }
  });
});
