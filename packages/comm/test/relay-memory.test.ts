/** A relay holds little of what it forwards, however fast one end sends and however slowly the other one reads. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import type { RelayStats } from '../src/relay.js';
import { dialRaw, printOf, proofOf, rawSocket, Stage, until } from './relay-helpers.js';
import { alice, bob } from './test-identities.js';

const MIB = 2 ** 20;

interface Look {
  readonly bytes: number;
  readonly stats: RelayStats;
}

describe('relay: memory', function () {
  this.timeout(60_000);
  const stage = new Stage();
  let relay: ChildProcess;
  let address = '';

  beforeEach(async () => {
    relay = fork(new URL('relay-process.mjs', import.meta.url), { execArgv: ['--expose-gc'] });
    [{ address }] = await once(relay, 'message');
  });
  afterEach(async () => {
    await stage.clear();
    relay.disconnect();
    await once(relay, 'exit');
  });

  const look = async (): Promise<Look> => {
    relay.send('look');
    return (await once(relay, 'message'))[0];
  };

  /** A dialer, and a listener whose end of the pair reads when it is told to. */
  async function pairWithSlowReader() {
    const name = new URL(address).host;
    const place = await rawSocket(address, 'listen');
    stage.later(() => place.socket.terminate());
    place.socket.send(proofOf(alice, { role: 'listen', target: '' }, name, place.nonce));
    await until(() => place.heard.some((text) => text.includes('registered')));
    const announced = new Promise<string>((resolve) =>
      place.socket.on('message', (data) => {
        const { type, id } = JSON.parse(String(data));
        if (type === 'visitor') resolve(id);
      }),
    );
    const dialing = dialRaw({ address }, printOf(alice), bob);
    const target = await announced;
    const reader = await rawSocket(address, `accept/${target}`);
    reader.socket.send(proofOf(alice, { role: 'accept', target }, name, reader.nonce));
    await until(() => reader.heard.some((text) => text.includes('paired')));
    let bytes = 0;
    reader.socket.removeAllListeners('message');
    reader.socket.on('message', (data) => {
      bytes += (data as Buffer).length;
    });
    stage.later(() => reader.socket.terminate());
    const writer = await dialing;
    stage.later(() => writer.destroy());
    return { writer, reader: { socket: reader.socket, bytes: () => bytes } };
  }

  it('stays flat with a fast writer and a slow reader', async () => {
    const [size, total] = [2 ** 18, 200 * MIB];
    const { writer, reader } = await pairWithSlowReader();
    writer.authenticated?.();
    reader.socket.pause();
    const before = await look();
    let sent = 0;
    const message = new Uint8Array(size).fill(7);
    const writing = (async () => {
      while (sent < total) {
        for (let i = 0; i < Math.max(1, 2 ** 14 / size) && sent < total; i++, sent += size)
          writer.send(message);
        while (writer.bufferedBytes() > MIB) await new Promise((resolve) => setTimeout(resolve, 1));
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    // Nobody reads: it takes what the sockets of the system and its window hold, and then nothing more.
    let held = await look();
    for (let same = 0; same < 5; ) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const now = await look();
      same = now.stats.bytes === held.stats.bytes && now.stats.bytes > 0 ? same + 1 : 0;
      held = now;
    }
    expect(held.stats.bytes, 'forwarded while nobody reads').to.be.below(total / 2);
    let most = held.bytes - before.bytes;
    // Now it reads a little at a time.
    while (reader.bytes() < total) {
      reader.socket.resume();
      const until = reader.bytes() + 8 * Math.max(size, 2 ** 14) * 8;
      while (reader.bytes() < Math.min(until, total)) await new Promise((resolve) => setImmediate(resolve));
      reader.socket.pause();
      if (Math.floor(reader.bytes() / (total / 20)) !== Math.floor((until - 2 ** 20) / (total / 20)))
        most = Math.max(most, (await look()).bytes - before.bytes);
    }
    await writing;
    const after = await look();
    expect(after.stats.bytes).to.equal(total);
    // Windows of both directions, and what is on its way through the streams.
    expect(most, 'bytes that the relay held').to.be.below(16 * MIB);
  });
});
