import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { endOf, InviteStore } from '../src/server/invite-store.js';
import { questionRefusal, sessionRefusal, unused } from '../src/server/quota.js';
import { type CountedSession, UsageCounts } from '../src/server/usage-counts.js';

const DAY = 86_400_000;
const ID = '0123456789abcdef';
const session = (begun: CountedSession | { readonly code: string }): CountedSession => {
  if ('code' in begun) throw new Error(begun.code);
  return begun;
};

describe('quotas of invites', () => {
  let home = '';
  let now = Date.UTC(2026, 10, 27, 12);
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'tacit-quota-'));
    now = Date.UTC(2026, 10, 27, 12);
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it('allow what they say, and no more', () => {
    const usage = { ...unused(now), sessions: 3, questionsToday: 10, bytesToday: 1000 };
    expect(sessionRefusal({}, usage, 5)).to.equal(undefined);
    expect(sessionRefusal({ sessions: 3 }, usage, 0)?.code).to.equal('INVITE_USED');
    expect(sessionRefusal({ sessionsAtOnce: 2 }, usage, 2)?.code).to.equal('SESSIONS_AT_ONCE');
    expect(sessionRefusal({ sessionsAtOnce: 2 }, usage, 1)).to.equal(undefined);
    expect(questionRefusal({ questionsPerDay: 10 }, usage)?.code).to.equal('QUOTA_USED_UP');
    expect(questionRefusal({ questionsPerDay: 11 }, usage)).to.equal(undefined);
    expect(questionRefusal({ bytesPerDay: 1000 }, usage)?.code).to.equal('QUOTA_USED_UP');
  });

  it('count exactly, over sessions, restarts and days', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.tuple(fc.nat(40), fc.constantFrom('end', 'end', 'crash', 'tomorrow')), { maxLength: 6 }),
        async (questionsPerDay, acts) => {
          rmSync(join(home, 'model-usage.json'), { force: true });
          let counts = new UsageCounts(home, () => now);
          let asked = 0;
          let most = questionsPerDay;
          for (const [questions, then] of acts) {
            const begun = await counts.begin(ID, { questionsPerDay });
            if ('code' in begun) {
              expect(asked, 'refused too early').to.equal(most);
              if (then === 'tomorrow') {
                now += DAY;
                asked = 0;
                most = questionsPerDay;
              }
              continue;
            }
            for (let i = 0; i < questions; i++) if ((await begun.question()) === undefined) asked++;
            expect(asked).to.be.at.most(most);
            if (then === 'crash') {
              // What was taken is used, never less than was asked.
              counts = new UsageCounts(home, () => now);
              const { questionsToday } = await counts.usage(ID);
              expect(questionsToday).to.be.at.least(asked);
              expect(questionsToday - asked).to.be.lessThan(32);
              asked = questionsToday;
            } else await begun.end(0);
            if (then === 'tomorrow') {
              now += DAY;
              asked = 0;
              most = questionsPerDay;
            }
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  it('hold for several sessions at once', async () => {
    const counts = new UsageCounts(home, () => now);
    const quota = { questionsPerDay: 50, sessionsAtOnce: 3, sessions: 4 };
    const three = await Promise.all([1, 2, 3].map(async () => session(await counts.begin(ID, quota))));
    expect(await counts.begin(ID, quota)).to.include({ code: 'SESSIONS_AT_ONCE' });
    const answers = await Promise.all(
      three.flatMap((one) => Array.from({ length: 30 }, () => one.question())),
    );
    expect(answers.filter((answer) => answer === undefined)).to.have.length(50);
    for (const one of three) await one.end(10);
    await three[0]?.end(10); // twice is once
    expect(await counts.usage(ID)).to.include({ sessions: 3, questionsToday: 50, bytesToday: 30 });
    now += DAY;
    session(await counts.begin(ID, quota));
    expect(await counts.begin(ID, quota)).to.include({ code: 'INVITE_USED' });
  });

  it('count bytes as they pass', async () => {
    const counts = new UsageCounts(home, () => now);
    const one = session(await counts.begin(ID, { bytesPerDay: 1000 }));
    expect(await one.traffic(500)).to.equal(true);
    expect(await one.traffic(400)).to.equal(true);
    expect(await one.traffic(1000)).to.equal(false);
    await one.end(1200);
    expect((await counts.usage(ID)).bytesToday).to.equal(1200);
  });

  it('are not guessed where their file is damaged', async () => {
    writeFileSync(join(home, 'model-usage.json'), '{"0123456789abcdef": {"day": 3}}');
    const counts = new UsageCounts(home);
    const error = await counts.begin(ID, {}).catch((caught) => caught);
    expect(error).to.include({ code: 'SERVE_USAGE' });
  });
});

describe('the store of invites', () => {
  let home = '';
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'tacit-store-'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it('keeps them for its owner only, and sees those of other processes', async () => {
    const [one, other] = [new InviteStore(home), new InviteStore(home)];
    expect(one.list()).to.deep.equal([]);
    const invite = await one.issue({ model: 'digits', label: 'Bern', quota: { questionsPerDay: 3 } });
    expect(other.find(invite.id)).to.deep.equal(invite);
    const path = join(home, 'model-invites.json');
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).to.equal(0o600);
    await other.withdraw(invite.id.slice(0, 6));
    expect(endOf(one.find(invite.id) as typeof invite, Date.now())).to.include({ code: 'INVITE_UNKNOWN' });
    const error = await one.withdraw('ffffff').catch((caught) => caught);
    expect(error.message).to.include("no invite 'ffffff'");
  });

  it('knows which have expired, and forgets them later', async () => {
    const store = new InviteStore(home);
    const now = Date.UTC(2026, 0, 1);
    const invite = await store.issue({ model: 'digits', expiresInMs: 1500, now });
    expect(endOf(invite, now + 1999)).to.equal(undefined);
    expect(endOf(invite, now + 2000)).to.include({ code: 'INVITE_EXPIRED' });
    await store.issue({ model: 'digits', now: now + 100 * DAY });
    expect(store.find(invite.id)).to.equal(undefined);
  });

  it('refuses what cannot be, and files that are not its own', async () => {
    const store = new InviteStore(home);
    for (const wrong of [
      { model: '../x' },
      { model: 'x', expiresInMs: 0 },
      { model: 'x', expiresInMs: Number.POSITIVE_INFINITY },
      { model: 'x', quota: { questionsPerDay: 0 } },
      { model: 'x', quota: { sessionsAtOnce: 1.5 } },
      { model: 'x', label: 'y'.repeat(200) },
    ]) {
      const error = await store.issue(wrong).catch((caught) => caught);
      expect(error, JSON.stringify(wrong)).to.include({ code: 'SERVE_USAGE' });
    }
    writeFileSync(join(home, 'model-invites.json'), '[{"id": 3}]', { mode: 0o600 });
    expect(() => store.list()).to.throw('is damaged');
    expect(readFileSync(join(home, 'model-invites.json'), 'utf8')).to.equal('[{"id": 3}]');
  });
});
