/** What this machine does, measured in less than a second: one core's kernels, and messages between sockets of its own. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { Ring, type Words, WordsPool } from '@tacit/ring';
import type { Rates } from './rates.js';

/** Each measurement takes so long, in ms; a first part of it warms up and does not count. */
const BUDGET_MS = 150;

/** Median milliseconds of a run. */
function perRun(run: () => void): number {
  const end = performance.now() + BUDGET_MS;
  const times: number[] = [];
  while (performance.now() < end || times.length < 5) {
    const began = performance.now();
    run();
    times.push(performance.now() - began);
  }
  return median(times.slice(times.length >> 2));
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1];

const [ROWS, INNER, COLUMNS] = [64, 256, 64];
const WORDS = 2 ** 15;

/**
 * Measures this machine.
 * @returns its rates; they are those of a busy machine while it is busy
 * @example const { multiplications } = await measureRates();
 */
export async function measureRates(): Promise<Rates> {
  const ring = await Ring.load();
  const pool = new WordsPool({ ring });
  const take = (n: number): Words => {
    const words = pool.take(n);
    ring.fill(words, 3n);
    return words;
  };
  const [a, b, c] = [take(ROWS * INNER), take(INNER * COLUMNS), take(ROWS * COLUMNS)];
  const sizes = { m: ROWS, k: INNER, n: COLUMNS, batch: 1, aBroadcast: false, bBroadcast: false };
  const productMs = perRun(() => ring.matmul(c, a, b, { ...sizes, accumulate: false }));
  const stream = take(WORDS);
  const [key, nonce] = [new Uint32Array(8), new Uint32Array(3)];
  const wordMs = perRun(() => ring.chacha(stream, key, nonce, 0, 12));
  return {
    multiplications: (ROWS * INNER * COLUMNS * 1000) / productMs,
    wordNs: (wordMs * 1e6) / WORDS,
    messageMs: await messageMs(),
  };
}

/** A short message. */
const MESSAGE = new Uint8Array(200);

/** Milliseconds from a write into a socket until the other end, in this thread, has read it. */
async function messageMs(): Promise<number> {
  const server = createServer({ noDelay: true }, (far) => far.on('data', (data) => far.write(data)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', noDelay: true });
  try {
    const times: number[] = [];
    const end = performance.now() + BUDGET_MS;
    while (performance.now() < end || times.length < 5) {
      const began = performance.now();
      near.write(MESSAGE);
      await once(near, 'data');
      times.push((performance.now() - began) / 2);
    }
    return median(times.slice(times.length >> 2));
  } finally {
    near.destroy();
    server.close();
  }
}
