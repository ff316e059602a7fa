// What every member does first: open a door, say where it is, hear who the others are, connect to all of them. Between
// organisations the addresses and the token would come from a configuration instead of IPC, and the addresses be wss:.
import { Communicator } from '@tacit/comm';
import { listen, webSocketTransport } from '@tacit/comm/websocket';
import { BT3, defaultConfig } from '@tacit/mpc';

/** Three rounds a ReLU: the tree for networks. All members must agree on it. */
export const config = { ...defaultConfig, tree: BT3 };
export const ALICE = 0;
export const BOB = 1;
/** Computing parties; the dealer's rank comes after them. */
export const PARTIES = 2;

/** Tells the process that started this one. */
export const say = (kind, value) => process.send([kind, value]);
/** The next message from there. */
export const hear = () => new Promise((resolve) => process.once('message', resolve));

export async function join() {
  const hub = await listen();
  const heard = hear();
  say('listening', hub.address);
  const { rank, addresses, token, sessionId } = await heard;
  const transport = await webSocketTransport({
    rank,
    size: addresses.length,
    addresses,
    hub,
    token: Buffer.from(token, 'hex'),
    sessionId,
  });
  const comm = new Communicator(transport, { timeoutMs: 60_000 });
  const leave = async () => {
    await comm.close();
    await hub.close();
    process.disconnect();
  };
  return { comm, leave };
}
