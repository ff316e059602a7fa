/** Crowds of connections that belong to nobody, against a process with two hubs. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { randomBytes, randomInteger } from '@tacit/testing';
import { expect } from 'chai';
import { HANDSHAKE_VERSION } from '../../packages/comm/src/secure/secure-layer.js';
import { alice, bob } from '../../packages/comm/test/test-identities.js';

interface Report {
  /** Bytes of heap and buffers after a collection. */
  readonly used: number;
  readonly rss: number;
  readonly sessions: readonly {
    readonly rounds: number;
    readonly error?: string;
    readonly stats: { readonly rejected: number; readonly accepted: number };
  }[];
}

const BATCH = 250;
/** So many first, after which everything has been loaded and compiled that a stranger needs. */
const WARM_UP = 1000;
const USED_GROWTH = 6 * 2 ** 20;
const RSS_GROWTH = 64 * 2 ** 20;

const UPGRADE =
  'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';
const HELLO = JSON.stringify({
  type: 'hello',
  version: HANDSHAKE_VERSION,
  layer: 'noise-NNpsk2',
  sessionId: 'talk',
  from: 1,
  to: 0,
  size: 2,
  resumable: true,
  nonce: '',
});

/** A frame of a WebSocket client, masked by zeros. */
function frame(opcode: number, body: Uint8Array): Buffer {
  const length = body.length < 126 ? [0x80 | body.length] : [0x80 | 126, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([0x80 | opcode, ...length, 0, 0, 0, 0]), body]);
}

/** What a stranger says, of all kinds in turn. */
const SPEECHES: readonly (() => Uint8Array | undefined)[] = [
  () => undefined,
  () => randomBytes(1 + randomInteger(3000)),
  () => Buffer.from('GET / HTTP/1.1\r\nHost: '),
  () => Buffer.from(UPGRADE),
  () => Buffer.concat([Buffer.from(UPGRADE), randomBytes(200)]),
  () => Buffer.concat([Buffer.from(UPGRADE), frame(1, Buffer.from(HELLO))]),
  () => Buffer.concat([Buffer.from(UPGRADE), frame(1, Buffer.from(HELLO)), frame(2, randomBytes(48))]),
  () => Buffer.concat([Buffer.from(UPGRADE), frame(1, Buffer.from(HELLO)).subarray(0, 60)]),
  () => Buffer.concat([Buffer.from(UPGRADE), frame(2, Buffer.concat([CLIENT_HELLO, randomBytes(100)]))]),
  () => Buffer.concat([CLIENT_HELLO, randomBytes(500)]),
  () => Buffer.concat([Buffer.from(UPGRADE), frame(1, Buffer.from('{"type":"control","version":1}'))]),
];
/** The header of a record of TLS that announces more than comes. */
const CLIENT_HELLO = Buffer.from('16030106000100', 'hex');

function stranger(port: number, i: number): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  const speech = SPEECHES[i % SPEECHES.length]();
  if (speech) socket.write(speech);
  return socket;
}

async function ask(child: ChildProcess): Promise<Report> {
  child.send('report');
  const [report] = await once(child, 'message');
  return report;
}

/**
 * Makes a test of a crowd.
 * @param count how many strangers come
 */
export function strangersSuite(count: number): void {
  it(`${count} strangers: memory stays flat, and sessions go on`, async () => {
    const path = fileURLToPath(new URL('./hub.mjs', import.meta.url));
    const env = { ...process.env, NODE_OPTIONS: '', IDENTITIES: JSON.stringify([alice, bob]) };
    const child = fork(path, [], { execArgv: ['--expose-gc'], env });
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the hubs ended with code ${code}`);
    });
    ended.catch(() => {}); // in the end it is killed
    try {
      const [{ ports }] = await Promise.race([once(child, 'message'), ended]);
      let crowd: Socket[] = [];
      const come = async (strangers: number): Promise<void> => {
        for (let i = 0; i < strangers; i += BATCH) {
          const batch = Array.from({ length: Math.min(BATCH, strangers - i) }, (_, k) =>
            stranger(ports[k % ports.length], i + k),
          );
          await Promise.all(
            batch.map((socket) => Promise.race([once(socket, 'connect'), once(socket, 'close')])),
          );
          // Those before are still there meanwhile, unless they were turned away.
          for (const socket of crowd) socket.destroy();
          crowd = batch;
          await setTimeout(20);
        }
        for (const socket of crowd) socket.destroy();
      };
      await come(WARM_UP);
      const before = await ask(child);
      await come(count);
      const after = await ask(child);
      for (const [i, { rounds, error, stats }] of after.sessions.entries()) {
        expect(error).to.equal(undefined);
        expect(rounds, 'rounds').to.be.greaterThan(before.sessions[i].rounds + 10);
        expect(stats.accepted, 'let in').to.equal(1);
        expect(stats.rejected - before.sessions[i].stats.rejected).to.be.greaterThan(0.4 * count);
      }
      expect(after.used - before.used, 'heap and buffers').to.be.lessThan(USED_GROWTH);
      expect(after.rss - before.rss, 'memory of the process').to.be.lessThan(RSS_GROWTH);
      process.stdout.write(
        `${count} strangers: heap and buffers ${mib(before.used)} to ${mib(after.used)}, process ${mib(before.rss)} to ${mib(after.rss)}\n`,
      );
    } finally {
      child.kill();
    }
  }).timeout(300_000);
}

const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
