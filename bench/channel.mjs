// Frames of 8 MiB between two processes on one machine: unencrypted, by TLS, by TLS inside a WebSocket, and by Noise.
// All of them in every round, so that what else the machine does meets them alike; ratios are those within rounds.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join, kinds, openHub } from './lib/channel-kinds.mjs';
import { cpuMs, median, quick, wanted } from './lib/measure.mjs';

const FRAME = 8 * 2 ** 20;
const FRAMES = quick() ? 16 : 32;
const ROUNDS = quick() ? 5 : 15;
const nameOf = (kind) => `8 MiB frames between processes, ${kind}`;

export const rows = [];
const chosen = Object.keys(kinds).filter((kind) => wanted(nameOf(kind)));
if (chosen.length > 0) {
  const sender = fork(new URL('lib/channel-sender.mjs', import.meta.url));
  const links = new Map();
  for (const kind of chosen) links.set(kind, await measured(sender, kind));
  const measurements = new Map(chosen.map((kind) => [kind, []]));
  for (let round = -1; round < ROUNDS; round++)
    for (const kind of chosen) {
      const measurement = await links.get(kind).send(FRAMES);
      // The first round warms up.
      if (round >= 0) measurements.get(kind).push(measurement);
    }
  const [plain] = [...measurements.values()];
  for (const kind of chosen) {
    const list = measurements.get(kind);
    const speeds = list.map(({ speed }) => speed);
    rows.push({
      what: nameOf(kind),
      'MB/s': median(speeds),
      lowest: Math.min(...speeds),
      highest: Math.max(...speeds),
      'x unencrypted': median(speeds.map((speed, i) => speed / plain[i].speed)),
      'sender ms/GB': median(list.map(({ sender }) => sender)),
      'receiver ms/GB': median(list.map(({ receiver }) => receiver)),
      'x by processor time': median(list.map((one, i) => slower(plain[i]) / slower(one))),
      'overhead %': (links.get(kind).overhead - 1) * 100,
    });
  }
  for (const { close } of links.values()) await close();
  sender.disconnect();
}

/** What bounds the speed where each end has a processor of its own. */
function slower({ sender, receiver }) {
  return Math.max(sender, receiver);
}

/** A link for timing, and what the same costs on the wire, counted on another connection. */
async function measured(sender, kind) {
  const hub = await openHub(kind);
  const counter = await countingProxy(hub.port);
  const protocol = hub.address.slice(0, hub.address.indexOf(':'));
  const counted = await link(sender, kind, hub, `${protocol}://127.0.0.1:${counter.port}`);
  const before = counter.bytes();
  await counted.send(4);
  const overhead = (counter.bytes() - before) / (4 * FRAME);
  await counted.close();
  counter.close();
  const { send, close } = await link(sender, kind, hub, hub.address);
  return {
    send,
    overhead,
    close: async () => {
      await close();
      await hub.close();
    },
  };
}

async function link(sender, kind, hub, address) {
  const sessionId = crypto.randomUUID();
  const connected = once(sender, 'message');
  sender.send({ connect: { kind, address, sessionId } });
  const transport = await join(kind, 0, hub.address, sessionId, hub);
  await connected;
  let onFrame = () => {};
  transport.start({ onEntries: () => onFrame(), onLeave: () => {} });
  /** Megabytes a second between the first frame and the last, and processor time of both ends for all of them. */
  const send = async (frames) => {
    const finished = once(sender, 'message');
    const used = process.cpuUsage();
    const speed = await new Promise((resolve) => {
      let left = frames;
      let began = 0;
      onFrame = () => {
        if (left === frames) began = performance.now();
        if (--left === 0) resolve(((frames - 1) * FRAME) / 1e3 / (performance.now() - began));
      };
      sender.send({ send: { sessionId, frames, bytes: FRAME } });
    });
    const gigabytes = (frames * FRAME) / 1e9;
    const receiver = cpuMs(used) / gigabytes;
    const [{ cpuMs: senderMs }] = await finished;
    return { speed, receiver, sender: senderMs / gigabytes };
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
