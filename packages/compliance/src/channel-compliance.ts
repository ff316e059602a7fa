/**
 * The suite that every channel must pass: call it at the top level of a mocha test file. Secure channels and links are
 * channels, too.
 */
import {
  type Channel,
  type ChannelEnd,
  type ChannelListener,
  type ChannelMessage,
  GOODBYE_CODE,
  GOODBYE_REASON,
  readMessage,
} from '@tacit/comm/layers';
import { expect } from 'chai';
import { isPattern, pattern } from './group.js';

export type MakePair = () => Promise<readonly [Channel, Channel]>;

export const bytes = (length: number, seed: number): Uint8Array<ArrayBuffer> =>
  pattern(length, seed) as Uint8Array<ArrayBuffer>;

/** Everything that comes from a channel, and its end. */
export function collect(channel: Channel): { messages: ChannelMessage[]; end: Promise<ChannelEnd> } {
  const messages: ChannelMessage[] = [];
  const end = new Promise<ChannelEnd>((resolve, reject) => {
    channel.listen({
      onMessage: (message) => messages.push(message),
      onEnd: (how) => (channel.ended === how ? resolve(how) : reject(new Error('ended does not say so'))),
    });
  });
  return { messages, end };
}

/**
 * Whole messages, their order and the end, on fresh channels.
 * @param name for the titles of the tests
 * @param makePair gives the two ends of a fresh channel in this thread
 */
export function channelCompliance(name: string, makePair: MakePair): void {
  const withPair = async (test: (a: Channel, b: Channel) => Promise<void>): Promise<void> => {
    const [a, b] = await makePair();
    try {
      await test(a, b);
    } finally {
      a.destroy();
      b.destroy();
    }
  };

  describe(`${name}: a channel`, () => {
    it('carries whole messages in order, both ways', () =>
      withPair(async (a, b) => {
        const sizes = [0, 1, 7, 65_518, 65_519, 65_520, 131_039, 3_000_000, 2];
        for (const [from, to] of [
          [a, b],
          [b, a],
        ]) {
          for (const [i, size] of sizes.entries()) {
            from.send(`before ${i} ☎`);
            from.send(bytes(size, i));
          }
          for (const [i, size] of sizes.entries()) {
            expect(await readMessage(to)).to.equal(`before ${i} ☎`);
            const message = await readMessage(to);
            expect(message).to.be.instanceOf(ArrayBuffer);
            expect(isPattern(new Uint8Array(message as ArrayBuffer), size, i), `${size} bytes`).to.equal(
              true,
            );
          }
        }
      }));

    it('keeps messages until there is a listener, and hands over between listeners without loss', () =>
      withPair(async (a, b) => {
        for (let i = 0; i < 300; i++) a.send(String(i));
        await new Promise((resolve) => setTimeout(resolve, 20));
        const got: ChannelMessage[] = [];
        await new Promise<void>((resolve) => {
          // Each listener takes one message and hands over with the next ones waiting or on their way.
          const next = (): void =>
            b.listen({
              onMessage: (message) => {
                got.push(message);
                if (got.length === 400) resolve();
                else if (got.length % 7 === 0) {
                  b.listen(undefined);
                  setTimeout(next, 0);
                } else next();
              },
              onEnd: () => {},
            });
          next();
          for (let i = 300; i < 400; i++) a.send(String(i));
        });
        expect(got).to.deep.equal(Array.from({ length: 400 }, (_, i) => String(i)));
      }));

    it('puts messages where the listener wants them, if it asks, and hands over in the middle', () =>
      withPair(async (a, b) => {
        const sizes = [3_000_000, 1, 70_000, 0, 65_536, 2_000_000, 9];
        const got: Uint8Array[] = [];
        await new Promise<void>((resolve) => {
          const take = (message: Uint8Array): void => {
            got.push(message);
            if (got.length === sizes.length) resolve();
          };
          const listener = (): ChannelListener => ({
            onMessage: (message) => take(new Uint8Array(message as ArrayBuffer)),
            place: (length) => {
              if (length % 2 === 1) return undefined;
              const target = new Uint8Array(length + 16).subarray(8, length + 8);
              // Somebody else listens before the message is complete.
              if (length === 3_000_000) setTimeout(() => b.listen(listener()), 0);
              return { target, done: () => take(target) };
            },
            onEnd: () => {},
          });
          b.listen(listener());
          for (const [i, size] of sizes.entries()) a.send(bytes(size, i));
        });
        for (const [i, size] of sizes.entries())
          expect(isPattern(got[i], size, i), `${size} bytes`).to.equal(true);
      }));

    it('carries ten thousand small messages, both ways at once', () =>
      withPair(async (a, b) => {
        const [atA, atB] = [collect(a), collect(b)];
        for (let i = 0; i < 10_000; i++) {
          a.send(Uint8Array.of(i, i >> 8));
          b.send(Uint8Array.of(i, i >> 8, 7));
        }
        a.close(GOODBYE_CODE, GOODBYE_REASON);
        await atB.end;
        const numbers = atB.messages.map((m) => new Uint16Array(m as ArrayBuffer)[0]);
        expect(numbers).to.deep.equal(Array.from({ length: 10_000 }, (_, i) => i));
        await atA.end;
      }));

    it('does not touch the rest of a buffer of which a part is sent', () =>
      withPair(async (a, b) => {
        const buffer = bytes(100_000, 4);
        a.send(buffer.subarray(10, 90_010));
        const part = new Uint8Array((await readMessage(b)) as ArrayBuffer);
        expect(part.byteLength).to.equal(90_000);
        part.fill(0);
        expect(isPattern(buffer, 100_000, 4)).to.equal(true);
      }));

    it('ends in order: what was sent comes before the end, which says how', () =>
      withPair(async (a, b) => {
        const atA = collect(a);
        for (let i = 0; i < 20; i++) a.send(bytes(200_000, i));
        a.close(GOODBYE_CODE, GOODBYE_REASON);
        a.send('after the close');
        const atB = collect(b);
        expect(await atB.end).to.include({ reason: 'goodbye', code: GOODBYE_CODE });
        expect(atB.messages).to.have.length(20);
        expect((await atA.end).reason).to.equal('goodbye');
        b.send('after the end');
        expect(await collect(b).end, 'for those who listen later').to.include({ reason: 'goodbye' });
      }));

    it('tells code and reason of other ends', () =>
      withPair(async (a, b) => {
        const atB = collect(b);
        a.close(4007, 'for a reason');
        const end = await atB.end;
        expect(end).to.include({ reason: 'disconnected', code: 4007 });
        expect(end.detail).to.include('for a reason');
      }));

    it('is broken by destroy, which both ends see', () =>
      withPair(async (a, b) => {
        const [atA, atB] = [collect(a), collect(b)];
        a.destroy();
        expect((await atB.end).reason).to.equal('disconnected');
        expect((await atA.end).reason).to.equal('disconnected');
        a.send('nothing');
        b.close(GOODBYE_CODE, GOODBYE_REASON);
        a.destroy();
      }));

    it('buffers nothing in the end', () =>
      withPair(async (a, b) => {
        const atB = collect(b);
        for (let i = 0; i < 10; i++) a.send(bytes(1_000_000, i));
        while (a.bufferedBytes() > 0 || atB.messages.length < 10)
          await new Promise((resolve) => setTimeout(resolve, 2));
        expect(atB.messages).to.have.length(10);
      }));
  });
}
