// Frames of 8 MiB between two processes on one machine: unencrypted, by TLS, by TLS inside a WebSocket, and by Noise.
// All of them in every round, and both ways, so that what else the machine does meets them alike; ratios are those within
// rounds. Processor time tells more than speed where the machine has other things to do.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { FRAME, receiver, sendFrames } from './lib/channel-frames.mjs';
import { join, kinds, openHub } from './lib/channel-kinds.mjs';
import { median, quick, wanted } from './lib/measure.mjs';

const FRAMES = quick() ? 8 : 16;
const ROUNDS = quick() ? 5 : 15;
/** TLS reads otherwise at the end that dials than at the end that accepts. */
const DIRECTIONS = ['to the listener', 'to the dialer'];
const nameOf = (kind) => `8 MiB frames between processes, ${kind}`;

export const rows = [];
const chosen = Object.keys(kinds).filter((kind) => wanted(nameOf(kind)));
if (chosen.length > 0) {
  const peer = fork(new URL('lib/channel-peer.mjs', import.meta.url));
  const links = new Map();
  for (const kind of chosen) links.set(kind, await measured(peer, kind));
  const results = new Map(chosen.map((kind) => [kind, DIRECTIONS.map(() => [])]));
  for (let round = -1; round < ROUNDS; round++)
    for (const kind of chosen)
      for (const [direction, list] of results.get(kind).entries()) {
        const result = await links.get(kind).send(FRAMES, direction);
        // The first round warms up.
        if (round >= 0) list.push(result);
      }
  const [plain] = results.values();
  for (const [direction, where] of DIRECTIONS.entries())
    for (const kind of chosen) {
      const list = results.get(kind)[direction];
      const speeds = list.map(({ speed }) => speed);
      const ratios = list.map(({ speed }, i) => speed / plain[direction][i].speed);
      rows.push({
        what: `${nameOf(kind)}, ${where}`,
        'MB/s': median(speeds),
        lowest: Math.min(...speeds),
        highest: Math.max(...speeds),
        'x unencrypted': median(ratios),
        'sender ms/GB': median(list.map(({ sent }) => sent)),
        'receiver ms/GB': median(list.map(({ received }) => received)),
        'overhead %': (links.get(kind).overhead - 1) * 100,
      });
    }
  for (const { close } of links.values()) await close();
  peer.disconnect();
}

/** A link for timing, and what the same costs on the wire, counted on another connection. */
async function measured(peer, kind) {
  const hub = await openHub(kind);
  const counter = await countingProxy(hub.port);
  const protocol = hub.address.slice(0, hub.address.indexOf(':'));
  const counted = await link(peer, kind, hub, `${protocol}://127.0.0.1:${counter.port}`);
  const before = counter.bytes();
  await counted.send(4, 0);
  const overhead = (counter.bytes() - before) / (4 * FRAME);
  await counted.close();
  counter.close();
  const { send, close } = await link(peer, kind, hub, hub.address);
  return {
    send,
    overhead,
    close: async () => {
      await close();
      await hub.close();
    },
  };
}

async function link(peer, kind, hub, address) {
  const sessionId = crypto.randomUUID();
  const next = async () => (await once(peer, 'message'))[0];
  const connected = next();
  peer.send({ connect: { kind, address, sessionId } });
  const transport = await join(kind, 0, hub.address, sessionId, hub);
  await connected;
  const receive = receiver(transport);
  /** Speed, and processor milliseconds of either end for a gigabyte. */
  const send = async (frames, direction) => {
    let sentMs;
    let got;
    if (direction === 0) {
      const sent = next();
      const received = receive(frames);
      peer.send({ send: { sessionId, frames } });
      [got, sentMs] = await Promise.all([received, sent]);
    } else {
      const ready = next();
      peer.send({ receive: { sessionId, frames } });
      await ready;
      const received = next();
      sentMs = await sendFrames(transport, 1, frames);
      got = await received;
    }
    const gigabytes = (frames * FRAME) / 1e9;
    return { speed: got.speed, sent: sentMs / gigabytes, received: got.cpuMs / gigabytes };
  };
  return { send, close: async () => transport.destroy() };
}

/** Passes bytes on to a port, and counts them. */
async function countingProxy(port) {
  let bytes = 0;
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far])
      socket.on('data', (chunk) => {
        bytes += chunk.length;
      });
    for (const socket of [near, far]) socket.on('error', () => {});
    near.pipe(far);
    far.pipe(near);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: server.address().port, bytes: () => bytes, close: () => server.close() };
}
