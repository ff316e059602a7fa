/** Channels over TLS sockets, at the end that dials, which reads into one buffer, and at the end that accepts. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect } from 'chai';
import { DirectReads } from '../src/channel/direct-reads.js';
import type { Channel, ChannelEnd, Place } from '../src/layers.js';
import { fingerprintOf, identityOpener, pinned } from '../src/tls.js';
import { connectChannels, listen } from '../src/websocket.js';
import { freshToken } from './helpers.js';
import { alice, bob } from './test-identities.js';

const fingerprints = [alice, bob].map(({ certificate }) => [fingerprintOf(certificate)]);

/** Bytes that tell where they are. */
function pattern(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = i ^ (i >> 8) ^ (i >> 16);
  return bytes;
}

/** A TCP proxy: `relay` gets what comes from the dialer. */
async function proxy(port: number, relay: (chunk: Buffer, near: Socket, far: Socket) => void) {
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    sockets.push(near, far);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.on('data', (chunk) => relay(chunk, near, far));
    far.pipe(near);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = server.address() as { port: number };
  return { address: `wss://127.0.0.1:${own}`, sockets, close: () => server.close() };
}

/** What comes, in order; `next` waits for it. */
function received(channel: Channel, place?: (bytes: number) => Place | undefined) {
  const messages: (string | ArrayBuffer)[] = [];
  let wake = (): void => {};
  let end: ChannelEnd | undefined;
  channel.listen({
    onMessage: (message) => {
      messages.push(message);
      wake();
    },
    onEnd: (how) => {
      end = how;
      wake();
    },
    ...(place && { place }),
  });
  const until = async (ready: () => boolean): Promise<void> => {
    while (!ready())
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  };
  return {
    messages,
    count: async (count: number) => {
      await until(() => messages.length >= count);
      return messages;
    },
    ended: async () => {
      await until(() => end !== undefined);
      return end as ChannelEnd;
    },
  };
}

describe('channels over TLS', function () {
  this.timeout(20_000);
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  /** The two ends of one connection: [accepted, dialled]. */
  async function ends(via?: (port: number) => Promise<string>): Promise<[Channel, Channel]> {
    const hub = await listen({ identity: alice });
    closing.push(() => hub.close());
    const address = (await via?.(hub.port)) ?? hub.address;
    const secure = pinned({ fingerprints, token: freshToken() });
    const group = { size: 2, addresses: [address, ''], sessionId: 's', connectTimeoutMs: 10_000, secure };
    const open = identityOpener({ identity: bob, fingerprints: () => fingerprints[0] as string[] });
    const [a, b] = await Promise.all([
      connectChannels({ ...group, rank: 0, hub }),
      connectChannels({ ...group, rank: 1, open }),
    ]);
    const pair = [a.channels.get(1), b.channels.get(0)] as [Channel, Channel];
    closing.push(a.leave, b.leave, () => pair.map((channel) => channel.destroy()));
    return pair;
  }

  const SIZES = [0, 1, 2, 16_378, 16_379, 16_380, 16_383, 16_384, 16_385, 311_291, 311_296, 2 ** 23 - 1];
  SIZES.push(2 ** 23, 2 ** 23 + 1, 3, 0);
  for (const [from, name] of ['accepts to the one that dials', 'dials to the one that accepts'].entries())
    for (const placed of [false, true])
      it(`carry messages of all sizes from the end that ${name}${placed ? ', to their places' : ''}`, async () => {
        const pair = await ends();
        const [sender, receiver] = [pair[from], pair[1 - from]] as [Channel, Channel];
        const got: ArrayBuffer[] = [];
        const place = (bytes: number): Place | undefined => {
          if (bytes % 2 === 0) return undefined;
          const target = new Uint8Array(bytes);
          return { target, done: () => void sink.messages.push(target.buffer) };
        };
        const sink = received(receiver, placed ? place : undefined);
        for (const size of SIZES) sender.send(pattern(size));
        sender.send('the end');
        while (sink.messages.at(-1) !== 'the end') await sink.count(sink.messages.length + 1);
        sink.messages.pop();
        got.push(...(sink.messages as ArrayBuffer[]));
        expect(got.map((message) => message.byteLength)).to.deep.equal(SIZES);
        for (const [i, message] of got.entries())
          expect(Buffer.compare(Buffer.from(message), pattern(SIZES[i] as number)), `${SIZES[i]}`).to.equal(
            0,
          );
        expect(sender.bufferedBytes()).to.equal(0);
      });

  it('carry messages both ways at once, in parts of any size', async () => {
    let cut = 1;
    const [accepted, dialled] = await ends(async (port) => {
      const between = await proxy(port, (chunk, _, far) => {
        for (let at = 0; at < chunk.length; at += cut, cut = (cut * 7 + 3) % 9001)
          far.write(chunk.subarray(at, at + cut));
      });
      closing.push(between.close);
      return between.address;
    });
    const [atAccepted, atDialled] = [received(accepted), received(dialled)];
    for (const size of [500_000, 1, 70_000]) {
      accepted.send(pattern(size));
      dialled.send(pattern(size));
    }
    for (const sink of [atAccepted, atDialled])
      for (const [i, message] of (await sink.count(3)).entries())
        expect(
          Buffer.compare(Buffer.from(message as ArrayBuffer), pattern([500_000, 1, 70_000][i] as number)),
        ).to.equal(0);
  });

  it('say how much waits while the other side does not read, and go on when it does', async () => {
    let near: Socket | undefined;
    let far: Socket | undefined;
    const [accepted, dialled] = await ends(async (port) => {
      const between = await proxy(port, (chunk, from, to) => {
        [near, far] = [from, to];
        to.write(chunk);
      });
      closing.push(between.close);
      return between.address;
    });
    const sink = received(accepted);
    near?.pause();
    const count = 40;
    for (let i = 0; i < count; i++) dialled.send(new Uint8Array(2 ** 21));
    // More than the kernel holds for two sockets: some of it must wait here, however long.
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(dialled.bufferedBytes()).to.be.above(2 ** 21);
    expect(sink.messages).to.have.length(0);
    near?.resume();
    const messages = await sink.count(count);
    for (const message of messages) expect((message as ArrayBuffer).byteLength).to.equal(2 ** 21);
    expect(far?.destroyed).to.equal(false);
    dialled.send('done');
    await sink.count(count + 1);
    expect(dialled.bufferedBytes()).to.equal(0);
  });

  it('end without the message that was cut off in the middle, and touch its place no more', async () => {
    for (const by of ['network', 'sender']) {
      let bytes = 0;
      let half = (): void => {};
      const halfway = new Promise<void>((resolve) => {
        half = resolve;
      });
      let counting = false;
      const [accepted, dialled] = await ends(async (port) => {
        const between = await proxy(port, (chunk, near, far) => {
          if (counting) bytes += chunk.length;
          far.write(chunk);
          if (bytes < 3_000_000) return;
          half();
          if (by === 'network') near.destroy();
        });
        closing.push(between.close);
        return between.address;
      });
      const target = new Uint8Array(2 ** 23);
      let done = 0;
      const sinks = [accepted, dialled].map((channel) =>
        received(channel, (length) =>
          length === target.length ? { target, done: () => done++ } : undefined,
        ),
      );
      counting = true;
      dialled.send(pattern(2 ** 23));
      await halfway;
      if (by === 'sender') dialled.destroy();
      for (const sink of sinks) {
        expect((await sink.ended()).reason, by).to.equal('disconnected');
        expect(sink.messages).to.have.length(0);
      }
      expect(done).to.equal(0);
      expect(dialled.bufferedBytes()).to.equal(0);
      const before = Buffer.from(target);
      await new Promise((resolve) => setImmediate(resolve));
      expect(Buffer.compare(before, target)).to.equal(0);
    }
  });
});

describe('direct reads', () => {
  it('give the same bytes in the same order as the stream does before, and while it is paused', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const reads = new DirectReads();
    const { port } = server.address() as { port: number };
    const accepted = once(server, 'connection');
    const socket = connect({ port, host: '127.0.0.1', onread: reads.onread });
    reads.serve(socket);
    const [peer] = (await accepted) as [Socket];
    const got: number[] = [];
    let direct = 0;
    let wake = (): void => {};
    const take = (chunk: Uint8Array): void => {
      got.push(...chunk);
      wake();
    };
    const reach = async (count: number): Promise<void> => {
      while (got.length < count)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    };
    const say = (from: number, count: number): void =>
      void peer.write(Uint8Array.from({ length: count }, (_, i) => from + i));
    say(0, 3);
    await once(socket, 'readable');
    socket.on('data', take);
    reads.divert((chunk) => {
      direct++;
      take(chunk);
    });
    socket.resume();
    await reach(3);
    expect(direct).to.equal(0);
    say(3, 2);
    await reach(5);
    expect(direct).to.equal(1);
    socket.pause();
    say(5, 2);
    socket.resume();
    await reach(7);
    const ended = once(socket, 'end');
    say(7, 1);
    peer.end();
    await ended;
    expect(got).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7]);
    server.close();
  });
});
