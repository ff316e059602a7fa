/** Whatever comes from outside: no crash, no hang, no memory that grows, always an error that says what it is. */
import { mutated, mutatedJson, randomBytes, randomInteger } from '@tacit/testing';
import { expect } from 'chai';
import { Arrivals } from '../src/channel/arrivals.js';
import { type Channel, type ChannelEnd, type ChannelListener, endOf } from '../src/channel/channel.js';
import { ChannelEndedError } from '../src/channel/read-message.js';
import { FrameError, FrameReader, KINDS, writeHeader } from '../src/channel/stream-frames.js';
import { HandshakeError, ProtocolViolationError } from '../src/errors.js';
import { decodeFrame, encodeFrame } from '../src/frame/frame.js';
import { FrameAssembler, frameMessages } from '../src/frame/frame-messages.js';
import { readLinkState, sendLinkState } from '../src/link/link-greeting.js';
import { ResumableLink } from '../src/link/resumable-link.js';
import { nodePrimitives } from '../src/secure/noise/node-primitives.js';
import { noise, noiseKeys } from '../src/secure/noise/noise-layer.js';
import { readOpening, type SecureLayer, sendOpening } from '../src/secure/secure-layer.js';
import { tokenHandshake } from '../src/secure/token-handshake.js';

type Sent = string | Uint8Array<ArrayBuffer>;

/** Two ends in one turn: what one sends is there at once. */
class Near implements Channel {
  peer: Near | undefined;
  readonly sent: Sent[] = [];
  readonly #arrivals = new Arrivals();
  readonly #change: (message: Sent, index: number) => Sent;

  constructor(change: (message: Sent, index: number) => Sent = (message) => message) {
    this.#change = change;
  }

  get ended(): ChannelEnd | undefined {
    return this.#arrivals.ended;
  }

  send(message: Sent): void {
    if (this.ended !== undefined) return;
    const arriving = this.#change(message, this.sent.length);
    this.sent.push(message);
    this.peer?.receive(arriving);
  }

  receive(message: Sent): void {
    this.#arrivals.push(typeof message === 'string' ? message : message.slice().buffer);
  }

  listen(listener: ChannelListener | undefined): void {
    this.#arrivals.listen(listener);
  }

  bufferedBytes(): number {
    return 0;
  }

  close(code: number, reason: string): void {
    this.#end(endOf(code, reason));
  }

  destroy(): void {
    this.#end(endOf(1006, ''));
  }

  #end(end: ChannelEnd): void {
    this.#arrivals.finish(end);
    const { peer } = this;
    if (peer && peer.ended === undefined) peer.#end(end);
  }
}

function pair(change: (message: Sent, index: number, from: number) => Sent): [Near, Near] {
  const ends: [Near, Near] = [
    new Near((message, i) => change(message, i, 0)),
    new Near((message, i) => change(message, i, 1)),
  ];
  [ends[0].peer, ends[1].peer] = [ends[1], ends[0]];
  return ends;
}

const HELLO = { sessionId: 'session', from: 1, to: 0, size: 3, resumable: true };
const COST_BYTES = 128 * 2 ** 20;
const bufferOf = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

/** Something else than what was sent, of its kind or of the other one. */
function garbled(message: Sent): Sent {
  if (randomInteger(12) === 0) return typeof message === 'string' ? randomBytes(64).slice() : '{}';
  if (typeof message !== 'string') return mutated(message);
  return message.startsWith('{')
    ? mutatedJson(message)
    : Buffer.from(mutated(Buffer.from(message))).toString();
}

/** What is thrown must be of one of these classes. */
function only(error: unknown, ...classes: readonly (new (...args: never[]) => Error)[]): void {
  if (!classes.some((one) => error instanceof one)) throw error;
}

/** A handshake of which one message is another one. */
async function garbledHandshake(dialer: SecureLayer, listener: SecureLayer): Promise<void> {
  const side = randomInteger(2);
  const which = randomInteger(4);
  const [near, far] = pair((message, i, from) => (from === side && i === which ? garbled(message) : message));
  const ended = (channel: Channel) => (error: unknown) => {
    channel.destroy();
    only(error, HandshakeError, ChannelEndedError);
  };
  const responding = readOpening(far).then((opening) => listener.respond(far, opening, () => true));
  await Promise.all([dialer.initiate(near, HELLO).catch(ended(near)), responding.catch(ended(far))]);
}

/** Repeats with a pause now and then, so that a hang is found by the runner's limit. */
async function times(count: number, run: () => unknown): Promise<void> {
  for (let i = 0; i < count; i++) {
    await run();
    if (i % 500 === 499) await new Promise((resolve) => setImmediate(resolve));
  }
}

/**
 * Makes the tests.
 * @param runs inputs of each kind
 */
export function fuzzSuite(runs: number): void {
  const frame = encodeFrame([
    { key: '12/open', payload: randomBytes(40) },
    { key: 'ä', payload: new Uint8Array(0) },
    { key: '', payload: randomBytes(3) },
  ]);

  let before = 0;
  beforeEach(() => {
    before = process.memoryUsage().rss;
  });
  afterEach(() => {
    expect(process.memoryUsage().rss - before, 'memory').to.be.lessThan(COST_BYTES);
  });

  it('frames', () =>
    times(runs, () => {
      try {
        decodeFrame(bufferOf(mutated(frame)));
      } catch (error) {
        only(error, ProtocolViolationError);
      }
    }));

  it('frames in pieces', () =>
    times(runs, () => {
      const pieces = frameMessages([
        { key: 'large', payload: new Uint8Array(128 * 1024) },
        { key: 'small', payload: randomBytes(5) },
      ]);
      const assembler = new FrameAssembler(2 ** 20);
      const at = randomInteger(pieces.length + 1);
      try {
        for (const [i, piece] of pieces.entries())
          assembler.push(bufferOf(i === at ? mutated(piece.subarray(0, 64)) : piece));
      } catch (error) {
        only(error, ProtocolViolationError);
      }
    }));

  it('messages in a stream', () => {
    const stream = Buffer.concat(
      Object.values(KINDS).map((kind) => {
        const message = Buffer.concat([Buffer.alloc(5), randomBytes(20)]);
        writeHeader(message, 0, kind, 20);
        return message;
      }),
    );
    return times(runs, () => {
      const reader = new FrameReader(2 ** 20, { onMessage: () => {}, place: () => undefined });
      const bytes = Buffer.from(mutated(stream));
      const cut = randomInteger(bytes.length + 1);
      try {
        reader.push(bytes.subarray(0, cut));
        reader.push(bytes.subarray(cut));
      } catch (error) {
        only(error, FrameError);
      }
    });
  });

  it('handshakes by token, at every step of either side', () => {
    const layer = tokenHandshake(randomBytes(32));
    return times(runs, () => garbledHandshake(layer, layer));
  });

  it('greetings of links', () =>
    times(runs, async () => {
      const [near, far] = pair((message) => garbled(message));
      sendLinkState(near, { id: '0123456789abcdef'.repeat(2), received: 5, made: true });
      try {
        const { received } = await readLinkState(far);
        expect(Number.isSafeInteger(received) && received >= 0).to.equal(true);
      } catch (error) {
        only(error, HandshakeError);
      }
    }));

  it('messages of links', () =>
    times(runs, () => {
      const link = new ResumableLink({ id: 'x', graceMs: 1000 });
      const [near, far] = pair((message) => message);
      link.attach(near, 0);
      link.send('one');
      link.send(randomBytes(5).slice());
      for (const message of ['a1', 'ttext', 'p', 'a2']) far.send(garbled(message));
      expect(link.ended?.reason ?? 'violation').to.equal('violation');
      link.destroy();
    }));
}

/** Openings that no handshake with Noise, nor one by token, may take. */
export function noiseOpenings(): void {
  it('openings of a rank that nobody has are refused', async () => {
    const tokens = [TOKEN, TOKEN, TOKEN];
    const token = (rank: number) => tokens[rank] as Uint8Array;
    for (const layer of [keyed()[1], noise({ token }), tokenHandshake(token)]) {
      const [near, far] = pair((message) => message);
      sendOpening(near, { ...HELLO, from: 7, layer: layer.name, nonce: 'f'.repeat(64) });
      const error = await readOpening(far)
        .then((opening) => layer.respond(far, opening, () => true))
        .catch((thrown) => thrown);
      expect(error).to.be.instanceOf(HandshakeError);
    }
  });
}

/**
 * Makes the tests of handshakes with Noise by a token, each of which takes several products on an elliptic curve.
 * @param products inputs where those are native code's
 * @param javaScript inputs where one side's are not
 */
export function fuzzNoiseByToken(products: number, javaScript: number): void {
  for (const [what, count, dialing] of [
    ['a token', products, nodePrimitives],
    ['a token, JavaScript on one side', javaScript, undefined],
  ] as const)
    noiseHandshakes(what, count, () =>
      [dialing, nodePrimitives].map((primitives) => noise({ token: TOKEN, primitives })),
    );
}

/**
 * Makes the test of handshakes with Noise by keys.
 * @param count inputs
 */
export const fuzzNoiseByKeys = (count: number): void => noiseHandshakes('keys', count, keyed);

function noiseHandshakes(what: string, count: number, layers: () => SecureLayer[]): void {
  it(`Noise handshakes with ${what}, at every step of either side`, () => {
    const [dialer, listener] = layers();
    return times(count, () => garbledHandshake(dialer, listener));
  });
}

const TOKEN = crypto.getRandomValues(new Uint8Array(32));

function keyed(): SecureLayer[] {
  const own = [noiseKeys(), noiseKeys(), noiseKeys()];
  const publicKeys = own.map(({ publicKey }) => publicKey);
  return [1, 0].map((rank) =>
    noise({ keys: { secretKey: own[rank].secretKey, publicKeys }, primitives: nodePrimitives }),
  );
}
