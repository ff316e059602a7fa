/** Members that crash, stall, lie or run something else: everybody ends, soon, and says who and what it was. */
import type { Communicator, Entry, Transport } from '@tacit/comm';
import { type LaunchOptions, runExported } from '@tacit/launch';
import { defaultConfig, type ProtocolConfig, serveDealer } from '@tacit/mpc';
import type { Party } from '@tacit/tensor';
import { TamperedTransport } from '@tacit/testing';
import {
  type Ending,
  endings as endingsOf,
  type SimulationOptions,
  type TensorProgram,
} from '@tacit/testing/tensors';
import { expect } from 'chai';

/** The error is of kind `code`, seen here or told by another member, and its message names the culprit. */
function expectBlame({ error }: Ending, code: string, culprit: string, who: string): void {
  expect(error, `${who} ended without an error`).not.equal(undefined);
  expect([error?.code, error?.remoteCode], `${who}: ${error?.stack}`).include(code);
  expect(error?.message, who).include(culprit);
}

/** A computation of many rounds. */
async function work(party: Party, steps: number, atStep: (i: number) => unknown = () => {}): Promise<void> {
  let x = party.cryptensor([1, -2, 3, -4], { src: 0 });
  const y = party.cryptensor([0.5, 0.25, 2, 1], { src: 1 });
  for (let i = 0; i < steps; i++) {
    await atStep(i);
    x = x.mul(y).relu().clip(-1, 1);
    await x.getPlainText();
  }
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Does nothing until told that the computation has failed. */
const stall = (comm: Communicator): Promise<never> => new Promise((_, reject) => comm.onAbort(reject));

/** Changes the first payload under a matching key that a member sends. */
function tamper(rank: number, key: RegExp, change: (payload: Uint8Array) => Uint8Array) {
  return (transport: Transport): Transport => {
    let done = false;
    if (transport.rank !== rank) return transport;
    return new TamperedTransport(transport, (entry: Entry): Entry => {
      if (done || !key.test(entry.key)) return entry;
      done = true;
      return { key: entry.key, payload: change(entry.payload) };
    });
  };
}

const shorter = (payload: Uint8Array): Uint8Array => payload.slice(0, -8);
const longer = (payload: Uint8Array): Uint8Array => new Uint8Array(payload.length + 8);
const garbage = (): Uint8Array => Uint8Array.of(0xff, 0xc0, 0x80, 0x01);
const empty = (): Uint8Array => new Uint8Array(0);

for (const transport of ['threads', 'ws'] as const)
  describe(`robustness, ${transport}`, function () {
    this.timeout(20_000);
    const run = ({ program, ...options }: SimulationOptions & { program: TensorProgram<unknown> }) =>
      endingsOf({ ...options, transport }, program);

    for (const victim of [0, 1, 2])
      it(`party ${victim} of 3 breaks off: the others and the dealer name it at once`, async () => {
        const endings = await run({
          parties: 3,
          program: (party, own) =>
            work(party, 1000, (i) => {
              if (i !== 7 || party.rank !== victim) return;
              own.destroy();
              throw new Error('crashed');
            }),
        });
        endings.forEach((ending, rank) => {
          if (rank !== victim) expectBlame(ending, 'PEER_LEFT', `party ${victim}`, `member ${rank}`);
          expect(ending.ms).below(3000);
        });
      });

    it('the dealer breaks off: all parties name it at once', async () => {
      const endings = await run({
        parties: 2,
        program: (party) => work(party, 1e6),
        dealer: async (comm, ring, own) => {
          await serveDealer(comm, ring, 2, defaultConfig);
          setTimeout(() => own.destroy(), 50);
        },
      });
      for (const rank of [0, 1]) expectBlame(endings[rank], 'PEER_LEFT', 'the dealer', `party ${rank}`);
      expect(endings[0].ms).below(3000);
    });

    it('a party that stalls runs into the timeout of the others, which names it', async () => {
      for (const from of [0, 7]) {
        const endings = await run({
          parties: 3,
          timeoutMs: 300,
          program: (party, _, { comm }) =>
            work(party, 20, (i) => i === from && party.rank === 1 && stall(comm)),
        });
        endings.forEach((ending, rank) => {
          expectBlame(ending, 'PEER_TIMEOUT', 'party 1', `member ${rank}`);
          expect(ending.ms).below(3000);
        });
      }
    });

    it('a dealer that deals nothing runs into the timeout of the last party; all name it', async () => {
      const endings = await run({
        parties: 3,
        timeoutMs: 300,
        program: (party) => work(party, 20),
        tamper: (own) =>
          own.rank === 3
            ? new TamperedTransport(own, (entry) => (entry.key.startsWith('c/') ? undefined : entry))
            : own,
      });
      endings.forEach((ending, rank) => {
        expectBlame(ending, 'PEER_TIMEOUT', 'the dealer', `member ${rank}`);
        expect(ending.ms).below(3000);
      });
    });

    it('a member that never says hello runs into the timeout', async () => {
      const endings = await run({
        parties: 2,
        timeoutMs: 300,
        program: (party) => work(party, 2),
        dealer: (comm) => stall(comm),
      });
      for (const rank of [0, 1]) expectBlame(endings[rank], 'PEER_TIMEOUT', 'the dealer', `party ${rank}`);
    });

    type Program = (party: Party) => Promise<unknown>;
    const x = (party: Party) => party.cryptensor([1, 2, 3, 4], { src: 0 });
    const different: Record<string, readonly [Program, Program]> = {
      'other operations': [(p) => x(p).relu().getPlainText(), (p) => x(p).abs().getPlainText()],
      'other shapes': [
        (p) => x(p).relu().getPlainText(),
        (p) => p.cryptensor([1, 2, 3, 4, 5], { src: 0 }).relu().getPlainText(),
      ],
      'other order': [
        (p) => Promise.all([x(p).relu(), x(p).square()].map((y) => y.getPlainText())),
        (p) => Promise.all([x(p).square(), x(p).relu()].map((y) => y.getPlainText())),
      ],
      'other public numbers': [
        (p) => x(p).mul(2).relu().getPlainText(),
        (p) => x(p).mul(3).relu().getPlainText(),
      ],
      'other owner': [
        (p) => x(p).relu().getPlainText(),
        (p) => p.cryptensor([1, 2, 3, 4], { src: 1 }).relu().getPlainText(),
      ],
      'other recipient': [(p) => x(p).reveal({ to: 0 }), (p) => x(p).reveal({ to: 1 })],
      'other precision': [
        (p) => x(p).relu().getPlainText(),
        (p) => p.cryptensor([1, 2, 3, 4], { src: 0, precision: 10 }).relu().getPlainText(),
      ],
      'other axis': [
        (p) => x(p).reshape([2, 2]).sum(0).getPlainText(),
        (p) => x(p).reshape([2, 2]).sum(1).getPlainText(),
      ],
      'other operand': [
        (p) => {
          const [a, b] = [x(p), x(p)];
          return a.lt(b).where(a, b).getPlainText();
        },
        (p) => {
          const [a, b] = [x(p), x(p)];
          return a.lt(b).where(b, a).getPlainText();
        },
      ],
      'one more step': [
        (p) => x(p).relu().getPlainText(),
        async (p) => {
          await x(p).relu().getPlainText();
          await x(p).getPlainText();
        },
      ],
      'one does nothing': [(p) => x(p).relu().getPlainText(), async () => {}],
    };
    // That programs differ is found above the transport; what it is told by is not.
    const differences = Object.entries(different).slice(0, transport === 'threads' ? undefined : 3);
    for (const [name, programs] of differences)
      it(`parties that run different programs find out: ${name}`, async () => {
        for (const parties of transport === 'threads' ? [2, 3] : [2])
          for (const odd of [0, parties - 1]) {
            const endings = await run({
              parties,
              timeoutMs: 10_000,
              program: (party) => programs[Number(party.rank === odd)](party),
            });
            endings.slice(0, parties).forEach((ending, rank) => {
              expectBlame(ending, 'PROGRAM_MISMATCH', 'different programs', `party ${rank} of ${parties}`);
              expect(ending.ms, `party ${rank}, odd ${odd}`).below(5000);
            });
          }
      });

    it('scopes of other names, which may still be opened, run into the timeout', async () => {
      const endings = await run({
        parties: 2,
        timeoutMs: 300,
        program: (party) => party.scope(`request ${party.rank}`, () => x(party).relu().getPlainText()),
      });
      for (const rank of [0, 1])
        expectBlame(endings[rank], 'PEER_TIMEOUT', 'runs a different program', `party ${rank}`);
    });

    const lies: readonly [string, number, RegExp, (payload: Uint8Array) => Uint8Array][] = [
      ['a short opening', 1, /\/E$/, shorter],
      ['a long opening', 0, /\/E$/, longer],
      ['an empty opening', 1, /\/E$/, empty],
      ['short planes', 0, /\/e$/, shorter],
      ['a short reveal', 1, /\/y$/, shorter],
      ['short corrections', 2, /^c\//, shorter],
      ['no corrections', 2, /^c\//, empty],
      ['a short seed', 2, /^seed$/, shorter],
      ['a short common seed', 0, /^pair$/, shorter],
      ['a long common seed', 0, /^pair$/, longer],
      ['garbage as settings', 1, /^hello$/, garbage],
      ['garbage as a mark', 1, /^#p$/, garbage],
      ['an empty mark', 0, /^#p$/, empty],
    ];
    for (const [name, liar, key, change] of lies)
      it(`a member that sends ${name} is named`, async () => {
        const endings = await run({
          parties: 2,
          timeoutMs: 5000,
          program: (party) => work(party, 3),
          tamper: tamper(liar, key, change),
        });
        const who = liar === 2 ? 'the dealer' : `party ${liar}`;
        endings.forEach((ending, rank) => {
          if (rank === liar) {
            expect(ending.error).not.equal(undefined);
            return;
          }
          const named = /PROTOCOL_VIOLATION|CONFIG_MISMATCH/;
          expect(`${ending.error?.code} ${ending.error?.remoteCode}`, ending.error?.stack).match(named);
          expect(ending.error?.message).match(new RegExp(`${who}|rank ${liar}`));
          expect(ending.ms).below(3000);
        });
      });

    const requests: readonly [string, string | Uint8Array][] = [
      ['no text', garbage()],
      ['no request', 'deal me something'],
      ['an unknown operation', '0 0 {"kind":"frobnicate","n":4}'],
      [
        'an absurd size',
        '0 0 {"kind":"relu","n":9007199254740992,"f":0,"l":64,"tree":{"w":4,"arity":[4,4]}}',
      ],
      ['a negative size', '0 0 {"kind":"truncate","n":-1,"f":16,"l":64}'],
    ];
    for (const [name, request] of requests)
      it(`the dealer refuses ${name} and says so to all`, async () => {
        const endings = await run({
          parties: 2,
          program: async (party, _, { comm }) => {
            const payload = typeof request === 'string' ? new TextEncoder().encode(request) : request;
            if (party.rank === 1) comm.send(2, '#d', payload.slice());
            await work(party, 100);
          },
        });
        endings.forEach((ending, rank) => {
          expectBlame(ending, 'DEALER_REQUEST', '', `member ${rank}`);
        });
      });

    const settings: readonly Partial<ProtocolConfig>[] = [
      { fractionBits: 15 },
      { window: 60 },
      { tree: { w: 2, arity: [2] } },
      { prgRounds: 20 },
      { chunk: 8192 },
      { truncation: 'exact' },
    ];
    it('other settings at a party or at the dealer are named before anything is computed', async () => {
      for (const odd of [0, 1, 2])
        for (const config of settings) {
          const endings = await run({
            parties: 2,
            timeoutMs: 5000,
            program: () => Promise.reject(new Error('it was computed')),
            config: (rank) => (rank === odd ? config : {}),
          });
          endings.forEach((ending, rank) => {
            expectBlame(
              ending,
              'CONFIG_MISMATCH',
              '',
              `member ${rank}, odd ${odd}, ${JSON.stringify(config)}`,
            );
            expect(ending.ms).below(3000);
          });
        }
    });
  });

describe('robustness of processes', function () {
  this.timeout(90_000);
  const program = new URL('./programs/endless.ts', import.meta.url);

  /** Stops a member in the middle of its work; what the launch says, and whether a process is left. */
  async function stopped(victim: number): Promise<{ message: string; left: number[]; ms: number }> {
    const pids = new Map<number, number>();
    let at = 0;
    const onEvent: LaunchOptions['onEvent'] = (event) => {
      if (event.type === 'started') pids.set(event.rank, event.pid);
      if (event.type !== 'notice' || at > 0) return;
      at = performance.now();
      process.kill(pids.get(victim) ?? 0, 'SIGSTOP');
    };
    const options = { worldSize: 2, transport: 'ws', timeoutMs: 5000, onEvent } as const;
    const message = await runExported(options, program, 'endless', undefined).then(String, String);
    return { message, left: [...pids.values()].filter(exists), ms: performance.now() - at };
  }

  it('a party or dealer stopped by SIGSTOP is named within the timeout, and nothing is left', async () => {
    // One after the other: six processes that start at once can need longer than the timeout for that alone.
    const party = await stopped(1);
    const dealer = await stopped(2);
    expect(party.message).include('PEER_TIMEOUT').and.include('party 1 sent nothing');
    expect(dealer.message).include('PEER_TIMEOUT').and.include('the dealer sent nothing');
    for (const { left, ms } of [party, dealer]) {
      expect(left).deep.equal([]);
      expect(ms).below(30_000);
    }
  });
});
