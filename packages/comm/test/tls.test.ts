/** TLS between members that know each other's certificates: direct, inside, and what is refused. */

import { connect } from 'node:net';
import { createServer as createTlsServer, connect as tlsConnect } from 'node:tls';
import { Wire } from '@tacit/compliance';
import { expect } from 'chai';
import { Communicator } from '../src/index.js';
import { type Channel, readMessage } from '../src/layers.js';
import { fingerprintOf, identityOpener, pinned, type TlsIdentity, tlsClient, tlsServer } from '../src/tls.js';
import { connectChannels, listen, type WebSocketHub, webSocketTransport } from '../src/websocket.js';
import { failureOf, freshToken } from './helpers.js';
import { cert, key } from './test-certificate.js';
import { alice, bob, carol, expired, mallory } from './test-identities.js';

const prints = [alice, bob, carol].map(({ certificate }) => [fingerprintOf(certificate)]);
const never = new AbortController().signal;

/** A proxy that ends TLS with a certificate of its own, in front of a hub that has none or another. */
async function endingProxy(port: number, tlsBehind: boolean) {
  const server = createTlsServer({ key, cert }, (near) => {
    const far = tlsBehind
      ? tlsConnect({ port, host: '127.0.0.1', rejectUnauthorized: false })
      : connect(port, '127.0.0.1');
    for (const socket of [near, far]) socket.on('error', () => {});
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: own } = server.address() as { port: number };
  return { address: `wss://127.0.0.1:${own}`, close: () => server.close() };
}

interface PairOptions {
  readonly hub: WebSocketHub;
  readonly address?: string;
  readonly dialer?: TlsIdentity;
  readonly token?: Uint8Array;
  readonly expect?: readonly string[];
}

/** Rank 0 listens as Alice, rank 1 dials as Bob. */
function pair({ hub, address = hub.address, dialer = bob, token = freshToken(), ...rest }: PairOptions) {
  const group = { size: 2, addresses: [address, ''], sessionId: 's', connectTimeoutMs: 5000 };
  const secure = (secret: Uint8Array) => pinned({ fingerprints: prints.slice(0, 2), token: secret });
  const open = identityOpener({ identity: dialer, fingerprints: () => rest.expect ?? prints[0] });
  const members = [
    webSocketTransport({ ...group, rank: 0, hub, secure: secure(token) }),
    webSocketTransport({ ...group, rank: 1, open, secure: secure(token) }),
  ] as const;
  // Tests look at one after the other.
  for (const member of members) member.catch(() => {});
  return members;
}

async function talk(members: ReturnType<typeof pair>): Promise<void> {
  const [a, b] = (await Promise.all(members)).map((transport) => new Communicator(transport));
  a.send(1, 'k', Uint8Array.of(1, 2, 3));
  b.send(0, 'k', new Uint8Array(3_000_000).fill(7));
  expect([...(await b.receive(0, 'k'))]).to.deep.equal([1, 2, 3]);
  expect((await a.receive(1, 'k')).byteLength).to.equal(3_000_000);
  await Promise.all([a.close(), b.close()]);
}

describe('TLS', function () {
  this.timeout(20_000);
  const hubs: WebSocketHub[] = [];
  const hubOf = async (...options: Parameters<typeof listen>): Promise<WebSocketHub> => {
    const hub = await listen(...options);
    hubs.push(hub);
    return hub;
  };
  afterEach(() => Promise.all(hubs.splice(0).map((hub) => hub.close())));

  it('knows a certificate by SHA-256 of its DER', () => {
    expect(prints[0][0]).to.match(/^[0-9a-f]{64}$/);
    expect(() => fingerprintOf('nonsense'))
      .to.throw()
      .with.property('code', 'COMM_BAD_ARGUMENT');
  });

  it('connects members directly', async () => {
    const hub = await hubOf({ identity: alice });
    expect(hub.address).to.match(/^wss:/);
    await talk(pair({ hub }));
    expect(hub.stats).to.deep.equal({ accepted: 1, rejected: 0, reasons: {} });
  });

  it('connects members inside an unencrypted WebSocket', async () => {
    const hub = await hubOf({ identity: alice, plain: true });
    expect(hub.address).to.match(/^ws:/);
    await talk(pair({ hub }));
  });

  for (const tlsBehind of [false, true])
    it(`connects members through a proxy that ends TLS${tlsBehind ? ' and begins it again' : ''}`, async () => {
      const hub = await hubOf({ identity: alice, plain: !tlsBehind });
      const proxy = await endingProxy(hub.port, tlsBehind);
      await talk(pair({ hub, address: proxy.address }));
      proxy.close();
    });

  it('connects members over a channel that came some other way', async () => {
    const hub = await hubOf({ identity: alice });
    const [near, far] = new Wire().ends;
    hub.admit(far);
    const token = freshToken();
    const group = { size: 2, addresses: ['ws://nowhere', ''], sessionId: 's', connectTimeoutMs: 5000 };
    const secure = pinned({ fingerprints: prints, token });
    const open = (): Promise<Channel> => tlsClient(near, bob, { expect: prints[0] });
    const [a, b] = await Promise.all([
      connectChannels({ ...group, rank: 0, hub, secure }),
      connectChannels({ ...group, rank: 1, open, secure }),
    ]);
    const channel = a.channels.get(1) as Channel;
    expect(channel.binding?.peerFingerprint).to.equal(prints[1][0]);
    b.channels.get(0)?.send('over the wire');
    expect(await readMessage(channel)).to.equal('over the wire');
    a.leave();
    channel.destroy();
  });

  it('hands control channels over, with what TLS proved', async () => {
    let got: (channel: Channel) => void = () => {};
    const control = new Promise<Channel>((resolve) => {
      got = resolve;
    });
    const hub = await hubOf({ identity: alice, onControl: got });
    const open = identityOpener({ identity: mallory, fingerprints: () => prints[0] });
    const channel = await open(hub.address, never);
    channel.send('{"type":"control","version":1}');
    channel.send('next');
    const other = await control;
    expect(hub.stats.accepted).to.equal(0);
    other.authenticated?.();
    expect(hub.stats.accepted).to.equal(1);
    expect(other.binding?.peerFingerprint).to.equal(fingerprintOf(mallory.certificate));
    expect(other.binding?.exportKey('EXPORTER-x', 32)).to.deep.equal(
      channel.binding?.exportKey('EXPORTER-x', 32),
    );
    expect(await readMessage(other)).to.equal('next');
    other.destroy();
  });

  it('refuses who has another certificate', async () => {
    for (const plain of [false, true]) {
      const hub = await hubOf({ identity: alice, plain });
      const [listening, dialing] = pair({ hub, dialer: carol });
      expect(await failureOf(dialing)).to.include({ code: 'HANDSHAKE_FAILED', reason: 'wrong key' });
      await hub.close();
      await failureOf(listening);
    }
  });

  it('finds out a listener that has another certificate', async () => {
    for (const plain of [false, true]) {
      const hub = await hubOf({ identity: mallory, plain });
      const [listening, dialing] = pair({ hub });
      expect(await failureOf(dialing)).to.include({ code: 'HANDSHAKE_FAILED', reason: 'wrong key' });
      await hub.close();
      await failureOf(listening);
    }
  });

  it('refuses an expired certificate at either end, and says so', async () => {
    const old = fingerprintOf(expired.certificate);
    for (const plain of [false, true]) {
      const hub = await hubOf({ identity: expired, plain });
      const open = identityOpener({ identity: bob, fingerprints: () => [old] });
      const error = await failureOf(open(hub.address, never));
      expect(error).to.include({ code: 'HANDSHAKE_FAILED', reason: 'certificate expired' });
      expect(error.message).to.include('2021');
      const other = await hubOf({ identity: alice, plain });
      const [listening, dialing] = pair({ hub: other, dialer: expired });
      expect(await failureOf(dialing)).to.include({ reason: 'certificate expired' });
      await other.close();
      await failureOf(listening);
    }
  });

  it('is mutual over a wire', async () => {
    const [near, far] = new Wire().ends;
    const [a, b] = await Promise.all([tlsClient(near, bob), tlsServer(far, alice)]);
    expect(a.binding?.peerFingerprint).to.equal(prints[0][0]);
    expect(b.binding?.peerFingerprint).to.equal(prints[1][0]);
    expect(a.exportKey?.('EXPORTER-y', 16)).to.deep.equal(b.exportKey?.('EXPORTER-y', 16));
    a.destroy();
  });

  it('survives garbage right behind any message of the handshake', async () => {
    for (const side of [0, 1])
      for (const which of [0, 1, 2]) {
        let count = 0;
        const wire = new Wire({
          tamper: (message, from) =>
            from === side && count++ === which && typeof message !== 'string'
              ? [new Uint8Array(Buffer.concat([message, new Uint8Array(40).fill(0x77)]))]
              : [message],
        });
        const [near, far] = wire.ends;
        const ends = [tlsClient(near, bob), tlsServer(far, alice)].map(async (opening, i) => {
          try {
            const channel = await opening;
            channel.send('hello');
            await readMessage(channel);
            await readMessage(channel);
          } catch (error) {
            wire.ends[i].destroy();
            return error as Error;
          }
          return undefined;
        });
        const cutting = setTimeout(() => wire.cut(), 300);
        for (const end of await Promise.all(ends)) expect(end).to.be.instanceOf(Error);
        clearTimeout(cutting);
      }
  });
});
