/** How long a transport that is closed waits for members that do not answer. */
import { expect } from 'chai';
import { Communicator } from '../src/index.js';
import { type Channel, type ChannelEnd, type ChannelListener, endOf, LinkTransport } from '../src/layers.js';
import { ResumableLink } from '../src/link/resumable-link.js';

/** A connection whose other end is gone, as only its silence tells; the network takes `takes` bytes at each look. */
class HalfOpenChannel implements Channel {
  ended: ChannelEnd | undefined;
  /** Of a link: no connection at present. */
  interrupted = false;
  closes = 0;
  looks = 0;
  #buffered: number;
  #listener: ChannelListener | undefined;

  constructor(
    buffered = 0,
    readonly takes = 0,
  ) {
    this.#buffered = buffered;
  }

  send(): void {}

  listen(listener: ChannelListener | undefined): void {
    this.#listener = listener;
  }

  bufferedBytes(): number {
    this.looks++;
    this.#buffered = Math.max(0, this.#buffered - this.takes);
    return this.#buffered;
  }

  close(): void {
    this.closes++;
  }

  destroy(): void {
    if (this.ended !== undefined) return;
    this.ended = endOf(1006, '');
    this.#listener?.onEnd(this.ended);
  }
}

const transportOver = (channel: Channel, closeTimeoutMs?: number): LinkTransport =>
  new LinkTransport({ rank: 0, size: 2, channels: new Map([[1, channel]]), closeTimeoutMs });

describe('a transport that is closed', () => {
  it('cuts off a member that takes and answers nothing', async () => {
    const channel = new HalfOpenChannel();
    await transportOver(channel, 20).close();
    expect(channel.closes).to.equal(1);
    expect(channel.ended).to.include({ code: 1006 });
  });

  it('waits as long as something is taken', async () => {
    const channel = new HalfOpenChannel(100, 10);
    await transportOver(channel, 5).close();
    // The last look sees as little as the one before.
    expect(channel.looks).to.equal(11);
  });

  it('waits for a broken link until it is resumed or given up', async () => {
    for (const resumed of [true, false]) {
      const channel = new HalfOpenChannel();
      channel.interrupted = true;
      let closed = false;
      const closing = transportOver(channel, 5)
        .close()
        .then(() => {
          closed = true;
        });
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect([channel.closes, closed]).to.deep.equal([1, false]);
      // Resumed, it is a member as any other, which answers or does not.
      if (resumed) channel.interrupted = false;
      else channel.destroy();
      await closing;
      expect(channel.ended).to.include({ code: 1006 });
    }
  });

  it('waits no longer for a silent link than for a broken one', async function () {
    this.timeout(20_000);
    const link = new ResumableLink({
      id: 'x',
      graceMs: 50,
      heartbeatMs: 5,
      silentMs: 20,
      deadAfterMs: 60_000,
    });
    link.attach(new HalfOpenChannel(), 0);
    while (!link.interrupted) await new Promise((resolve) => setTimeout(resolve, 5));
    await transportOver(link, 10).close();
    expect(link.ended?.detail).to.include('not resumed within 50 ms');
  });

  it('does not wait for a broken link once the session has failed', async () => {
    const channel = new HalfOpenChannel();
    channel.interrupted = true;
    const comm = new Communicator(
      new LinkTransport({ rank: 0, size: 2, channels: new Map([[1, channel]]), closeTimeoutMs: 5 }),
    );
    comm.abort(new Error('enough'));
    await comm.close();
    expect(channel.ended).to.include({ code: 1006 });
  });

  it('waits for nobody who has left', async () => {
    const channel = new HalfOpenChannel();
    const transport = transportOver(channel, 2 ** 31 - 1);
    transport.start({ onEntries: () => {}, onLeave: () => {} });
    channel.destroy();
    await transport.close();
  });

  it('has less patience once the session has failed, and never more than it was told', async () => {
    const patience: (number | undefined)[] = [];
    class Watched extends LinkTransport {
      override close(patienceMs?: number): Promise<void> {
        patience.push(patienceMs);
        return super.close(patienceMs === undefined ? undefined : 1);
      }
    }
    for (const fail of [false, true]) {
      const channels = new Map([[1, new HalfOpenChannel()]]);
      const comm = new Communicator(new Watched({ rank: 0, size: 2, channels, closeTimeoutMs: 10 }));
      if (fail) comm.abort(new Error('enough'));
      await comm.close();
    }
    expect(patience).to.deep.equal([undefined, 3000]);
    await transportOver(new HalfOpenChannel(), 10).close(2 ** 31 - 1);
  });
});
