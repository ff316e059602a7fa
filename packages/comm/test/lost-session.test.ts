/** A member whose process was started again has lost its sessions: the others hear of it before the grace time is over. */
import { expect } from 'chai';
import type { LeaveReason } from '../src/index.js';
import { resumable } from '../src/resumable.js';
import { fingerprintOf, identityOpener, pinned } from '../src/tls.js';
import { listen, type WebSocketTransportOptions, webSocketTransport } from '../src/websocket.js';
import { freshToken } from './helpers.js';
import { alice, bob } from './test-identities.js';

const GRACE_MS = 600_000;

describe('a process that was started again', function () {
  this.timeout(30_000);
  const prints = [alice, bob].map(({ certificate }) => [fingerprintOf(certificate)]);

  /** Rank 0, which listens, dies; another process listens at its port. */
  async function restarted(
    identity: typeof alice | undefined,
    layer: Partial<WebSocketTransportOptions>,
  ): Promise<{
    readonly left: Promise<[LeaveReason, string]>;
    readonly refusals: () => number;
    end(): Promise<void>;
  }> {
    const first = await listen({ ...(identity && { identity }) });
    const group = {
      size: 2,
      addresses: [first.address, ''],
      sessionId: 's',
      links: resumable({ graceMs: GRACE_MS }),
      ...layer,
    };
    const [a, b] = await Promise.all([
      webSocketTransport({ ...group, rank: 0, hub: first }),
      webSocketTransport({ ...group, rank: 1 }),
    ]);
    const left = new Promise<[LeaveReason, string]>((resolve) =>
      b.start({ onEntries: () => {}, onLeave: (_, reason, detail = '') => resolve([reason, detail]) }),
    );
    const closed = first.close();
    a.destroy();
    await closed;
    const second = await listen({ port: first.port, ...(identity && { identity }) });
    const end = async (): Promise<void> => {
      b.destroy();
      await second.close();
    };
    return { left, refusals: () => second.stats.reasons['unknown session'] ?? 0, end };
  }

  it('is named at once where its certificate proves that it is the member', async () => {
    const secure = pinned({ fingerprints: prints, token: freshToken() });
    const open = identityOpener({ identity: bob, fingerprints: () => prints[0] ?? [] });
    const { left, refusals, end } = await restarted(alice, { secure, open });
    const [reason, detail] = await left;
    expect(reason).to.equal('disconnected');
    expect(detail).to.match(/does not know the session any more: it was started again, or has left$/);
    expect(refusals()).to.equal(1);
    await end();
  });

  it('is awaited where anybody could say so', async () => {
    const { left, refusals, end } = await restarted(undefined, { token: freshToken() });
    let ended = false;
    void left.then(() => {
      ended = true;
    });
    while (refusals() < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(ended).to.equal(false);
    await end();
  });
});
