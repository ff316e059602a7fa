/** What an attacker does to TLS: in the middle, before the handshake, with old versions, and after it. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { createServer as createTlsServer, connect as tlsConnect } from 'node:tls';
import { Wire } from '@tacit/compliance';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { type Channel, readMessage } from '../src/layers.js';
import { fingerprintOf, identityOpener, pinned, tlsClient, tlsServer } from '../src/tls.js';
import { listen, type WebSocketHub, webSocketTransport } from '../src/websocket.js';
import { failureOf, freshToken, sleep } from './helpers.js';
import { cert, key } from './test-certificate.js';
import { alice, bob, mallory } from './test-identities.js';

const prints = [alice, bob].map(({ certificate }) => [fingerprintOf(certificate)]);
const never = new AbortController().signal;

describe('attacks on TLS', function () {
  this.timeout(20_000);
  const closers: (() => unknown)[] = [];
  const hubOf = async (...options: Parameters<typeof listen>): Promise<WebSocketHub> => {
    const hub = await listen(...options);
    closers.push(() => hub.close());
    return hub;
  };
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  /** Ends TLS with a certificate that the dialer trusts, and passes on what is said; `behind` is a hub with or without TLS. */
  async function interceptor(port: number, encrypted: boolean): Promise<string> {
    const server = createTlsServer({ key, cert }, (near) => {
      const far = encrypted
        ? tlsConnect({ port, host: '127.0.0.1', rejectUnauthorized: false })
        : connect(port, '127.0.0.1');
      for (const socket of [near, far]) socket.on('error', () => {});
      near.on('close', () => far.destroy());
      far.on('close', () => near.destroy());
      near.pipe(far).pipe(near);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => server.close());
    return `wss://127.0.0.1:${(server.address() as { port: number }).port}`;
  }

  const withToken = (hub: WebSocketHub, address: string) => {
    const group = { size: 2, addresses: [address, ''], sessionId: 's', token: freshToken() };
    const listening = webSocketTransport({ ...group, rank: 0, hub, connectTimeoutMs: 3000 });
    listening.catch(() => {});
    return [listening, webSocketTransport({ ...group, rank: 1, tls: { ca: cert } })] as const;
  };

  it('a token is not passed on by somebody who ends TLS with a certificate that is trusted', async () => {
    const hub = await hubOf({ tls: { key, cert } });
    const [, dialing] = withToken(hub, await interceptor(hub.port, true));
    expect(await failureOf(dialing)).to.include({ code: 'HANDSHAKE_FAILED', reason: 'wrong token' });
    expect(hub.stats.reasons).to.deep.equal({ 'wrong token': 1 });
  });

  it('a token works directly, and behind a proxy of the hub’s own that ends TLS', async () => {
    const direct = await hubOf({ tls: { key, cert } });
    const behind = await hubOf();
    for (const [hub, address] of [
      [direct, direct.address],
      [behind, await interceptor(behind.port, false)],
    ] as const) {
      const members = await Promise.all(withToken(hub, address));
      await Promise.all(members.map((member) => member.close()));
    }
  });

  it('who knows the token and ends TLS with a certificate of its own gets nothing', async () => {
    const token = freshToken();
    const secure = pinned({ fingerprints: prints, token });
    const group = { size: 2, sessionId: 's', connectTimeoutMs: 3000, secure };
    const open = identityOpener({ identity: bob, fingerprints: () => prints[0] });
    for (const plain of [false, true]) {
      const hub = await hubOf({ identity: alice, plain });
      const middle = await hubOf({ identity: mallory, plain });
      // Toward the dialer it plays the listener, toward the listener the dialer.
      const towardListener = webSocketTransport({
        ...group,
        rank: 1,
        addresses: [hub.address, ''],
        open: identityOpener({ identity: mallory, fingerprints: () => prints[0] }),
      });
      const listening = webSocketTransport({ ...group, rank: 0, addresses: [hub.address, ''], hub });
      const posing = webSocketTransport({
        ...group,
        rank: 0,
        addresses: [middle.address, ''],
        hub: middle,
        secure: pinned({ fingerprints: prints, token }),
      });
      for (const waiting of [listening, posing]) waiting.catch(() => {});
      const dialing = webSocketTransport({ ...group, rank: 1, addresses: [middle.address, ''], open });
      expect(await failureOf(dialing)).to.include({ code: 'HANDSHAKE_FAILED', reason: 'wrong key' });
      expect(await failureOf(towardListener)).to.include({ code: 'HANDSHAKE_FAILED', reason: 'wrong key' });
      expect(hub.stats.accepted + middle.stats.accepted).to.equal(0);
      await Promise.all([hub.close(), middle.close()]);
    }
  });

  it('a pinned layer refuses a channel on which TLS has proved nothing, at either end', async () => {
    const secure = pinned({ fingerprints: prints, token: freshToken() });
    const hub = await hubOf();
    const group = { size: 2, addresses: [hub.address, ''], sessionId: 's', connectTimeoutMs: 3000, secure };
    const listening = webSocketTransport({ ...group, rank: 0, hub });
    listening.catch(() => {});
    expect(await failureOf(webSocketTransport({ ...group, rank: 1 }))).to.include({ reason: 'wrong key' });
    // A dialer that does not look.
    const unbound = new WebSocket(hub.address);
    await once(unbound, 'open');
    const hello = { type: 'hello', version: 3, layer: secure.name, sessionId: 's', from: 1, to: 0, size: 2 };
    unbound.send(JSON.stringify({ ...hello, resumable: false, nonce: '0'.repeat(64), bound: true }));
    await once(unbound, 'message');
    unbound.send(JSON.stringify({ type: 'proof', mac: '0'.repeat(64) }));
    const [code] = await once(unbound, 'close');
    expect(code).to.equal(4403);
  });

  it('TLS 1.2 is not spoken, direct or inside', async () => {
    const hub = await hubOf({ identity: alice });
    const old = tlsConnect({
      port: hub.port,
      host: '127.0.0.1',
      maxVersion: 'TLSv1.2',
      rejectUnauthorized: false,
      key: bob.key,
      cert: bob.certificate,
    });
    const [error] = await once(old, 'error');
    expect(error.code).to.match(/PROTOCOL_VERSION|ECONNRESET/);
    // A listener with the right key that talks its dialer into TLS 1.2: TLS 1.3 inside would still be asked for.
    const server = createTlsServer({ key: alice.key, cert: alice.certificate, maxVersion: 'TLSv1.2' });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => server.close());
    server.on('secureConnection', (socket) => socket.on('error', () => {}).end('HTTP/1.1 400 no\r\n\r\n'));
    const open = identityOpener({ identity: bob, fingerprints: () => prints[0] });
    const { port } = server.address() as { port: number };
    await failureOf(open(`wss://127.0.0.1:${port}`, never));
  });

  it('TLS inside ends with what is not TLS, in either direction', async () => {
    for (const garbage of [
      new Uint8Array(0),
      Uint8Array.of(22, 3, 1),
      new Uint8Array(100).fill(1),
      new Uint8Array(70_000).fill(22),
    ]) {
      for (const dialing of [true, false]) {
        const wire = new Wire();
        const [near, far] = wire.ends;
        const ours = dialing ? tlsClient(near, bob) : tlsServer(near, alice);
        far.send(garbage);
        far.send('text');
        const error = await failureOf(ours);
        expect(error.message).to.be.a('string').and.not.equal('');
        wire.cut();
      }
    }
  });

  it('strangers at a hub have their time and their bytes, whatever they begin', async () => {
    const hub = await hubOf({ identity: alice, plain: true, helloTimeoutMs: 300 });
    const channels: WebSocket[] = [];
    const begin = async (...messages: (string | Uint8Array)[]): Promise<void> => {
      const socket = new WebSocket(hub.address);
      socket.on('error', () => {});
      channels.push(socket);
      await once(socket, 'open');
      for (const message of messages) socket.send(message);
    };
    const clientHello = await new Promise<Uint8Array>((resolve) => {
      const [near, far] = new Wire().ends;
      far.listen({ onMessage: (m) => resolve(new Uint8Array(m as ArrayBuffer)), onEnd: () => {} });
      tlsClient(near, bob).catch(() => {});
    });
    await begin(); // Says nothing.
    await begin(clientHello); // Begins TLS and stalls.
    await begin(clientHello.subarray(0, 20)); // Half a record.
    await begin(new Uint8Array(50).fill(9)); // Not TLS.
    await begin(Uint8Array.of(22, 3, 1, 64, 0), new Uint8Array(15_000), new Uint8Array(15_000)); // Too much.
    const ended = channels.map((socket) => once(socket, 'close'));
    await Promise.all(ended);
    expect(hub.stats.rejected).to.equal(5);
    expect(hub.stats.reasons['too slow']).to.be.at.least(2);
    expect(hub.stats.reasons.malformed).to.be.at.least(1);
    expect(hub.stats.accepted).to.equal(0);
  });

  it('strangers at a hub with TLS stand at the door before the handshake', async () => {
    const hub = await hubOf({ identity: alice, helloTimeoutMs: 300 });
    const silent = connect(hub.port, '127.0.0.1').on('error', () => {});
    const garbage = connect(hub.port, '127.0.0.1').on('error', () => {});
    garbage.write('GET / HTTP/1.1\r\n\r\n');
    // After the handshake, a member's protocol and 10 kB.
    const large = tlsConnect({
      port: hub.port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      key: mallory.key,
      cert: mallory.certificate,
      ALPNProtocols: ['tacit/1'],
    }).on('error', () => {});
    large.write(Buffer.alloc(10_000));
    for (const socket of [silent, garbage, large]) {
      socket.resume();
      if (!socket.closed) await once(socket, 'close');
    }
    while (hub.stats.rejected < 3) await sleep(5);
    expect(hub.stats.reasons).to.deep.equal({ 'too slow': 1, dropped: 1, oversized: 1 });
  });

  it('a peer that vanishes without a word is noticed by the heartbeat inside', async () => {
    const wire = new Wire();
    const [near, far] = wire.ends;
    const settings = { pingIntervalMs: 20, deadAfterMs: 200 };
    const [a, b]: readonly Channel[] = await Promise.all([
      tlsClient(near, bob, settings),
      tlsServer(far, alice, settings),
    ]);
    for (const channel of [a, b]) channel.authenticated?.();
    a.send('alive');
    expect(await readMessage(b)).to.equal('alive');
    await sleep(400);
    expect(a.ended).to.equal(undefined);
    wire.cut(1);
    const end = await new Promise<string>((resolve) => {
      a.listen({ onMessage: () => {}, onEnd: ({ reason }) => resolve(reason) });
    });
    expect(end).to.equal('unresponsive');
    b.destroy();
  });
});
