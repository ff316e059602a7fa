/** Parties that run different programs find out before anybody believes a number. */
import { Communicator, createThreadGroup, threadTransport } from '@tacit/comm';
import { compileKernels, EncodeRangeError, Ring } from '@tacit/ring';
import { expect } from 'chai';
import {
  additive,
  ConfigMismatchError,
  defaultConfig,
  fingerprint,
  liveDealer,
  localDealer,
  openSession,
  ProgramMismatchError,
  type RandomnessSource,
  type Session,
  serveDealer,
} from '../src/index.js';
import { shareInput, sharePublic } from '../src/protocols/input.js';
import { add, addOwned, addPublic, mapLocal, mulPublic } from '../src/protocols/local-maps.js';
import { relu } from '../src/protocols/relu.js';
import { reveal } from '../src/protocols/reveal.js';
import { compute, failure, input, runParties, words } from './helpers/parties.js';
import { RecordedTransport } from './helpers/recorded.js';

/** Programs that differ at party 1 in something that no shape tells. */
const different: Record<string, (s: Session, odd: boolean) => Promise<unknown>> = {
  'a public factor': (s, odd) => reveal(s, mulPublic(s, input(s, [1n, 2n]), words([3n, odd ? 5n : 4n]))),
  'a public summand': (s, odd) => reveal(s, addPublic(s, input(s, [1n]), words([odd ? 5n : 4n]))),
  'a public tensor': (s, odd) => reveal(s, sharePublic(s, [1], words([odd ? 5n : 4n]))),
  'which tensors are added': (s, odd) => {
    const [x, y] = [input(s, [1n]), input(s, [2n])];
    return reveal(s, add(s, x, odd ? x : y));
  },
  'which tensor is revealed': (s, odd) => {
    const [x, y] = [input(s, [1n]), input(s, [2n])];
    return reveal(s, odd ? x : y);
  },
  'the order of equal operations on different tensors': (s, odd) => {
    const [x, y] = [input(s, [1n]), input(s, [2n])];
    const [a, b] = (odd ? [y, x] : [x, y]).map((v) => relu(s, v));
    return Promise.all([reveal(s, a), reveal(s, b)]);
  },
  'who may know': (s, odd) => reveal(s, input(s, [1n]), odd ? 0 : 1),
  'the scale of an input': (s, odd) => reveal(s, input(s, [1n], 0, odd ? 8 : 16)),
  'the scale of a result': (s, odd) => reveal(s, input(s, [1n]), undefined, odd ? 8 : 16),
  'a parameter of a local map': (s, odd) =>
    reveal(
      s,
      mapLocal(s, 'shift', [input(s, [1n])], [1], (_, [a], out) => out.set(a), { by: odd ? 1 : 2 }),
    ),
  'another scope than the one that reveals': (s, odd) => {
    const y = mulPublic(s, input(s, [1n]), words([odd ? 3n : 2n]));
    return s.scope('other', () => reveal(s, y));
  },
};

describe('parties that run different programs', () => {
  for (const [name, program] of Object.entries(different))
    it(`get an error, not a number: ${name}`, async () => {
      const numbers: unknown[] = [];
      const error = await failure(
        runParties(3, async (s) => {
          const value = await program(s, s.rank === 1);
          if (value !== undefined) numbers.push(value);
        }),
      );
      expect(numbers).deep.equal([]);
      expect(error.all.filter((e) => e !== undefined).length).equal(3);
      for (const e of error.all) expect(`${e.code} ${e.message}`).match(/PROGRAM_MISMATCH/);
      expect(error.all.some((e) => e instanceof ProgramMismatchError)).equal(true);
    });

  it('tell the dealer that they differ, not in what', async () => {
    const seen: string[] = [];
    await failure(
      runParties(2, (s) => different['a public factor'](s, s.rank === 1), {
        tamper: (transport) => {
          const send = transport.send.bind(transport);
          transport.send = (to, entries) => {
            if (to === 2) for (const { payload } of entries) seen.push(new TextDecoder().decode(payload));
            send(to, entries);
          };
          return transport;
        },
      }),
    );
    const all = seen.join(' ');
    expect(all).match(/PROGRAM_MISMATCH/);
    expect(all).not.match(/mul-public|"y":/);
  });

  it('do not answer a dealer that asks what they do', async () => {
    const asked: string[] = [];
    await runParties(2, (s) => reveal(s, relu(s, input(s, [1n]))), {
      tamper: (transport) =>
        transport.rank < 2
          ? transport
          : new RecordedTransport(transport, (from, { key }) => {
              if (key === '#h' || key === '#p') asked.push(key);
              if (key !== '#d' || asked.includes('sent')) return;
              asked.push('sent');
              const text = (v: string) => new TextEncoder().encode(v);
              transport.send(from, [
                { key: '#h', payload: text(JSON.stringify({ scope: '', rows: [] })) },
                { key: '#p', payload: text('- 1 0000000000000000') },
                { key: '#e', payload: text(JSON.stringify({ rows: [], ended: 0, sum: '' })) },
              ]);
            }),
    });
    expect(asked).deep.equal(['sent']);
  });

  it('agree whatever the order of settings is', async () => {
    const trees = [
      { w: 4, arity: [4, 4] },
      { arity: [4, 4], w: 4 },
    ];
    const { values } = await compute(2, [[5n, -5n]], (s, x) => relu(s, x), {
      config: (rank) => ({ tree: trees[rank % 2] }),
    });
    expect(values).deep.equal([5n, 0n]);
  });

  it('find out that only one of them lets party 0 deal', async () => {
    const module = await compileKernels();
    const comms = createThreadGroup(3).map(
      (endpoint) => new Communicator(threadTransport(endpoint), { timeoutMs: 5000 }),
    );
    const rings = await Promise.all(comms.map(() => Ring.load({ module })));
    const open = (rank: number, randomness: RandomnessSource) =>
      openSession({ comm: comms[rank], ring: rings[rank], suite: additive({ randomness }) });
    const settled = await Promise.allSettled([
      open(0, localDealer()),
      open(1, liveDealer()),
      serveDealer(comms[2], rings[2], 2, defaultConfig),
    ]);
    await Promise.all(comms.map((c) => c.close()));
    const reasons = settled.map((r) => (r.status === 'rejected' ? r.reason : undefined));
    for (const reason of reasons) expect(reason?.code).equal('CONFIG_MISMATCH');
    expect(reasons.some((r) => r instanceof ConfigMismatchError)).equal(true);
  });
});

describe('fingerprints of public words', () => {
  it('differ where a word, the order or the length does', () => {
    const base = words(Array.from({ length: 100 }, (_, i) => BigInt(i * i)));
    const known = new Set([
      fingerprint(base),
      fingerprint(base.subarray(1)),
      fingerprint(base.slice().reverse()),
    ]);
    for (let i = 0; i < 100; i++)
      for (const bit of [0n, 31n, 32n, 63n]) {
        const changed = base.slice();
        changed[i] ^= 1n << bit;
        known.add(fingerprint(changed));
      }
    for (let zeros = 0; zeros < 20; zeros++) known.add(fingerprint(new BigUint64Array(zeros)));
    expect(known.size).equal(3 + 400 + 20);
    expect(fingerprint(base.slice())).equal(fingerprint(base));
  });
});

describe('scopes', () => {
  it('of any name work where party 0 deals', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `part ${i}`);
    const { results } = await runParties(
      2,
      (s) =>
        Promise.all(
          names.map((name, i) => s.scope(name, () => reveal(s, relu(s, input(s, [BigInt(i - 20)], 1))))),
        ),
      { dealer: 'first-party' },
    );
    for (const values of results)
      expect(values.map((v) => v?.[0])).deep.equal(names.map((_, i) => BigInt(Math.max(0, i - 20))));
  });
});

describe('errors', () => {
  it('tell the other parties the kind of failure, never a value', async () => {
    const secret = 123456789012345;
    const error = await failure(
      runParties(3, async (s) => {
        const values =
          s.rank === 0
            ? Promise.resolve().then(() => s.ring.encode([secret * 2 ** 20], 16)) // e.g. from a file
            : undefined;
        return reveal(s, relu(s, shareInput(s, 0, [1], values)));
      }),
    );
    const [owner, ...others] = error.all;
    expect(owner.code).equal('VALUE_OUT_OF_RANGE');
    expect(owner.message).match(/1294\d+|1\.29\d+e/);
    expect(owner.cause).instanceOf(EncodeRangeError);
    expect(others.length).equal(2);
    for (const other of others) {
      expect(other.code).equal('PEER_ABORTED');
      const all = JSON.stringify([other.message, { ...other }]);
      expect(all)
        .match(/VALUE_OUT_OF_RANGE/)
        .and.match(/input \(operation 0\)/);
      expect(all).not.match(/129\d\d|1\.29|at .*\.[jt]s/);
    }
  });

  it('name an owner without values instead of leaving its summand out', async () => {
    const error = await failure(
      runParties(2, async (s) => reveal(s, addOwned(s, input(s, [1n], 1), 0, undefined))),
    );
    expect(error.all[0].code).equal('SHAPE');
  });
});
