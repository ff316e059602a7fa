/** What a daemon answers to doctor, within its limits, and what it does not. */
import type { Channel, ChannelListener } from '@tacit/comm/layers';
import { expect } from 'chai';
import fc from 'fast-check';
import { Diagnosis, type DiagnosisOptions } from '../../src/doctor/answer.js';

/** A channel that remembers what was sent. */
class Recorder {
  readonly sent: (string | Uint8Array)[] = [];
  closed: { code: number; reason: string } | undefined;
  listener: ChannelListener | undefined;
  unread = 0;
  readonly channel: Channel = {
    ended: undefined,
    send: (message) => void this.sent.push(message),
    listen: (listener) => {
      this.listener = listener;
    },
    bufferedBytes: () => this.unread,
    close: (code, reason) => {
      this.closed = { code, reason };
    },
    destroy: () => {},
  };

  say(message: unknown): void {
    const raw =
      message instanceof ArrayBuffer || typeof message === 'string' ? message : JSON.stringify(message);
    this.listener?.onMessage(raw);
  }

  end(): void {
    this.listener?.onEnd({ reason: 'goodbye', code: 1000, detail: '' });
  }

  get last(): Record<string, unknown> {
    return JSON.parse(String(this.sent.at(-1))) as Record<string, unknown>;
  }
}

describe('the answers to doctor', () => {
  const asked = (
    options: Partial<DiagnosisOptions> = {},
    diagnosis = new Diagnosis({ version: '1.2.3', ...options }),
  ) => {
    const peer = new Recorder();
    const over = diagnosis.serve(peer.channel, 'a peer');
    return { peer, over, diagnosis };
  };
  const echo = (peer: Recorder, bytes: number, id = 1): void => {
    peer.say({ type: 'echo', id, bytes });
    peer.say(new ArrayBuffer(bytes));
  };

  it('are the time and the versions', async () => {
    const { peer, over } = asked();
    peer.say({ type: 'ping', id: 7, time: 1 });
    expect(peer.last).to.include({ type: 'pong', id: 7, version: '1.2.3', node: process.version });
    expect(peer.last.time).to.be.closeTo(Date.now(), 60_000);
    peer.end();
    await over;
  });

  it('are the same bytes', () => {
    const { peer } = asked();
    const bytes = crypto.getRandomValues(new Uint8Array(1000));
    peer.say({ type: 'echo', id: 3, bytes: 1000 });
    peer.say(bytes.slice().buffer);
    expect(peer.sent).to.deep.equal([JSON.stringify({ type: 'echo', id: 3, bytes: 1000 }), bytes]);
  });

  it('stop at so many bytes a minute for a peer, over all its channels, and go on after it', () => {
    let now = 0;
    const { peer, diagnosis } = asked({ bytesPerMinute: 100, now: () => now });
    const { peer: other } = asked({}, diagnosis);
    echo(peer, 60);
    expect(peer.sent).to.have.length(2);
    echo(other, 60);
    expect(other.last).to.include({ type: 'refuse', id: 1, code: 'DIAGNOSE_LIMIT', retryMs: 60_000 });
    expect(other.sent).to.have.length(1);
    echo(other, 40);
    expect(other.sent).to.have.length(3);
    now = 60_000;
    peer.unread = 50;
    echo(peer, 60);
    expect(peer.last.type).to.equal('refuse');
    peer.unread = 0;
    echo(peer, 60);
    expect(peer.sent).to.have.length(5);
    expect(peer.closed ?? other.closed).to.equal(undefined);
  });

  it('are for few channels of a peer at once', async () => {
    const { diagnosis, peer } = asked();
    for (let i = 0; i < 3; i++) asked({}, diagnosis);
    const fifth = asked({}, diagnosis);
    await fifth.over;
    expect(fifth.peer.closed?.reason).to.include('no more than 4');
    peer.end();
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked({}, diagnosis).peer.closed).to.equal(undefined);
  });

  it('end with a peer that sends too many messages', async () => {
    const { peer, over } = asked({ now: () => 0 });
    for (let i = 0; i < 201; i++) peer.say({ type: 'ping', id: i, time: 0 });
    expect(peer.closed).to.deep.equal({ code: 4002, reason: 'too many messages' });
    expect(peer.sent).to.have.length(200);
    await over;
  });

  it('end with a peer that is silent for too long', async () => {
    const { peer, over } = asked({ maxSilenceMs: 20 });
    // Its timer keeps no process alive; this one does.
    const alive = setInterval(() => {}, 5);
    await over;
    clearInterval(alive);
    expect(peer.closed?.reason).to.equal('silent for too long');
  });

  it('are none to a channel that has ended', async () => {
    const { channel } = new Recorder();
    const ended = { ...channel, ended: { reason: 'goodbye' as const, code: 1000, detail: '' } };
    await new Diagnosis({ version: '1' }).serve(ended, 'x');
  });

  it('end with whatever no doctor sends', async () => {
    for (const messages of [
      [new ArrayBuffer(1)],
      [{ type: 'echo', id: 1, bytes: 2 }, new ArrayBuffer(1)],
      [
        { type: 'echo', id: 1, bytes: 2 },
        { type: 'echo', id: 2, bytes: 2 },
      ],
      [{ type: 'echo', id: 1, bytes: 2 ** 23 + 1 }],
      [{ type: 'echo', id: 1, bytes: 0 }],
      [{ type: 'ping', id: -1, time: 0 }],
      [{ type: 'ping', id: 1, time: 0, more: 1 }],
      [{ type: 'propose' }],
      ['{'],
    ]) {
      const { peer, over } = asked();
      for (const message of messages) peer.say(message);
      await over;
      expect(peer.closed?.code, JSON.stringify(messages)).to.equal(4002);
    }
  });

  it('survive garbage', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json(), fc.uint8Array()), async (garbage) => {
        const { peer, over } = asked();
        peer.say(typeof garbage === 'string' ? garbage : garbage.slice().buffer);
        await over;
        expect(peer.closed?.code).to.equal(4002);
      }),
      { numRuns: 1000 },
    );
  });
});
