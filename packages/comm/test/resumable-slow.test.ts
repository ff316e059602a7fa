/** Links over networks on which a message takes longer than a connection may be silent. */
import { Wire } from '@tacit/compliance';
import { expect } from 'chai';
import type { Channel } from '../src/layers.js';
import { ResumableLink } from '../src/link/resumable-link.js';

const LATE_MS = 250;
const PATIENCE = { graceMs: 20_000, heartbeatMs: 10, silentMs: 40, deadAfterMs: 20_000 };

/** What is sent waits, as at a relay that passes on whole messages only. */
function late(channel: Channel): Channel {
  return {
    get ended() {
      return channel.ended;
    },
    binding: undefined,
    exportKey: undefined,
    send: (message) => void setTimeout(() => channel.send(message), LATE_MS),
    listen: (listener) => channel.listen(listener),
    bufferedBytes: () => channel.bufferedBytes(),
    close: (code, reason) => channel.close(code, reason),
    destroy: () => channel.destroy(),
  };
}

describe('a link over a slow network', () => {
  it('gets patient enough for its messages, and stays so', async () => {
    let connections = 0;
    const connect = async (): Promise<void> => {
      connections++;
      const [near, far] = new Wire().ends;
      const [toListener, toDialer] = [listener.received, dialer.received];
      listener.attach(late(far), toDialer);
      dialer.attach(late(near), toListener);
    };
    const dialer = new ResumableLink({ ...PATIENCE, id: '0'.repeat(32), redial: connect });
    const listener = new ResumableLink({ ...PATIENCE, id: '0'.repeat(32) });
    const heard: string[] = [];
    const next = (count: number): Promise<void> =>
      new Promise((resolve) => {
        listener.listen({
          onMessage: (message) => {
            heard.push(String(message));
            if (heard.length === count) resolve();
          },
          onEnd: () => {},
        });
      });
    await connect();
    dialer.send('first');
    await next(1);
    expect(connections, 'until it was patient').to.be.greaterThan(1);
    const before = connections;
    const rest = Array.from({ length: 9 }, (_, i) => `message ${i}`);
    for (const message of rest) {
      dialer.send(message);
      await next(heard.length + 1);
    }
    expect(heard).to.deep.equal(['first', ...rest]);
    expect(connections - before, 'for nine more').to.be.lessThan(9);
    dialer.destroy();
    listener.destroy();
  });
});
