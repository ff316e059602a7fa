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

  /** What the relay holds once nothing moves any more; before that, what it has forwarded already counts, too. */
  async function settled(): Promise<Look> {
    let held = await look();
    for (let same = 0; same < 4; ) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const now = await look();
      same = now.stats.bytes === held.stats.bytes ? same + 1 : 0;
      held = now;
    }
    return held;
  }

  it('stays flat with a fast writer and a slow reader', async () => {
    const [size, total, steps] = [2 ** 18, 200 * MIB, 8];
    const { writer, reader } = await pairWithSlowReader();
    writer.authenticated?.();
    reader.socket.pause();
    const before = await settled();
    const message = new Uint8Array(size).fill(7);
    const writing = (async () => {
      for (let sent = 0; sent < total; sent += size) {
        writer.send(message);
        while (writer.bufferedBytes() > MIB) await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    await until(() => writer.bufferedBytes() > MIB);
    // Nobody reads: it takes what the sockets of the system and its window hold, and then nothing more.
    let held = await settled();
    expect(held.stats.bytes, 'taken while nobody reads').to.be.below(total / 2);
    let most = held.bytes - before.bytes;
    for (let step = 1; step <= steps; step++) {
      reader.socket.resume();
      await until(() => reader.bytes() >= (total / steps) * step);
      reader.socket.pause();
      held = await settled();
      most = Math.max(most, held.bytes - before.bytes);
    }
    await writing;
    expect(held.stats.bytes).to.equal(total);
    expect(most, 'bytes that the relay held').to.be.below(8 * MIB);
  });
});
