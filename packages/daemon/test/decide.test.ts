import { expect } from 'chai';
import fc from 'fast-check';
import { decide, fits } from '../src/consent/decide.js';
import type { ConsentRequest, ConsentRules, ProgramRule, RefusalCode, Usage } from '../src/consent/types.js';

const HASH = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);
const NOW = Date.parse('2026-11-27T12:00:00Z');

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
const rules = (rule: Partial<ProgramRule> | undefined, more: Partial<ConsentRules> = {}): ConsentRules => ({
  programs: rule && [{ name: 'score', ...rule }],
  offered: { hash: HASH },
  limits: { sessionsAtOnce: 4 },
  now: NOW,
  ...more,
});
const NONE: Usage = { running: 0, runningOfPeer: 0, runningOfProgram: 0, sessionsToday: 0, bytesToday: 0 };

const code = (r: ConsentRequest, rule: ConsentRules, usage: Partial<Usage> = {}): RefusalCode | 'ok' => {
  const decision = decide(r, rule, { ...NONE, ...usage });
  if (decision.allowed) return 'ok';
  expect(decision.reason).to.be.a('string').and.not.equal('');
  return decision.code;
};

describe('consent: the decision', () => {
  it('is no by default', () => {
    expect(code(request(), rules(undefined))).to.equal('NOT_ALLOWED');
    expect(code(request(), rules(undefined, { programs: [] }))).to.equal('NOT_ALLOWED');
    expect(code(request({ program: 'other' }), rules({}))).to.equal('NOT_ALLOWED');
    expect(code(request({ program: 'SCORE' }), rules({}))).to.equal('NOT_ALLOWED');
    expect(code(request(), rules({}))).to.equal('ok');
  });

  it('tells a peer without a rule nothing about what is offered', () => {
    const asked = request({ program: 'secret-study' });
    const [offered, not] = [{ hash: HASH }, undefined].map((own) =>
      decide(asked, rules({}, { offered: own }), NONE),
    );
    expect(offered).to.deep.equal(not);
  });

  it('compares the hash with the own copy, and with the rule', () => {
    expect(code(request({ hash: OTHER }), rules({}))).to.equal('HASH_DIFFERS');
    expect(code(request(), rules({}, { offered: undefined }))).to.equal('NOT_OFFERED');
    expect(code(request(), rules({ hash: OTHER }))).to.equal('HASH_NOT_ALLOWED');
    expect(code(request(), rules({ hash: HASH }))).to.equal('ok');
    expect(code(request(), rules({ hash: HASH.toUpperCase() }))).to.equal('ok');
  });

  it('a dealer has no copy, and its rule may be for any program', () => {
    const asked = request({ role: 'dealer', arguments: ['x'] });
    const any = { offered: undefined, programs: [{ name: '*' }] };
    expect(code(asked, rules({}, { offered: undefined }))).to.equal('ok');
    expect(code(asked, rules(undefined, any))).to.equal('ok');
    expect(code(asked, rules({ hash: OTHER }, { offered: undefined }))).to.equal('HASH_NOT_ALLOWED');
    // The rule of the name goes before that of any.
    expect(
      code(
        asked,
        rules(undefined, { ...any, programs: [{ name: '*' }, { name: 'score', expires: '2020-01-01' }] }),
      ),
    ).to.equal('EXPIRED');
    // A party's owner names programs.
    expect(code(request(), rules(undefined, { programs: [{ name: '*' }] }))).to.equal('NOT_ALLOWED');
  });

  it('arguments: none unless allowed, and never more than the own config allows', () => {
    const one = request({ arguments: ['1'] });
    expect(code(one, rules({}))).to.equal('ARGUMENTS_NOT_ALLOWED');
    expect(code(one, rules({ arguments: 'any' }))).to.equal('ok');
    expect(code(one, rules({ arguments: 'any' }, { offered: { hash: HASH, arguments: 'none' } }))).to.equal(
      'ARGUMENTS_NOT_ALLOWED',
    );
    expect(code(one, rules({ arguments: ['1'] }))).to.equal('ok');
    expect(code(one, rules({ arguments: ['2'] }))).to.equal('ARGUMENTS_NOT_ALLOWED');
    expect(fits(['--epochs', '7'], ['--epochs', '*'])).to.equal(true);
    expect(fits(['--epochs'], ['--epochs', '*'])).to.equal(false);
    expect(fits(['--epochs', '7', '8'], ['--epochs', '*'])).to.equal(false);
    expect(fits([], [])).to.equal(true);
    expect(fits([''], 'none')).to.equal(false);
  });

  it('ends with the rule: a date lasts its day in UTC, and what is no date allows nothing', () => {
    const at = (now: string, expires: string) =>
      code(request(), rules({ expires }, { now: Date.parse(now) }));
    expect(at('2026-11-27T23:59:59Z', '2026-11-27')).to.equal('ok');
    expect(at('2026-11-28T00:00:00Z', '2026-11-27')).to.equal('EXPIRED');
    expect(at('2026-11-27T10:00:00Z', '2026-11-27T12:00:00+01:00')).to.equal('ok');
    expect(at('2026-11-27T11:00:00Z', '2026-11-27T12:00:00+01:00')).to.equal('EXPIRED');
    for (const nonsense of ['soon', '', '2026-13-40', '27.11.2026', '2026-11-27 12:00'])
      expect(at('2000-01-01T00:00:00Z', nonsense), nonsense).to.equal('EXPIRED');
  });

  it('counts quotas: the last place is given, the next one is not', () => {
    const cases: [Partial<ProgramRule>, Partial<Usage>, Partial<Usage>, RefusalCode][] = [
      [{ quota: { sessionsPerDay: 3 } }, { sessionsToday: 2 }, { sessionsToday: 3 }, 'SESSIONS_PER_DAY'],
      [{ quota: { bytesPerDay: 100 } }, { bytesToday: 99 }, { bytesToday: 100 }, 'BYTES_PER_DAY'],
      [
        { quota: { sessionsAtOnce: 1 } },
        { runningOfProgram: 0 },
        { runningOfProgram: 1 },
        'SESSIONS_AT_ONCE',
      ],
      [{}, { running: 3 }, { running: 4 }, 'BUSY'],
    ];
    for (const [rule, last, next, refusal] of cases) {
      expect(code(request(), rules(rule), last), refusal).to.equal('ok');
      expect(code(request(), rules(rule), next), refusal).to.equal(refusal);
    }
    const limits = { sessionsAtOnce: 4, sessionsAtOncePerPeer: 2 };
    expect(code(request(), rules({}, { limits }), { runningOfPeer: 2 })).to.equal('SESSIONS_AT_ONCE');
    // Zero is a quota.
    expect(code(request(), rules({ quota: { sessionsPerDay: 0 } }))).to.equal('SESSIONS_PER_DAY');
    expect(code(request(), rules({ quota: { bytesPerDay: 0 } }))).to.equal('BYTES_PER_DAY');
    const decision = decide(request(), rules({ quota: { bytesPerDay: 100 } }), { ...NONE, bytesToday: 30 });
    expect(decision).to.include({ allowed: true, bytesLeft: 70 });
  });

  it('starts nothing while the process drains', () => {
    expect(code(request(), rules({}, { draining: true }))).to.equal('DRAINING');
  });

  it('no number that is none opens a quota', () => {
    for (const broken of [Number.NaN, -1])
      expect(
        code(request(), rules({ quota: { sessionsPerDay: broken, bytesPerDay: broken } })),
        String(broken),
      ).to.not.equal('ok');
    expect(code(request(), rules({ quota: { sessionsPerDay: 3 } }), { sessionsToday: Number.NaN })).to.equal(
      'SESSIONS_PER_DAY',
    );
  });

  it('reasons hold no control characters of a peer, and are short', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 150 }),
        fc.string({ unit: 'binary', maxLength: 150 }),
        (program, hash) => {
          for (const rule of [rules({}), rules(undefined, { programs: [{ name: program, hash: OTHER }] })]) {
            const decision = decide(request({ program, hash }), rule, NONE);
            if (decision.allowed) continue;
            expect(decision.reason).to.match(/^[\x20-\x7e…]*$/);
            expect(decision.reason.length).to.be.lessThan(400);
          }
        },
      ),
    );
  });
});
