/**
 * The suite that every secure layer must pass: it lets in members only, whatever is done to its messages on
 * the way. What comes out of it must pass the suite of channels.
 */
import { HandshakeError } from '@tacit/comm';
import {
  type Channel,
  ChannelEndedError,
  type Hello,
  REFUSALS,
  readMessage,
  readOpening,
  type SecureLayer,
} from '@tacit/comm/layers';
import { expect } from 'chai';
import { channelCompliance, collect } from './channel-compliance.js';
import { type Sent, Wire, type WireOptions } from './wire.js';

/** Makes of a fresh channel the one that the layer works on, at either end. */
export type Below = (channel: Channel, end: 'dialer' | 'listener') => Promise<Channel>;

export interface SecureLayers {
  /** The layer as rank 1 of a session of three has it, and as rank 0, whom it dials. */
  readonly dialer: SecureLayer;
  readonly listener: SecureLayer;
  /** What lies below the layer, if anything does, such as TLS. */
  readonly below?: Below;
  /** Layers of peers with other secrets, here or below. */
  readonly outsiders: readonly (SecureLayer & { readonly below?: Below })[];
  /** Whether it also encrypts. */
  readonly encrypts: boolean;
}

const HELLO: Hello = { sessionId: 'session', from: 1, to: 0, size: 3, resumable: false };

/**
 * Admission, and the suite of channels on what comes out of the layer.
 * @param name for the titles of the tests
 * @param layers of two members and of those who are to be kept out
 */
export function secureChannelCompliance(name: string, layers: SecureLayers): void {
  const { dialer, listener, outsiders, encrypts, below = async (channel: Channel) => channel } = layers;
  type Outsider = SecureLayers['outsiders'][number];
  interface Outcome {
    readonly dialed: Channel | Error;
    readonly accepted: Channel | Error;
    readonly claimed: number;
  }

  const dial = async (channel: Channel, as: Outsider = dialer): Promise<Channel> =>
    as.initiate(await (as.below ?? below)(channel, 'dialer'), HELLO);

  const answer = async (channel: Channel, claim: () => boolean): Promise<Channel> => {
    const wrapped = await below(channel, 'listener');
    return listener.respond(wrapped, await readOpening(wrapped), claim);
  };

  /** A handshake over a wire, as a hub and a dialer do it; either may be an impostor's. */
  async function meet(
    options: WireOptions = {},
    {
      as = dialer,
      at = listener,
      claim = true,
      silenceMs = 60,
    }: { as?: Outsider; at?: Outsider; claim?: boolean; silenceMs?: number } = {},
  ): Promise<Outcome> {
    // A handshake that has come to nothing is over when nothing more is said.
    let silence: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const wire: Wire = new Wire({
      ...options,
      tamper: (message, from) => {
        clearTimeout(silence);
        if (!over) silence = setTimeout(() => wire.cut(), silenceMs);
        return options.tamper?.(message, from) ?? [message];
      },
    });
    const [near, far] = wire.ends;
    let claimed = 0;
    let listening = far;
    const closing = (error: Error): Error => {
      if (error instanceof HandshakeError && error.reason in REFUSALS)
        listening.close(REFUSALS[error.reason as keyof typeof REFUSALS], error.reason);
      else far.destroy();
      return error;
    };
    const listen = async (): Promise<Channel> => {
      listening = await (at.below ?? below)(far, 'listener');
      const opening = await readOpening(listening);
      return at.respond(listening, opening, () => {
        claimed++;
        return claim;
      });
    };
    const [dialed, accepted] = await Promise.all([
      dial(near, as).catch((error: Error) => {
        near.destroy();
        return error;
      }),
      listen().catch(closing),
    ]);
    clearTimeout(silence);
    over = true;
    return { dialed, accepted, claimed };
  }

  async function secured(options: WireOptions = {}): Promise<readonly [Channel, Channel]> {
    const { dialed, accepted, claimed } = await meet(options, { silenceMs: 10_000 });
    if (dialed instanceof Error) throw dialed;
    if (accepted instanceof Error) throw accepted;
    expect(claimed).to.equal(1);
    return [dialed, accepted];
  }

  channelCompliance(`${name}, secured`, () => secured({ delayMs: 1 }));

  describe(`${name}: a secure layer`, () => {
    it('refuses a dialer that has other secrets', async () => {
      for (const outsider of outsiders) {
        const posing = await meet({}, { as: outsider });
        expect(posing.claimed).to.equal(0);
        expect(posing.dialed).to.be.instanceOf(Error);
        expect(posing.accepted).to.be.instanceOf(Error);
      }
    });

    it('finds out a listener that has other secrets', async () => {
      for (const outsider of outsiders) {
        const posing = await meet({}, { at: outsider });
        expect(posing.dialed).to.be.instanceOf(Error);
      }
    });

    it('tells a dialer whose rank is taken', async () => {
      const { dialed, accepted } = await meet({}, { claim: false, silenceMs: 10_000 });
      expect(dialed).to.be.instanceOf(ChannelEndedError);
      expect((dialed as ChannelEndedError).end.code).to.equal(REFUSALS['duplicate rank']);
      expect(accepted).to.include({ reason: 'duplicate rank' });
    });

    it('notices a hello that was changed on the way', async function () {
      if (layers.below !== undefined) this.skip();
      for (const change of [
        { from: 2 },
        { to: 2 },
        { size: 4 },
        { sessionId: 'other' },
        { resumable: true },
        { layer: 'x' },
        { version: 9 },
      ]) {
        const tamper = (message: Sent): Sent[] =>
          typeof message === 'string' && message.includes('"hello"')
            ? [JSON.stringify({ ...JSON.parse(message), ...change })]
            : [message];
        const { dialed, accepted, claimed } = await meet({ tamper });
        // The hub compares the name of the layer, before it comes to this.
        if ('layer' in change) continue;
        expect(dialed, JSON.stringify(change)).to.be.instanceOf(Error);
        expect(accepted, JSON.stringify(change)).to.be.instanceOf(Error);
        expect(claimed).to.equal(0);
      }
    });

    it('claims nothing on a replay of what a member said', async () => {
      const said: Sent[] = [];
      await secured({
        tamper: (message, from) => {
          if (from === 0) said.push(message);
          return [message];
        },
      });
      const wire = new Wire();
      const [near, far] = wire.ends;
      let claimed = 0;
      const listening = answer(far, () => ++claimed > 0);
      for (const message of said) near.send(message);
      setTimeout(() => wire.cut(), 100);
      expect(await listening.catch((error) => error)).to.be.instanceOf(Error);
      expect(claimed).to.equal(0);
    });

    it('is not fooled by its own messages', async () => {
      const wire = new Wire();
      const [near, mirror] = wire.ends;
      mirror.listen({
        onMessage: (message) => mirror.send(typeof message === 'string' ? message : new Uint8Array(message)),
        onEnd: () => {},
      });
      setTimeout(() => wire.cut(), 100);
      expect(await dial(near).catch((error) => error)).to.be.instanceOf(Error);
    });

    it('fails on garbage, and on an end, instead of any message', async () => {
      let messages = 0;
      await secured({
        tamper: (message) => {
          messages++;
          return [message];
        },
      });
      const garbage: Sent[] = [
        '',
        'null',
        '{}',
        '"x"',
        'x'.repeat(100_000),
        new Uint8Array(0),
        new Uint8Array(90),
      ];
      for (let victim = 0; victim < messages; victim++)
        for (const replacement of [...garbage.map((one) => [one]), []]) {
          let count = 0;
          const tamper = (message: Sent): readonly Sent[] => (count++ === victim ? replacement : [message]);
          const { dialed, accepted } = await meet({ tamper });
          expect(dialed instanceof Error || accepted instanceof Error, `message ${victim}`).to.equal(true);
        }
    }).timeout(60_000);

    if (!encrypts) return;

    it('shows nothing of a message on the way, and says each one differently', async () => {
      const seen: Sent[] = [];
      const [a, b] = await secured({
        tamper: (message) => {
          seen.push(message);
          return [message];
        },
      });
      seen.length = 0;
      const secret = new TextEncoder().encode('the secret of the sender, twice');
      a.send(secret);
      a.send(secret);
      await readMessage(b);
      await readMessage(b);
      expect(seen).to.have.length(2);
      const [one, two] = seen.map((message) => Buffer.from(message as Uint8Array));
      expect(one.includes('secret')).to.equal(false);
      expect(one.equals(two)).to.equal(false);
    });

    for (const [what, tampering] of [
      [
        'changed',
        (m: Uint8Array<ArrayBuffer>) => [m.map((byte, i) => (i === m.length >> 1 ? byte ^ 4 : byte))],
      ],
      ['cut', (m: Uint8Array<ArrayBuffer>) => [m.subarray(0, -1)]],
      ['repeated', (m: Uint8Array<ArrayBuffer>) => [m, m]],
      ['replaced by plain text', () => ['hello']],
    ] as const)
      it(`ends as violated when a message is ${what}`, async () => {
        let on = false;
        const [a, b] = await secured({
          tamper: (m) => (on && typeof m !== 'string' ? tampering(m) : [m]),
        });
        const atB = collect(b);
        a.send('one');
        await new Promise((resolve) => setTimeout(resolve, 10));
        on = true;
        a.send(new Uint8Array(100_000));
        // What is missing at the end of a stream is noticed with what follows.
        a.send('two');
        expect((await atB.end).reason).to.equal('violation');
        expect(atB.messages.length).to.be.at.most(2);
      });

    it('does not take a goodbye that the other end did not say', async () => {
      const { ends } = new Wire();
      const [near, far] = ends;
      const [dialed, accepted] = await Promise.all([dial(near), answer(far, () => true)]);
      const atB = collect(accepted);
      dialed.send('more to come');
      // It may be encrypted in the background.
      while (atB.messages.length === 0) await new Promise((resolve) => setImmediate(resolve));
      near.close(1000, 'goodbye');
      expect((await atB.end).reason).to.equal('disconnected');
      expect(atB.messages).to.deep.equal(['more to come']);
    });
  });
}
