/**
 * The suite that every link layer must pass: connections break all the time, seen by both ends or by one, and nothing is
 * lost, doubled or out of order; and where a member does not come back, that is noticed within the grace time.
 */
import {
  type Arriving,
  type Channel,
  type ChannelMessage,
  type Connect,
  GOODBYE_CODE,
  GOODBYE_REASON,
  type LinkLayer,
} from '@tacit/comm/layers';
import { expect } from 'chai';
import { bytes, channelCompliance, collect } from './channel-compliance.js';
import { isPattern } from './group.js';
import { chance, type Sent, Wire, type WireOptions } from './wire.js';

/** Rank 1 dials rank 0, again and again. */
class Network {
  readonly wires: Wire[] = [];
  readonly #options: WireOptions;
  #onReturn: ((from: number, channel: Channel) => void) | undefined;
  #onFirst: (channel: Channel) => void = () => {};
  readonly #first = new Promise<Channel>((resolve) => {
    this.#onFirst = resolve;
  });
  /** How many of the first connections break when the listener says its first word. */
  unlucky = 0;
  /** Whether connections can be made at present. */
  up = true;

  constructor(options: WireOptions) {
    this.#options = options;
  }

  readonly connect: Connect = async (greet, signal) => {
    for (;;) {
      signal.throwIfAborted();
      if (this.up) {
        const unlucky = this.unlucky-- > 0;
        const tamper = (message: Sent, from: number): readonly Sent[] => {
          if (!unlucky || from === 0) return this.#options.tamper?.(message, from) ?? [message];
          wire.cut();
          return [];
        };
        const wire: Wire = new Wire({ ...this.#options, tamper });
        this.wires.push(wire);
        const [near, far] = wire.ends;
        if (this.#onReturn) this.#onReturn(1, far);
        else this.#onFirst(far);
        try {
          return await greet(near);
        } catch (error) {
          // Refused for good: a hub says so by a code of its own.
          if (near.ended !== undefined && near.ended.code >= 4000) throw error;
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };

  async links(layer: LinkLayer): Promise<readonly [Channel, Channel]> {
    const { signal } = new AbortController();
    const accepting = async (): Promise<Channel> => {
      const joined: Arriving = {
        channels: new Map([[1, await this.#first]]),
        onReturn: (handler) => {
          this.#onReturn = handler;
        },
      };
      const link = (await layer.accept(joined, signal, 5000)).get(1);
      if (link === undefined) throw new Error('no link was made');
      return link;
    };
    return Promise.all([layer.dial(this.connect, signal, 5000), accepting()]);
  }

  cut(seenBy: 'both' | 0 | 1 = 'both'): void {
    this.wires.at(-1)?.cut(seenBy);
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Links over connections that break, and the suite of channels on links.
 * @param name for the titles of the tests
 * @param makeLayer gives the layer with a grace time in ms
 */
export function linkCompliance(name: string, makeLayer: (graceMs: number) => LinkLayer): void {
  channelCompliance(`${name}, linked`, () => new Network({}).links(makeLayer(100)));

  describe(`${name}: a link`, function () {
    this.timeout(30_000);

    for (const seenBy of ['both', 0, 1, 'random'] as const)
      it(`loses and doubles nothing when connections break (seen by ${seenBy})`, async () => {
        const network = new Network({ delayMs: 3 });
        const [a, b] = await network.links(makeLayer(10_000));
        const [atA, atB] = [collect(a), collect(b)];
        const count = 3000;
        let sent = 0;
        let cuts = 0;
        while (sent < count) {
          for (let i = 0; i < 40 && sent < count; i++, sent++) {
            a.send(sent % 5 === 0 ? `text ${sent}` : bytes(sent % 7 === 0 ? 20_000 : 10, sent));
            b.send(bytes(9, sent));
          }
          await pause(chance() * 4);
          if (sent % 120 !== 0) continue;
          // A break that only the listener sees lasts until the dialer hears of it, by a heartbeat in real life.
          const who = seenBy === 'random' ? ([0, 'both'] as const)[cuts % 2] : seenBy;
          network.cut(who);
          cuts++;
          if (who === 1) {
            await pause(3);
            network.cut(0);
          }
        }
        a.close(GOODBYE_CODE, GOODBYE_REASON);
        expect((await atB.end).reason).to.equal('goodbye');
        expect(cuts).to.be.greaterThan(20);
        expect(network.wires.length).to.be.greaterThan(10);
        expect(atB.messages).to.have.length(count);
        atB.messages.forEach((message, i) => {
          expect(same(message, i), `message ${i}`).to.equal(true);
        });
        atA.messages.forEach((message, i) => {
          expect(isPattern(new Uint8Array(message as ArrayBuffer), 9, i), `answer ${i}`).to.equal(true);
        });
      });

    it('is made although the first connections break before the dialer hears of it', async () => {
      const network = new Network({});
      network.unlucky = 3;
      const [a, b] = await network.links(makeLayer(5000));
      const atB = collect(b);
      a.send('to the listener');
      a.close(GOODBYE_CODE, GOODBYE_REASON);
      expect((await atB.end).reason).to.equal('goodbye');
      expect(atB.messages).to.deep.equal(['to the listener']);
      expect(network.wires.length).to.be.greaterThan(3);
    });

    it('delivers what is sent while the connection is broken, a goodbye too', async () => {
      const network = new Network({});
      const [a, b] = await network.links(makeLayer(5000));
      network.up = false;
      network.cut();
      await pause(10);
      const atB = collect(b);
      b.send('to the dialer');
      a.send('to the listener');
      a.close(GOODBYE_CODE, GOODBYE_REASON);
      await pause(30);
      expect(atB.messages).to.deep.equal([]);
      expect(b.ended).to.equal(undefined);
      network.up = true;
      expect((await atB.end).reason).to.equal('goodbye');
      expect(atB.messages).to.deep.equal(['to the listener']);
    });

    it('ends after the grace time, at both ends, and not before', async () => {
      const network = new Network({});
      const [a, b] = await network.links(makeLayer(150));
      network.up = false;
      const begin = performance.now();
      network.cut();
      const ends = await Promise.all([collect(a).end, collect(b).end]);
      expect(performance.now() - begin).to.be.at.least(140);
      for (const end of ends) {
        expect(end.reason).to.equal('disconnected');
        expect(end.detail).to.include('150 ms');
      }
    });

    it('a member that was started again does not get the link of the old one', async () => {
      const layer = makeLayer(5000);
      const network = new Network({});
      const [a, b] = await network.links(layer);
      const atB = collect(b);
      const second = layer.dial(network.connect, new AbortController().signal, 1000).catch((error) => error);
      expect(await second, 'while the first is there').to.be.instanceOf(Error);
      a.send('still there');
      await pause(20);
      expect(atB.messages).to.deep.equal(['still there']);
      network.up = false;
      network.wires[0].cut();
      network.up = true;
      const third = await layer
        .dial(network.connect, new AbortController().signal, 1000)
        .catch((error) => error);
      expect(third).to.be.instanceOf(Error);
      a.destroy();
      b.destroy();
    });

    it('bounds what is kept, and ends when more is sent into nothing', async () => {
      const network = new Network({});
      const [a, b] = await network.links(makeLayer(60_000));
      network.up = false;
      network.cut();
      await pause(10);
      const atA = collect(a);
      for (let i = 0; i < 100 && a.ended === undefined; i++) a.send(new Uint8Array(2 ** 20));
      expect((await atA.end).detail).to.include('while the connection was broken');
      b.destroy();
    });

    it('does not keep what has arrived', async () => {
      const network = new Network({});
      const [a, b] = await network.links(makeLayer(5000));
      const atB = collect(b);
      for (let i = 0; i < 200; i++) a.send(new Uint8Array(2 ** 20));
      while (atB.messages.length < 200) await pause(5);
      await pause(20);
      expect(a.bufferedBytes()).to.be.at.most(2 ** 21);
      a.destroy();
      b.destroy();
    });

    it('ends as violated on an acknowledgement that cannot be', async () => {
      for (const lie of ['a99999', 'a-1', 'a', 'ax', 'a1.5', 'x']) {
        let on = false;
        const tamper = (message: Sent, from: number): Sent[] => (on && from === 1 ? [lie] : [message]);
        const network = new Network({ tamper });
        const [a, b] = await network.links(makeLayer(5000));
        on = true;
        const atA = collect(a);
        b.send('anything');
        expect((await atA.end).reason, lie).to.equal('violation');
        b.destroy();
      }
    });

    it('survives garbage in the greeting of a new connection', async () => {
      let garbled = 0;
      const tamper = (message: Sent): Sent[] =>
        garbled > 0 && typeof message === 'string' && message.includes('"link"') && garbled-- > 0
          ? ['{"type":"link","id":5}']
          : [message];
      const network = new Network({ tamper });
      const [a, b] = await network.links(makeLayer(5000));
      const atB = collect(b);
      a.send('one');
      garbled = 4;
      network.cut();
      a.send('two');
      while (atB.messages.length < 2) await pause(5);
      expect(atB.messages).to.deep.equal(['one', 'two']);
      a.destroy();
      b.destroy();
    });
  });
}

function same(message: ChannelMessage, i: number): boolean {
  if (i % 5 === 0) return message === `text ${i}`;
  return isPattern(new Uint8Array(message as ArrayBuffer), i % 7 === 0 ? 20_000 : 10, i);
}
