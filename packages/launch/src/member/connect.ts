/** Joins the group: from a start message to a communicator and kernels. */
import { Communicator, type Transport, threadTransport } from '@tacit/comm';
import { Ring } from '@tacit/ring';
import { memberName } from '../errors.js';
import type { StartMessage } from '../messages.js';
import type { Control } from './control.js';

export interface Joined {
  readonly comm: Communicator;
  readonly ring: Ring;
}

/** Tells the launcher that this member is there, and connects to all others. */
export async function join(
  start: StartMessage,
  control: Control,
  addresses: Promise<readonly string[]>,
): Promise<Joined> {
  const { link, rank, parties, timeoutMs } = start;
  const size = parties + (start.dealer === 'separate' && start.tapes === undefined ? 1 : 0);
  const loading = Ring.load(link.kind === 'threads' ? { module: link.kernels } : {});
  loading.catch(() => {}); // awaited below
  let transport: Transport;
  if (link.kind === 'threads') {
    await control.post({ type: 'reached', address: undefined });
    transport = threadTransport(link.endpoint);
  } else {
    // Loaded here, so that threads do not pay for it.
    const { listen, webSocketTransport } = await import('@tacit/comm/websocket');
    const hub = await listen({ host: '127.0.0.1', port: 0 });
    await control.post({ type: 'reached', address: hub.address });
    transport = await webSocketTransport({
      rank,
      size,
      hub,
      addresses: [...(await addresses)],
      token: (peer) => link.tokens[peer],
      sessionId: link.sessionId,
      connectTimeoutMs: timeoutMs,
    });
  }
  const names = Array.from({ length: size }, (_, r) => memberName(r, parties));
  return { comm: new Communicator(transport, { timeoutMs, names }), ring: await loading };
}
