/** Workers and runners of shards, with sessions that a test plays. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type LeadOptions,
  MemberAbsentError,
  type Organisation,
  SessionRefusedError,
} from '@tacit/daemon/processes';
import { foreignCode, TacitError } from '@tacit/errors';
import { expect } from 'chai';
import fc from 'fast-check';
import type { BatchFolder } from '../src/folder/batch-folder.js';
import { submitBatch } from '../src/folder/submit.js';
import { BatchMetrics } from '../src/metrics.js';
import { pauseAfter, verdictOn } from '../src/shard/outcome.js';
import { resultOf } from '../src/shard/result.js';
import { type ShardOutcome, ShardRunner } from '../src/shard/run-shard.js';
import { work } from '../src/shard/work.js';
import { InProcessSource } from '../src/source/in-process.js';

const never = new AbortController().signal;
const refusal = (code: string, attempt?: number) => new SessionRefusedError('bob', code, 'reason', attempt);
const coded = (code: string) => new TacitError(foreignCode(code), code);

describe('what an error means for a shard', () => {
  it('is told by its code', () => {
    for (const code of ['BUSY', 'SESSIONS_AT_ONCE', 'TOO_MANY_PROPOSALS', 'DRAINING'])
      expect(verdictOn(refusal(code), false)).to.equal('later');
    expect(verdictOn(refusal('FENCED', 3), false)).to.equal('fenced');
    for (const code of [
      'NOT_ALLOWED',
      'HASH_DIFFERS',
      'SHARD_CONFLICT',
      'ATTEMPTS_USED_UP',
      'SESSIONS_PER_DAY',
    ])
      expect(verdictOn(refusal(code), false)).to.equal('failed');
    expect(verdictOn(new MemberAbsentError(['bob'], 1000, '-'), false)).to.equal('later');
    for (const code of [
      'PEER_LEFT',
      'PEER_ABORTED',
      'PEER_TIMEOUT',
      'SESSION_CRASHED',
      'MEMBER_FAILED',
      'DRAINING',
    ])
      expect(verdictOn(coded(code), true), code).to.equal('again');
    for (const code of [
      'SHAPE',
      'UNSUPPORTED_MODEL',
      'SHARD_RESULT',
      'DAEMON_USAGE',
      'BATCH_PROGRAM_CHANGED',
    ])
      expect(verdictOn(coded(code), true), code).to.equal('failed');
    for (const code of ['AUDIT_LOG', 'FILE_NOT_WRITABLE', 'PEERS_FILE'])
      expect(verdictOn(coded(code), true), code).to.equal('halt');
    // A peer with another certificate will have it the next time, too.
    expect(verdictOn(coded('HANDSHAKE_FAILED'), false)).to.equal('failed');
    for (const thrown of [undefined, 'text', new Error('x'), 7])
      expect(verdictOn(thrown, true)).to.equal('failed');
  });

  it('makes the pause longer, up to a minute and a half', () => {
    expect([1, 2, 3].map((n) => pauseAfter(n, 0.5))).to.deep.equal([500, 1000, 2000]);
    expect(pauseAfter(0, 0)).to.equal(250);
    expect(pauseAfter(1000, 1)).to.equal(90_000);
  });

  it('is a result only if there is one for each row', () => {
    expect(resultOf({ shape: [2, 1], data: Float32Array.of(1, 2) }, 2).data).to.deep.equal(
      Float64Array.of(1, 2),
    );
    expect(resultOf({ shape: [2], data: [1, 2] }, 2).shape).to.deep.equal([2]);
    const wrong = [
      undefined,
      null,
      5,
      {},
      { shape: [2] },
      { shape: [1], data: [1] },
      { shape: [2], data: [1] },
    ];
    for (const value of [
      ...wrong,
      { shape: [2], data: ['a', 'b'] },
      { shape: [-2], data: [] },
      { shape: 2, data: [1, 2] },
    ])
      expect(() => resultOf(value, 2))
        .to.throw()
        .with.property('code', 'SHARD_RESULT');
  });
});

describe('a runner of shards', () => {
  let folder: string;
  let batch: BatchFolder;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tacit-batch-'));
    writeFileSync(join(folder, 'p.mjs'), 'export default () => {};\n');
    writeFileSync(join(folder, 'rows.csv'), '1\n2\n3\n');
    batch = await submitBatch({
      batches: folder,
      input: join(folder, 'rows.csv'),
      programFile: join(folder, 'p.mjs'),
      program: 'p',
      with: ['bob'],
      dealer: 'carol',
      rowsPerShard: 2,
    });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const organisation = {
    config: { programs: [{ name: 'p', files: { extra: '/e' } }] },
  } as unknown as Organisation;
  const run = (lead: (options: LeadOptions) => Promise<unknown>, attempts = 3): Promise<ShardOutcome> =>
    new ShardRunner({ organisation, batches: folder, attempts, say: () => {}, lead, random: () => 0.5 }).run(
      { batch: batch.manifest.id, shard: 1 },
      never,
    );
  const good = { shape: [2, 1], data: Float64Array.of(10, 0) };

  it('leads a session for the shard, and commits what it gives, without the rows that fill it up', async () => {
    const outcome = await run(async (options) => {
      expect(options).to.deep.include({ program: 'p', with: ['bob'], dealer: 'carol' });
      expect(options.files).to.deep.equal({ extra: '/e', rows: batch.rowsPath(1) });
      expect(options.shard).to.deep.equal({ batch: batch.manifest.id, shard: 1, of: 2, rows: 2, attempt: 1 });
      options.onReserved?.();
      return good;
    });
    expect(outcome).to.deep.equal({ kind: 'committed', fresh: true });
    batch.commit(0, { shape: [2, 1], data: Float64Array.of(1, 2) });
    expect([...(await batch.results()).data]).to.deep.equal([1, 2, 10]);
    expect(await run(() => expect.fail('a committed shard needs no session'))).to.deep.equal({
      kind: 'committed',
      fresh: false,
    });
  });

  it('does not count what was busy, counts what began, and takes higher numbers where members know more', async () => {
    const numbers: (number | undefined)[] = [];
    const fail = (error: Error, begins: boolean) =>
      run(async ({ shard, onReserved }) => {
        numbers.push(shard?.attempt);
        if (begins) onReserved?.();
        throw error;
      });
    expect(await fail(refusal('BUSY'), false)).to.include({ kind: 'later' });
    expect(await fail(new MemberAbsentError(['bob'], 1, '-'), false)).to.include({ kind: 'later' });
    expect(numbers).to.deep.equal([1, 1]);
    expect(await fail(coded('PEER_LEFT'), true)).to.include({ kind: 'again', delayMs: 500 });
    expect(await fail(coded('PEER_LEFT'), true)).to.include({ kind: 'again', delayMs: 1000 });
    const used = (await fail(coded('PEER_LEFT'), true)) as { kind: string; error: Error };
    expect(used).to.include({ kind: 'failed' });
    expect(used.error).to.include({ code: 'SHARD_ATTEMPTS' });
    expect(numbers).to.deep.equal([1, 1, 1, 2, 3]);
    const asked: (number | undefined)[] = [];
    const outcome = await run(async ({ shard }) => {
      asked.push(shard?.attempt);
      if ((shard?.attempt ?? 0) < 8) throw refusal('FENCED', 7);
      return good;
    });
    expect([outcome.kind, asked]).to.deep.equal(['committed', [4, 8]]);
  });

  it('does not go round for ever with a member that refuses every number', async () => {
    let asked = 0;
    const outcome = await run(async () => {
      asked++;
      throw refusal('FENCED');
    });
    expect(outcome.kind).to.equal('later');
    expect(asked).to.be.lessThan(50);
  });

  it('refuses a program that was changed, and a result that is none', async () => {
    expect(await run(async () => ({ shape: [3], data: [1, 2, 3] }))).to.include({ kind: 'failed' });
    writeFileSync(join(folder, 'p.mjs'), 'export default () => 1;\n');
    const changed = (await run(() => expect.fail('it must not run'))) as { kind: string; error: Error };
    expect(changed.kind).to.equal('failed');
    expect(changed.error).to.include({ code: 'BATCH_PROGRAM_CHANGED' });
  });
});

describe('a worker', () => {
  it('brings every shard to an end once, whatever its runs come to', async () => {
    const kinds = fc.constantFrom('committed', 'later', 'again', 'failed', 'throws');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(kinds, { maxLength: 4 }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        async (plans, sessions) => {
          const left = plans.map((plan) => [...plan]);
          const ended = new Map<number, string>();
          const metrics = new BatchMetrics(sessions);
          const summary = await work({
            source: new InProcessSource(plans.map((_, shard) => ({ batch: 'b', shard }))),
            sessions,
            signal: never,
            say: () => {},
            metrics,
            onFailed: ({ shard }) => {
              expect(ended.has(shard)).to.equal(false);
              ended.set(shard, 'failed');
            },
            run: async ({ shard }) => {
              await Promise.resolve();
              const kind = left[shard]?.shift() ?? 'committed';
              const error = new Error('x');
              if (kind === 'throws') throw error;
              if (kind === 'later' || kind === 'again') return { kind, delayMs: 0, error };
              if (kind === 'failed') return { kind, error };
              expect(ended.has(shard)).to.equal(false);
              ended.set(shard, 'committed');
              return { kind: 'committed', fresh: true };
            },
          });
          expect(ended.size).to.equal(plans.length);
          const failed = [...ended.values()].filter((end) => end === 'failed').length;
          expect(summary).to.deep.equal({ committed: plans.length - failed, failed });
          expect(await metrics.text()).to.include(
            `tacit_batch_runs_total{outcome="committed"} ${plans.length - failed}\n`,
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  it('ends with what is wrong with itself, and gives back what it has', async () => {
    const returned: number[] = [];
    class Watched extends InProcessSource {
      override async retryLater(task: { batch: string; shard: number }): Promise<void> {
        returned.push(task.shard);
        return super.done(task);
      }
    }
    const error = await work({
      source: new Watched([0, 1, 2].map((shard) => ({ batch: 'b', shard }))),
      sessions: 2,
      signal: never,
      say: () => {},
      onFailed: () => expect.fail('no shard failed'),
      run: async ({ shard }, signal) => {
        if (shard === 0) return { kind: 'halt', error: coded('AUDIT_LOG') };
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    }).catch((thrown: Error) => thrown);
    expect(error).to.include({ code: 'AUDIT_LOG' });
    expect(returned.sort()).to.deep.equal([0, 1]);
  });
});
