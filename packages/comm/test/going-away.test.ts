/** A browser tab that is closed says so by close code 1001: its link waits less than after a connection that broke. */
import { expect } from 'chai';
import type { Channel, ChannelEnd, ChannelListener } from '../src/channel/channel.js';
import { ResumableLink } from '../src/link/resumable-link.js';

/** A channel that ends when the test says so. */
function endable(): { readonly channel: Channel; end(code: number): void } {
  let listener: ChannelListener | undefined;
  const channel: Channel = {
    ended: undefined,
    send: () => {},
    listen: (wanted) => {
      listener = wanted;
    },
    bufferedBytes: () => 0,
    close: () => {},
    destroy: () => {},
  };
  return { channel, end: (code) => listener?.onEnd({ reason: 'disconnected', code, detail: '' }) };
}

const ended = (link: ResumableLink): Promise<ChannelEnd> =>
  new Promise((resolve) => link.listen({ onMessage: () => {}, onEnd: resolve }));

describe('a link whose other end goes away', () => {
  it('waits as long as it was told for that, and as ever for one that merely broke', async () => {
    const [left, broken] = [1001, 1006].map((code) => {
      const link = new ResumableLink({ id: 'x', graceMs: 600_000, leavingMs: 20 });
      const { channel, end } = endable();
      link.attach(channel, 0);
      const over = ended(link);
      end(code);
      return { link, over };
    });
    expect((await left.over).detail).equal('not resumed within 20 ms');
    expect(broken.link.ended).equal(undefined);
    broken.link.destroy();
    await broken.over;
  });

  it('goes on if it comes back: a proxy that was started again says the same', async () => {
    const link = new ResumableLink({ id: 'x', graceMs: 600_000, leavingMs: 50 });
    const over = ended(link);
    const first = endable();
    link.attach(first.channel, 0);
    first.end(1001);
    link.attach(endable().channel, 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(link.ended).equal(undefined);
    link.destroy();
    await over;
  });
});
