/** What a member remembers of shards: the function, and its files. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import fc from 'fast-check';
import { type ClaimedWork, requestHash, type ShardClaim } from '../src/shards/claim.js';
import { beginAttempt, claimShard, computeAttempt, type ShardRecord } from '../src/shards/fence.js';
import { ShardFence, type ShardKey } from '../src/shards/fence-files.js';
import { freshFolder } from './helpers/folder.js';

const HASHES = ['a'.repeat(64), 'b'.repeat(64)] as const;
const KEY: ShardKey = { leader: 'c'.repeat(64), batch: 'd'.repeat(32), shard: 7 };

/** What may happen to a shard at a member, in any order; leaders may lag, repeat themselves and lie. */
const event = fc.oneof(
  fc.record({
    do: fc.constant('claim' as const),
    attempt: fc.integer({ min: 1, max: 6 }),
    hash: fc.constantFrom(0, 0, 0, 1),
  }),
  fc.record({
    do: fc.constantFrom('begin' as const, 'compute' as const),
    attempt: fc.integer({ min: 1, max: 6 }),
  }),
);

describe('the memory of shards', () => {
  const fresh = freshFolder();

  it('begins each attempt once, in rising order, and computes so many at most, whatever comes when', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.integer({ min: 1, max: 3 }), (events, most) => {
        let record: ShardRecord | undefined;
        let request: number | undefined;
        let highest = 0;
        let reserved = 0;
        const begun: number[] = [];
        const computed: number[] = [];
        for (const one of events) {
          if (one.do === 'claim') {
            const { attempt, hash } = one;
            const answer = claimShard(record, attempt, HASHES[hash] ?? '', most);
            const expected =
              request !== undefined && hash !== request
                ? 'SHARD_CONFLICT'
                : attempt < highest || begun.includes(attempt)
                  ? 'FENCED'
                  : computed.length >= most
                    ? 'ATTEMPTS_USED_UP'
                    : undefined;
            expect('code' in answer ? answer.code : undefined).to.equal(expected);
            if (!('record' in answer)) continue;
            request ??= hash;
            highest = reserved = attempt;
            record = answer.record;
            // Whoever asks the same again hears the same.
            expect(claimShard(record, attempt, HASHES[hash] ?? '', most)).to.deep.equal(answer);
          } else if (one.do === 'begin') {
            const next = beginAttempt(record, one.attempt);
            expect(next !== undefined).to.equal(one.attempt === reserved && !begun.includes(one.attempt));
            if (next === undefined) continue;
            record = next;
            begun.push(one.attempt);
          } else {
            const next = computeAttempt(record, one.attempt);
            if (next === undefined) continue;
            record = next;
            expect(one.attempt).to.equal(begun.at(-1));
            computed.push(one.attempt);
          }
          expect(begun).to.deep.equal([...new Set(begun)].sort((a, b) => a - b));
          expect(record?.attempt).to.equal(highest);
        }
      }),
    );
  });

  it('is a file a shard, which another process or a restart finds as it was', async () => {
    const folder = fresh.path();
    const fence = (): ShardFence => new ShardFence({ folder, most: 2 });
    expect(fence().record(KEY)).to.equal(undefined);
    expect(await fence().claim(KEY, 3, HASHES[0])).to.have.property('record');
    expect(await fence().begin(KEY, 2)).to.equal(false);
    expect(await fence().begin(KEY, 3)).to.equal(true);
    expect(await fence().begin(KEY, 3)).to.equal(false);
    expect(await fence().compute(KEY, 3)).to.equal(true);
    expect(fence().look(KEY, 3, HASHES[0])).to.include({ code: 'FENCED' });
    expect(fence().look(KEY, 4, HASHES[1])).to.include({ code: 'SHARD_CONFLICT' });
    expect(await fence().claim(KEY, 4, HASHES[0])).to.have.property('record');
    // The attempt before is over: it may not begin to compute any more.
    expect(await fence().compute(KEY, 3)).to.equal(false);
    expect([await fence().begin(KEY, 4), await fence().compute(KEY, 4)]).to.deep.equal([true, true]);
    expect(await fence().claim(KEY, 5, HASHES[0])).to.include({ code: 'ATTEMPTS_USED_UP' });
    // Other shards and other leaders are others.
    expect(await fence().claim({ ...KEY, shard: 8 }, 1, HASHES[1])).to.have.property('record');
    expect(await fence().claim({ ...KEY, leader: 'e'.repeat(64) }, 1, HASHES[1])).to.have.property('record');
  });

  it('lets one of many processes begin an attempt', async () => {
    const folder = fresh.path();
    await new ShardFence({ folder, most: 9 }).claim(KEY, 1, HASHES[0]);
    const child = fileURLToPath(new URL('helpers/fence-child.ts', import.meta.url));
    const answers = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const process = fork(child, [folder, JSON.stringify(KEY)]);
        const [answer] = await once(process, 'message');
        return answer as boolean;
      }),
    );
    expect(answers.filter(Boolean)).to.have.length(1);
    expect(readdirSync(join(folder, KEY.leader, KEY.batch))).to.deep.equal(['7.json']);
  }).timeout(30_000);

  it('refuses a damaged file, and forgets batches of long ago', async () => {
    const folder = fresh.path();
    const fence = new ShardFence({ folder, most: 9 });
    const batch = join(folder, KEY.leader, KEY.batch);
    mkdirSync(batch, { recursive: true });
    for (const text of ['', '{}', 'x', '{"version":1,"request":"q","attempt":1,"begun":true,"computed":0}']) {
      writeFileSync(join(batch, '7.json'), text);
      expect(() => fence.record(KEY))
        .to.throw('it is not known which attempts')
        .with.property('code', 'SHARD_FILE');
      const error = await fence.claim(KEY, 9, HASHES[0]).catch((thrown: unknown) => thrown);
      expect(error).to.have.property('code', 'SHARD_FILE');
    }
    fence.tidy(Date.now());
    expect(readdirSync(join(folder, KEY.leader))).to.have.length(1);
    utimesSync(batch, 0, 0);
    fence.tidy(Date.now());
    expect(readdirSync(join(folder, KEY.leader))).to.have.length(0);
    new ShardFence({ folder: join(folder, 'nowhere'), most: 1 }).tidy(0);
  });

  it('tells requests apart by all that is asked for, and not by the attempt', () => {
    const claim: ShardClaim = { batch: 'f'.repeat(32), shard: 1, of: 3, rows: 10, attempt: 1 };
    const work: ClaimedWork = {
      program: { name: 'predict', hash: HASHES[0], arguments: ['a'] },
      members: [
        { fingerprint: '1'.repeat(64), role: 'party' },
        { fingerprint: '2'.repeat(64), role: 'dealer' },
      ],
      config: { fractionBits: 16, tree: 'bt3' },
    };
    const hash = requestHash(claim, work);
    expect(requestHash({ ...claim, attempt: 9 }, work)).to.equal(hash);
    expect(requestHash(claim, { ...work, config: { tree: 'bt3', fractionBits: 16 } })).to.equal(hash);
    const others = [
      requestHash({ ...claim, rows: 11 }, work),
      requestHash({ ...claim, of: 4 }, work),
      requestHash({ ...claim, shard: 2 }, work),
      requestHash(claim, { ...work, config: {} }),
      requestHash(claim, { ...work, members: [...work.members].reverse() }),
      requestHash(claim, { ...work, program: { ...work.program, arguments: [] } }),
      requestHash(claim, { ...work, program: { ...work.program, hash: HASHES[1] } }),
    ];
    expect(new Set([hash, ...others]).size).to.equal(others.length + 1);
  });
});
