// A process that carries TCP connections as a slow network would: each direction of each connection is late by half of
// a round trip and has a bandwidth of its own. Its parent says which ports to stand in front of.

import { connect, createServer } from 'node:net';

/** Bytes under way in one direction at most, in multiples of what the line holds: then the sender waits. */
const WINDOWS = 4;
/** Timers are late by up to that; what is due sooner is waited for in turns of the event loop. */
const TIMER_MS = 1.5;

/** One direction: chunks leave in order, when they have gone through a line of that bandwidth and the delay is over. */
function carry(from, to, { delayMs, bytesPerMs }) {
  const capacity = Math.max(2 ** 20, WINDOWS * bytesPerMs * Math.max(delayMs, 1));
  const queue = [];
  let queued = 0;
  let free = 0;
  let waiting = false;
  const release = () => {
    waiting = false;
    while (queue.length > 0 && queue[0].due <= performance.now()) {
      const { chunk } = queue.shift();
      queued -= chunk.length;
      to.write(chunk);
    }
    if (queued < capacity && from.isPaused()) from.resume();
    wait();
  };
  const wait = () => {
    if (waiting || queue.length === 0) return;
    waiting = true;
    const left = queue[0].due - performance.now();
    if (left > TIMER_MS) setTimeout(release, left - TIMER_MS);
    else setImmediate(release);
  };
  from.on('data', (chunk) => {
    free = Math.max(free, performance.now()) + chunk.length / bytesPerMs;
    queue.push({ chunk, due: free + delayMs });
    queued += chunk.length;
    if (queued >= capacity) from.pause();
    wait();
  });
  const end = () => setTimeout(() => to.end(), delayMs).unref();
  from.on('end', end);
  from.on('close', end);
  from.on('error', () => to.destroy());
}

/** What connects to the server is connected to that port, slowly. */
const inFrontOf = (port, link) =>
  new Promise((resolve) => {
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
      const far = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
      carry(near, far, link);
      carry(far, near, link);
    });
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });

process.on('message', async ({ ports, roundTripMs, megabits }) => {
  const link = { delayMs: roundTripMs / 2, bytesPerMs: (megabits * 1e6) / 8 / 1000 };
  process.send(await Promise.all(ports.map((port) => inFrontOf(port, link))));
});
process.on('disconnect', () => process.exit());
