// What every member does first: open a door, say where it is, hear who the others are. Between organisations addresses
// and public keys would come from a file that all have (`tacit party`), instead of IPC.
import { BT3, generateKeys, joinSession, listen, runDealer } from 'tacit';

export const ALICE = 0;
export const BOB = 1;
/** Computing parties; the dealer's rank comes after them. */
export const PARTIES = 2;

/** Tells the process that started this one. */
export const say = (kind, value) => process.send([kind, value]);
/** The next message from there. */
export const hear = () => new Promise((resolve) => process.once('message', resolve));

/** Takes part as the party that this process is told to be. What members send is encrypted with keys of their own. */
export async function join(program) {
  const options = await meet();
  await joinSession(options, program);
  await options.listen.close();
  process.disconnect();
}

export async function deal() {
  const options = await meet();
  await runDealer(options);
  await options.listen.close();
  process.disconnect();
}

async function meet() {
  const door = await listen();
  const { secretKey, publicKey } = await generateKeys();
  const heard = hear();
  say('listening', { address: door.address, publicKey: Buffer.from(publicKey).toString('hex') });
  const { rank, members, sessionId } = await heard;
  return {
    rank,
    worldSize: PARTIES,
    sessionId,
    addresses: members.map(({ address }) => address),
    keys: { secretKey, publicKeys: members.map((member) => Buffer.from(member.publicKey, 'hex')) },
    config: { tree: BT3 }, // three rounds a ReLU: the tree for networks
    listen: door,
    timeoutMs: 60_000,
  };
}
