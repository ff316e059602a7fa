import type { Words } from '@tacit/ring';
import { expect } from 'chai';
import { DealerEngine } from '../src/dealer/engine.js';
import { decodeAck, decodeRequest } from '../src/dealer/messages.js';
import type { DealerLimits } from '../src/definition/dealer-limits.js';
import { defaultConfig, protocols, type Session } from '../src/index.js';
import { shareInput } from '../src/protocols/input.js';
import { linearMasked } from '../src/protocols/linear.js';
import { maskOnce, viewMasked } from '../src/protocols/mask.js';
import { ownedLinear } from '../src/protocols/owned-linear.js';
import { maskToward, Owned } from '../src/protocols/owned-operand.js';
import { relu } from '../src/protocols/relu.js';
import { squareMasked } from '../src/protocols/square.js';
import { randomSeed } from '../src/runtime/prg.js';
import type { Share } from '../src/runtime/share.js';
import { scopeId } from '../src/runtime/transcript.js';
import { matmul } from './helpers/numbers.js';
import { failure, input, runParties, sharedRings, words } from './helpers/parties.js';
import { RecordedTransport } from './helpers/recorded.js';

const drop = { f: 16, l: 64 };
const square = matmul(2, 2, 2);
const conv = {
  batch: 1,
  inChannels: 1,
  height: 2,
  width: 2,
  outChannels: 1,
  kernel: [1, 1],
  pads: [0, 0, 0, 0],
} as const;

/** Every protocol's examples, and products of all forms. */
async function everything(session: Session): Promise<void> {
  const operand = (): Share => shareInput(session, 0, [2, 2], words([1n, -2n, 3n, 4n << 20n]));
  const results = protocols.flatMap(({ examples }) =>
    Object.values(examples).map((run) => run(session, { x: operand(), y: operand(), drop })),
  );
  const [x, y] = [operand(), operand()];
  const [mx, my] = [maskOnce(session, x), maskOnce(session, y)];
  const transposed = viewMasked(session, my, { shape: [2, 2], strides: [1, 2], offset: 0 });
  const w = new Owned(session, 1, [2, 2], session.rank === 1 ? words([1n, 2n, 3n, 4n]) : undefined);
  results.push(
    squareMasked(session, mx),
    linearMasked(session, square, mx, transposed, [2, 2], drop),
    linearMasked(session, { op: 'mul', n: 4 }, mx, transposed, [2, 2]),
    linearMasked(
      session,
      { op: 'conv2d', params: conv },
      mx,
      maskOnce(session, input(session, [2n])),
      [1, 1, 2, 2],
    ),
    ownedLinear(session, square, maskToward(session, x, 1), w.opened, false, [2, 2], drop),
  );
  await Promise.all(results.map((r) => r.value));
}

/** All descriptors of `everything`, as a dealer gets them. */
async function realRequests(parties: number): Promise<string[]> {
  const texts: string[] = [];
  await runParties(parties, everything, {
    tamper: (transport) =>
      new RecordedTransport(transport, (_from, { key, payload }) => {
        if (transport.rank === parties && key === '#d') texts.push(decodeRequest(payload.slice()).text);
      }),
  });
  return texts;
}

const LIMITS: DealerLimits = {
  maxElements: 4096,
  maxStreamed: 8192,
  maxProducts: 2 ** 20,
  maxWaiting: 100,
  maxWaitingBytes: 2 ** 20,
};
/** Bytes of the corrections of one request that these limits can let through. */
const MOST_BYTES = 8 * 8192 * 1000;

type DealerOptions = ConstructorParameters<typeof DealerEngine>[0];

/** A dealer that sends its corrections nowhere. */
const newDealer = async (parties: number, options: Partial<DealerOptions> = {}): Promise<DealerEngine> =>
  new DealerEngine({
    ring: (await sharedRings(1))[0],
    seeds: Array.from({ length: parties }, randomSeed),
    config: defaultConfig,
    send: () => {},
    fail: () => {},
    ...options,
  });

/** Expects that the dealer refuses what `ask` asks of it. */
const expectRefused = (ask: () => void, message = /./) =>
  expect(ask).throws(message).property('code', 'DEALER_REQUEST');

/** Asks a dealer of its own for one operation: what it sent, or why not. */
async function ask(
  parties: number,
  text: string,
  limits = LIMITS,
): Promise<{ bytes: number; error?: Error & { code?: string } }> {
  let bytes = 0;
  let done: (error?: Error) => void = () => {};
  const ended = new Promise<Error | undefined>((resolve) => {
    done = resolve;
  });
  const send: DealerOptions['send'] = (_key, payload) => {
    bytes += payload.length;
  };
  const engine = await newDealer(parties, { limits, send, fail: done });
  try {
    engine.request({ scope: '', index: 5 }, text);
  } catch (error) {
    done(error as Error);
  }
  engine.idle().then(() => done());
  const error = await ended;
  engine.stop();
  return { bytes, error };
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
const NONSENSE: readonly Json[] = [null, -1, 0.5, 65, 2 ** 53, '7', [1e9, 1e9], { length: 2 ** 40 }];

/** The value with each of its parts, one at a time, replaced by nonsense or left out. */
function* spoiled(value: Json): Generator<Json> {
  if (typeof value === 'object' && value !== null)
    for (const key of Object.keys(value)) {
      const copy = (): { [key: string]: Json } => structuredClone(value) as { [key: string]: Json };
      if (key === 'shape' && !('strides' in value)) continue; // the dealer does not look at it
      for (const part of spoiled((value as { [key: string]: Json })[key]))
        yield Object.assign(copy(), { [key]: part });
      const without = copy();
      delete without[key];
      yield Array.isArray(value) ? Object.values(without) : without;
    }
  yield* NONSENSE;
}

for (const parties of [2, 3])
  describe(`requests to the dealer, ${parties} parties`, () => {
    let real: string[] = [];
    before(async () => {
      real = await realRequests(parties);
    });

    it('of real programs are all taken', async () => {
      expect(new Set(real.map((text) => JSON.parse(text).kind))).deep.equal(
        new Set(protocols.map(({ kind }) => kind)),
      );
      for (const text of real) {
        const { bytes, error } = await ask(parties, text);
        expect(error, `${text}: ${error}`).equal(undefined);
        expect(bytes).above(0);
      }
    });

    it('with any field spoiled are refused with DEALER_REQUEST, or cost no more than allowed', async function () {
      this.timeout(30_000);
      let refused = 0;
      let taken = 0;
      for (const text of new Set(real))
        for (const value of spoiled(JSON.parse(text))) {
          const changed = JSON.stringify(value);
          const { bytes, error } = await ask(parties, changed);
          if (error) {
            expect(error.code, `${changed}: ${error.stack}`).equal('DEALER_REQUEST');
            expect(error.message.length).below(300);
            refused++;
          } else taken++;
          expect(bytes, changed).below(MOST_BYTES);
        }
      expect(refused).above(1000);
      // Other windows, shorter truncations, other masks of the same size: they make sense.
      expect(taken).below(refused / 4);
    });

    it('of absurd size are refused under the default limits, without allocating', async () => {
      const find = <T extends object>(kind: string): T =>
        JSON.parse(real.find((text) => JSON.parse(text).kind === kind) ?? '');
      const linear = find<{ f: object; x: object; y: object }>('linear');
      const owned = find<{ f: object; x: object; w: object }>('owned-linear');
      const huge = { ...square, m: 2 ** 20, k: 1, n: 2 ** 20 };
      const cases: object[] = [
        { ...find('relu'), n: 2 ** 53 },
        { ...find('relu'), n: 2 ** 40 },
        { ...find('relu'), n: -4 },
        { ...find('arg-level'), n: 2 ** 28 },
        {
          ...linear,
          n: 2 ** 40,
          f: huge,
          x: { ...linear.x, n: 2 ** 20, views: [] },
          y: { ...linear.y, n: 2 ** 20, views: [] },
        },
        { ...linear, x: { ...linear.x, n: 2 ** 40 } },
        { ...owned, n: 2 ** 27, f: { ...huge, m: 2 ** 27, n: 1 }, x: { ...owned.x, n: 2 ** 30 } },
        { ...find('multiply'), n: 2 ** 50 },
        { kind: 'multiply', n: 4 },
        { kind: 'constructor', n: 4 },
        { kind: 'frobnicate', n: 4 },
        { kind: { toString: 1 }, n: 4 },
        { n: 4 },
        {},
      ];
      const before = process.memoryUsage().arrayBuffers;
      for (const descriptor of cases) {
        const text = JSON.stringify(descriptor);
        const { error, bytes } = await ask(parties, text, undefined);
        expect(error?.code, `${text}: ${error}`).equal('DEALER_REQUEST');
        expect(bytes).equal(0);
      }
      expect(process.memoryUsage().arrayBuffers - before).below(2 ** 26);
    });

    it('are refused where the corrections of one chunk do not fit into a message', async () => {
      const spline = JSON.parse(real.find((text) => JSON.parse(text).kind === 'spline') ?? '');
      const engine = await newDealer(parties);
      const ask = (n: number) =>
        engine.request(
          { scope: '', index: 0 },
          JSON.stringify({ ...spline, n, thresholds: 256, degree: 16 }),
        );
      // A longer operation is not dealt in longer messages.
      for (const n of [2 ** 17, 2 ** 20])
        expectRefused(() => ask(n), /spline.*: \d{10} bytes of corrections in one message/);
      ask(2 ** 10);
      engine.stop();
    });

    it('that cannot be read are refused', () => {
      const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
      for (const payload of [
        new Uint8Array(0),
        Uint8Array.of(0xff, 0xfe, 0x80),
        bytes('hello'),
        bytes('- 1 []'),
        bytes('xyz 1 {}'),
        bytes('- 4294967296 {}'),
        bytes(`${'0'.repeat(31)} 1 {}`),
        new Uint8Array(2 ** 20).fill(0x20),
      ])
        expectRefused(() => decodeRequest(payload));
      for (const text of ['', '-1', '1e3', 'NaN', '9999999999999999', ' 1'])
        expect(() => decodeAck(bytes(text)))
          .throws()
          .property('code', 'PROTOCOL_VIOLATION');
    });

    it('that use a number again, or are too many, are refused; so are reports of more than was sent', async () => {
      const engine = await newDealer(parties, { limits: { maxWaiting: 3 } });
      const text = real[0];
      engine.request({ scope: '', index: 5 }, text);
      for (const index of [5, 4]) expectRefused(() => engine.request({ scope: '', index }, text));
      engine.request({ scope: scopeId('other'), index: 5 }, text);
      engine.request({ scope: '', index: 6 }, text);
      expectRefused(() => engine.request({ scope: '', index: 7 }, text), /waiting/);
      await engine.idle();
      expect(() => engine.used(engine.stats.bytes + 1))
        .throws()
        .property('code', 'PROTOCOL_VIOLATION');
      engine.used(engine.stats.bytes);
      engine.stop();
    });

    it('are checked when they come, and take a limited number of bytes while they wait', async () => {
      const engine = await newDealer(parties, { limits: { maxWaitingBytes: 10_000 } });
      const text = (pad: string) => JSON.stringify({ kind: 'truncate', n: 1, f: 16, l: 64, pad });
      engine.request({ scope: '', index: 0 }, JSON.stringify({ kind: 'truncate', n: 2 ** 34, f: 16, l: 64 }));
      expectRefused(() => engine.request({ scope: '', index: 1 }, '{"kind":"nonsense"}'));
      for (let index = 1; index < 10; index++) engine.request({ scope: '', index }, text('x'.repeat(1000)));
      expect(engine.load.bytes).within(9000, 10_000);
      expectRefused(() => engine.request({ scope: '', index: 10 }, text('x'.repeat(1000))), /waiting/);
      engine.stop();
    });

    it('leave no trace of scopes that are long over', async () => {
      const engine = await newDealer(parties);
      for (let scope = 1; scope <= 3000; scope++)
        engine.request(
          { scope: scopeId(`request ${scope}`), index: 0 },
          JSON.stringify({ kind: 'truncate', n: 0, f: 16, l: 64 }),
        );
      expect(engine.load.scopes).below(2000);
      await engine.idle();
      expect(engine.load).include({ requests: 0, bytes: 0 });
      engine.stop();
    });

    it('do not come in other messages: what nobody takes may not fill the memory of the dealer', async () => {
      const run = runParties(parties, async (session) => {
        for (let i = 0; i < 5 && session.rank === 0; i++)
          session.comm.send(parties, `nonsense ${i}`, new Uint8Array(2 ** 19));
        const x = input(session, [1n, 2n, 3n, 4n]);
        return (await relu(session, relu(session, x)).value) as Words;
      });
      for (const error of (await failure(run)).all)
        expect(error).include({ remoteCode: 'COMM_MAILBOX_FULL', rank: parties });
    });

    it('parties see DEALER_REQUEST and the dealer goes', async () => {
      const run = runParties(parties, async (session) => {
        if (session.rank === parties - 1)
          session.comm.send(
            parties,
            '#d',
            new TextEncoder().encode('- 0 {"kind":"relu","n":9007199254740992}'),
          );
        const x = input(session, [1n, 2n, 3n, 4n]);
        return (await relu(session, relu(session, x)).value) as Words;
      });
      for (const error of (await failure(run)).all)
        expect(error).include({ code: 'PEER_ABORTED', rank: parties, remoteCode: 'DEALER_REQUEST' });
    });
  });
