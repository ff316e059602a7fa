/** Scopes that end: nothing of them is kept, and still every difference between the parties' programs is found. */
import { Communicator, createThreadGroup, threadTransport } from '@tacit/comm';
import { expect } from 'chai';
import fc from 'fast-check';
import { ScopeError, type Session } from '../src/index.js';
import { mulScalar } from '../src/protocols/local-maps.js';
import { relu } from '../src/protocols/relu.js';
import { reveal } from '../src/protocols/reveal.js';
import { nextTurn } from '../src/runtime/next-turn.js';
import { ProgramCheck } from '../src/runtime/program-check.js';
import { EndedNames } from '../src/runtime/scopes.js';
import { failure, input, runParties } from './helpers/parties.js';

const number = (s: Session, v: number) => input(s, [BigInt(v)]);
const request = (s: Session, v: number) => reveal(s, relu(s, number(s, v)));

describe('scopes that end', () => {
  it('leave nothing behind, and make no frame longer', async () => {
    const comms = createThreadGroup(3).map((e) => new Communicator(threadTransport(e)));
    const failed: Error[] = [];
    const checks = comms.map((comm) => new ProgramCheck(comm, 3, (error) => failed.push(error)));
    let largest = 0;
    let longest = 0;
    try {
      for (let i = 0; i < 3000; i++) {
        for (const [rank, check] of checks.entries()) {
          // Each party is in another scope than the others.
          const name = `request ${(i + rank) % 3000}`;
          for (const operation of ['input', 'relu', 'reveal']) check.append(check.scope(name), operation);
          check.end(name);
          for (let peer = 0; peer < 3; peer++) {
            const entry = peer === rank ? undefined : check.entryFor(peer);
            longest = Math.max(longest, entry?.payload.length ?? 0);
            if (entry) comms[rank].sendBatch(peer, [entry]);
          }
        }
        if (i % 10 === 0) await nextTurn();
        largest = Math.max(largest, ...checks.map((check) => check.size));
      }
      await Promise.all(checks.map((check) => check.finish()));
      expect(failed).deep.equal([]);
      expect(longest).below(100);
      expect(largest).below(100);
      for (const { size } of checks) expect(size).below(6);
    } finally {
      await Promise.all(comms.map((comm) => comm.close()));
    }
  });

  it('give right results, in whatever order the parties come to them', async () => {
    const numbers = Array.from({ length: 60 }, (_, i) => i);
    const { results } = await runParties(
      3,
      async (s) => {
        const found: number[] = [];
        // Each party in its own order, some at the same time.
        const order = numbers.map((i) => (i * 7 + s.rank * 13) % numbers.length);
        await Promise.all(
          order.map(async (i, at) => {
            for (let turn = 0; turn < at; turn++) await nextTurn();
            const name = `request ${i}`;
            const doubled = s.scope(name, () => mulScalar(s, number(s, i - 30), 2n));
            await nextTurn();
            const told = s.scope(name, () => reveal(s, relu(s, doubled)), { last: i % 2 === 0 });
            if (i % 2 === 1) s.endScope(name);
            found[i] = Number((await told)?.[0]);
          }),
        );
        return found;
      },
      { delays: 5 },
    );
    for (const found of results) expect(found).deep.equal(numbers.map((i) => Math.max(0, 2 * (i - 30))));
  });

  it('cannot be opened again, or ended twice: their random numbers would come again', async () => {
    await runParties(2, async (s) => {
      s.scope('request 1', () => number(s, 1), { last: true });
      await request(s, 2);
      for (const wrong of [
        () => s.scope('request 1', () => number(s, 1)),
        () => s.endScope('request 1'),
        () => s.endScope('never opened'),
        () => s.endScope(''),
      ])
        expect(wrong).throws(ScopeError);
      s.scope('request 01', () => number(s, 1), { last: true });
      s.scope('request 2', () => number(s, 1), { last: true });
    });
  });

  const different: Record<string, (s: Session, odd: boolean) => unknown> = {
    'by an operation more': (s, odd) => {
      s.scope('a', () => number(s, 1));
      if (odd) s.scope('a', () => number(s, 1));
      s.endScope('a');
    },
    'by being opened at all': (s, odd) => odd && s.scope('a', () => number(s, 1), { last: true }),
    'by being opened without an operation': (s, odd) => odd && s.scope('a', () => 0, { last: true }),
    'by their end': (s, odd) => s.scope('a', () => number(s, 1), { last: odd }),
    'by operations of another kind': (s, odd) => {
      s.scope('a', () => (odd ? mulScalar(s, number(s, 1), 2n) : relu(s, number(s, 1))), { last: true });
    },
    'by the order of two of them': (s, odd) => {
      for (const name of ['a', 'b'])
        s.scope(name, () => (odd === (name === 'a') ? number(s, 1) : mulScalar(s, number(s, 1), 2n)), {
          last: true,
        });
    },
  };
  for (const [name, program] of Object.entries(different))
    it(`are a difference of programs ${name}`, async () => {
      const { all } = await failure(
        runParties(
          3,
          async (s) => {
            program(s, s.rank === 1);
          },
          { timeoutMs: 8000 },
        ),
      );
      for (const error of all) expect(`${error.code} ${error.message}`).match(/PROGRAM_MISMATCH/);
    });
});

describe('names that have ended', () => {
  it('are known exactly', () => {
    const name = fc.oneof(
      fc.nat({ max: 40 }).map((i) => `request ${i}`),
      fc.nat({ max: 40 }).map((i) => `${i}`),
      fc.constantFrom('request ', 'request 007', 'x', '', 'request 9999999999999999999', 'line\n3'),
    );
    fc.assert(
      fc.property(fc.array(name), fc.array(name), (ended, asked) => {
        const names = new EndedNames();
        for (const one of ended) names.add(one);
        const all = new Set(ended);
        for (const one of [...asked, ...ended]) expect(names.has(one), one).equal(all.has(one));
      }),
    );
  });

  it('that count up take no room, in any order', () => {
    const names = new EndedNames();
    for (let i = 0; i < 20_000; i++) names.add(`request ${(i * 7919) % 20_000}`);
    expect(names.size).equal(1);
  });
});
