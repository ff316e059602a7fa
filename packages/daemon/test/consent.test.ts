import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { AuditLog } from '../src/audit/audit-log.js';
import { verifyAudit } from '../src/audit/verify.js';
import { Consent } from '../src/consent/consent.js';
import { UsageLedger } from '../src/consent/ledger.js';
import type { ConsentRequest, ConsentRules, ProgramRule } from '../src/consent/types.js';
import { AuditError, UsageError } from '../src/errors.js';
import { freshFolder, rejection } from './helpers/folder.js';

const HASH = 'a'.repeat(64);
const request = (more: Partial<ConsentRequest> = {}): ConsentRequest => ({
  peer: 'bob',
  fingerprint: 'f'.repeat(64),
  session: 's1',
  role: 'party',
  program: 'score',
  hash: HASH,
  arguments: [],
  ...more,
});

describe('consent', () => {
  const folder = freshFolder();
  let programs: ProgramRule[] | undefined;
  const consent = (more: Partial<ConsentRules> = {}): Consent =>
    new Consent({
      ledger: new UsageLedger({ path: folder.path('usage.json') }),
      audit: new AuditLog({ path: folder.path('audit.log') }),
      rules: () => ({
        programs,
        offered: { hash: HASH },
        limits: { sessionsAtOnce: 4 },
        now: Date.now(),
        ...more,
      }),
    });
  const events = () =>
    readFileSync(folder.path('audit.log'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));

  beforeEach(() => {
    programs = [{ name: 'score', quota: { sessionsAtOnce: 1, sessionsPerDay: 2 } }];
  });

  it('allows, counts and writes down; then refuses with a reason that is written, too', async () => {
    const own = consent();
    const first = await own.admit(request());
    expect(first).to.include({ allowed: true });
    const second = await own.admit(request({ session: 's2' }));
    expect(second).to.deep.equal({
      allowed: false,
      code: 'SESSIONS_AT_ONCE',
      reason: 'bob may have 1 of score at the same time',
    });
    if (first.allowed) await first.session.end(5);
    expect((await own.admit(request())).allowed).to.equal(true);
    expect(await own.admit(request())).to.include({ code: 'SESSIONS_PER_DAY' });
    const written = events();
    expect(written.map(({ event, allowed }) => [event, allowed])).to.deep.equal([
      ['opened', undefined],
      ['proposal', undefined],
      ['decision', true],
      ['proposal', undefined],
      ['decision', false],
      ['proposal', undefined],
      ['decision', true],
      ['proposal', undefined],
      ['decision', false],
    ]);
    expect(written[4]).to.include({
      code: 'SESSIONS_AT_ONCE',
      session: 's2',
      peer: 'bob',
      programHash: HASH,
    });
    expect((await verifyAudit(folder.path('audit.log'))).broken).to.equal(undefined);
  });

  it('a rule that is taken back counts at once', async () => {
    const own = consent();
    programs = [{ name: 'score' }];
    expect((await own.admit(request())).allowed).to.equal(true);
    programs = undefined;
    expect(await own.admit(request())).to.include({ code: 'NOT_ALLOWED' });
  });

  it('a dealer counts by its rule, so that other names of programs are no way round a quota', async () => {
    programs = [{ name: '*', quota: { sessionsPerDay: 2 } }];
    const own = consent({ offered: undefined });
    const ask = (program: string) => own.admit(request({ role: 'dealer', program }));
    expect((await ask('a')).allowed).to.equal(true);
    expect((await ask('b')).allowed).to.equal(true);
    expect(await ask('c')).to.include({ code: 'SESSIONS_PER_DAY' });
  });

  it('many at once get no more than there is', async () => {
    programs = [{ name: 'score', quota: { sessionsPerDay: 3 } }];
    const all = await Promise.all(
      Array.from({ length: 12 }, (_, i) => consent().admit(request({ session: `s${i}` }))),
    );
    expect(all.filter(({ allowed }) => allowed)).to.have.length(3);
    const report = await verifyAudit(folder.path('audit.log'));
    expect(report).to.deep.include({ broken: undefined, lines: 25 });
  });

  it('rules that cannot be read allow nothing, and that is written', async () => {
    const own = new Consent({
      ledger: new UsageLedger({ path: folder.path('usage.json') }),
      audit: new AuditLog({ path: folder.path('audit.log') }),
      rules: () => Promise.reject(new UsageError('peers.yaml is broken, at a secret place')),
    });
    expect((await rejection(own.admit(request()))).code).to.equal('USAGE_FILE');
    expect(events().at(-1)).to.include({ event: 'decision', allowed: false, code: 'RULES' });
    expect(JSON.stringify(events())).to.not.include('secret place');
  });

  it('a home that is not there is an error of its own', async () => {
    const audit = new AuditLog({ path: folder.path('none/audit.log') });
    expect(
      await rejection(audit.append({ event: 'stopped', process: 'party', reason: '-' })),
    ).to.be.instanceOf(AuditError);
    const ledger = new UsageLedger({ path: folder.path('none/usage.json') });
    expect(await rejection(ledger.usage('bob', 'score'))).to.be.instanceOf(UsageError);
  });

  it('what cannot be written down is not allowed, and takes no place', async () => {
    writeFileSync(folder.path('audit.log'), 'not a log\n');
    expect(await rejection(consent().admit(request()))).to.be.instanceOf(AuditError);
    writeFileSync(folder.path('audit.log'), '');
    writeFileSync(folder.path('usage.json'), 'broken');
    expect(await rejection(consent().admit(request()))).to.be.instanceOf(UsageError);
    writeFileSync(
      folder.path('usage.json'),
      JSON.stringify({ version: 1, day: '2000-01-01', used: [], running: [] }),
    );
    // The decision cannot be written after the session was counted.
    const audit = new AuditLog({ path: folder.path('audit.log') });
    const failing = Object.assign(Object.create(audit), {
      append: (event: { event: string }) =>
        event.event === 'decision' ? Promise.reject(new AuditError('full')) : Promise.resolve({}),
    }) as AuditLog;
    const ledger = new UsageLedger({ path: folder.path('usage.json') });
    const own = new Consent({
      ledger,
      audit: failing,
      rules: () => ({ programs, offered: { hash: HASH }, limits: { sessionsAtOnce: 1 }, now: Date.now() }),
    });
    expect((await rejection(own.admit(request()))).message).to.equal('full');
    expect((await ledger.usage('bob', 'score')).running).to.equal(0);
  });
});
