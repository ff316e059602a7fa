/** Channels whose connection another thread has: both ends are in one thread here, since ports are the same. */
import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import { type Channel, type ChannelEnd, LinkTransport } from '@tacit/comm/layers';
import { connectChannels, listen } from '@tacit/comm/websocket';
import { channelCompliance, transportCompliance } from '@tacit/compliance';
import { expect } from 'chai';
import { BridgedChannel, bridge } from '../src/sessions/bridge.js';
import { portPair, SlowChannel } from './helpers/memory-channel.js';

const LOST = { code: 4500, reason: 'its computation died' };
const MIB = 2 ** 20;

/** A channel whose user is at the other side of a bridge. */
function bridged<T extends Channel>(near: T) {
  const { port1, port2 } = new MessageChannel();
  return { near, head: bridge(near, port1, LOST), channel: new BridgedChannel(port2) };
}

const endOfChannel = (channel: Channel): Promise<ChannelEnd> =>
  new Promise((resolve) => channel.listen({ onMessage: () => {}, onEnd: resolve }));

/** Until something is so; mocha's limit says when it never is. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

describe('a bridged channel', () => {
  channelCompliance('bridged at one end', async () => {
    const [near, far] = portPair();
    return [bridged(near).channel, far];
  });

  channelCompliance('bridged at both ends', async () => {
    const [a, b] = portPair();
    return [bridged(a).channel, bridged(b).channel];
  });

  describe('transports over bridges', () => {
    transportCompliance('bridged', async (size) => {
      const channels = Array.from({ length: size }, () => new Map<number, Channel>());
      for (let a = 0; a < size; a++)
        for (let b = a + 1; b < size; b++) {
          const [near, far] = portPair();
          channels[a]?.set(b, bridged(near).channel);
          channels[b]?.set(a, bridged(far).channel);
        }
      return channels.map((own, rank) => new LinkTransport({ rank, size, channels: own }));
    });
  });

  it('tells the computation what waits at the connection', async () => {
    const { near, channel } = bridged(new SlowChannel());
    for (let i = 0; i < 8; i++) channel.send(new Uint8Array(MIB));
    await until(() => near.sent.length === 8);
    expect(channel.bufferedBytes()).to.equal(8 * MIB);
    near.drain(3 * MIB);
    await until(() => channel.bufferedBytes() === 5 * MIB);
    channel.send('text');
    await until(() => near.sent.length === 9);
    near.drain(9 * MIB);
    await until(() => channel.bufferedBytes() === 0);
    channel.destroy();
  });

  it('lets the connection wait for a computation that takes nothing', async () => {
    const { near, head, channel } = bridged(new SlowChannel());
    let arrived = 0;
    while (!near.paused) {
      near.arrive(new ArrayBuffer(MIB));
      arrived++;
      expect(arrived).to.be.at.most(65);
    }
    expect(head.traffic.bytesReceived).to.equal(arrived * MIB);
    let got = 0;
    channel.listen({ onMessage: () => got++, onEnd: () => {} });
    await until(() => !near.paused);
    await until(() => got === arrived);
    channel.destroy();
  });

  it('keeps little of what comes over a network for a computation that takes nothing', async () => {
    const hub = await listen();
    const group = {
      size: 2,
      addresses: [hub.address, ''],
      sessionId: 's',
      token: new Uint8Array(32).fill(1),
    };
    const [a, b] = await Promise.all([
      connectChannels({ ...group, rank: 0, hub }),
      connectChannels({ ...group, rank: 1 }),
    ]);
    const [near, far] = [a.channels.get(1) as Channel, b.channels.get(0) as Channel];
    const { head, channel } = bridged(near);
    const [count, size] = [48, 4 * MIB];
    for (let i = 0; i < count; i++) far.send(new Uint8Array(size).fill(i));
    await until(() => head.traffic.bytesReceived > 64 * MIB);
    // The far end has a while to bring more.
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(head.traffic.bytesReceived).to.be.at.most(64 * MIB + 2 * size);
    expect(far.bufferedBytes()).to.be.at.least(64 * MIB);
    const got: number[] = [];
    channel.listen({
      onMessage: (message) => got.push(new Uint8Array(message as ArrayBuffer)[0] ?? -1),
      onEnd: () => {},
    });
    await until(() => got.length === count);
    expect(got).to.deep.equal(Array.from({ length: count }, (_, i) => i));
    far.destroy();
    await head.ended;
    await hub.close();
  });

  it('moves messages that fill their buffers, and copies parts', async () => {
    const { near, channel } = bridged(new SlowChannel());
    const whole = new Uint8Array([1, 2, 3]);
    const buffer = new Uint8Array([4, 5, 6, 7]);
    channel.send(whole);
    channel.send(buffer.subarray(1, 3));
    await until(() => near.sent.length === 2);
    expect(near.sent.map((message) => [...message])).to.deep.equal([
      [1, 2, 3],
      [5, 6],
    ]);
    expect(whole.byteLength).to.equal(0);
    expect([...buffer]).to.deep.equal([4, 5, 6, 7]);
    channel.destroy();
  });

  it('carries the reasons of ends that only connections know', async () => {
    const near = new SlowChannel();
    const { channel } = bridged(near);
    const end = endOfChannel(channel);
    const how: ChannelEnd = { reason: 'unresponsive', code: 1006, detail: 'no heartbeat for 30000 ms' };
    near.fail(how);
    expect(await end).to.deep.equal(how);
  });

  it('closes the connection with a code of its own when the thread dies', async () => {
    const near = new SlowChannel();
    const { port1, port2 } = new MessageChannel();
    const head = bridge(near, port1, LOST);
    const worker = new Worker(
      'require("node:worker_threads").workerData.ref(); setInterval(() => {}, 1000)',
      {
        eval: true,
        workerData: port2,
        transferList: [port2],
      },
    );
    await once(worker, 'online');
    await worker.terminate();
    expect(await head.ended).to.include({ code: LOST.code });
    expect(near.closed).to.equal('4500 its computation died');
  });

  it('says whether the connection was broken when the computation left', async () => {
    class Waiting extends SlowChannel {
      constructor(readonly interrupted: boolean) {
        super();
      }

      override close(code: number, reason: string): void {
        this.closed = `${code} ${reason}`;
      }
    }
    for (const interrupted of [true, false]) {
      const near = new Waiting(interrupted);
      const { channel } = bridged(near);
      expect(channel.interrupted).to.equal(false);
      channel.close(1000, 'goodbye');
      await until(() => near.closed !== undefined);
      if (interrupted) await until(() => channel.interrupted);
      expect(channel.interrupted).to.equal(interrupted);
      channel.destroy();
    }
  });

  it('does not close again what the thread has closed', async () => {
    const { near, head, channel } = bridged(new SlowChannel());
    channel.close(1000, 'goodbye');
    channel.send('after the close');
    expect(await head.ended).to.include({ reason: 'goodbye' });
    expect(near.closed).to.equal('1000 goodbye');
    expect(near.sent).to.deep.equal([]);
    expect(await endOfChannel(channel)).to.include({ reason: 'goodbye' });
  });
});
