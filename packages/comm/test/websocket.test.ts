import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { WebSocket, WebSocketServer } from 'ws';
import { NodeWebSocketChannel, socketOptions } from '../src/channel/node-websocket.js';
import { Communicator } from '../src/index.js';
import { HANDSHAKE_VERSION } from '../src/secure/secure-layer.js';
import { tokenHandshake } from '../src/secure/token-handshake.js';
import { listen, webSocketTransport } from '../src/websocket.js';
import { browserWebSocketTransport } from '../src/websocket-browser.js';
import { connectPair, failureOf, freshToken, pairSetup, type Setup, sleep } from './helpers.js';
import { cert, key } from './test-certificate.js';

const EMPTY = new Uint8Array(0);
const NONCE = '0'.repeat(64);

/** A raw connection to the hub and how it ends. */
async function stranger(address: string): Promise<{ socket: WebSocket; closed: Promise<number> }> {
  const socket = new WebSocket(address, { perMessageDeflate: false });
  const closed = new Promise<number>((resolve) => socket.on('close', (code) => resolve(code)));
  socket.on('error', () => {});
  await new Promise((resolve) => socket.on('open', resolve));
  return { socket, closed };
}

const hello = (changes: Record<string, unknown> = {}): string =>
  JSON.stringify({
    type: 'hello',
    version: HANDSHAKE_VERSION,
    layer: 'token',
    resumable: false,
    sessionId: 'session',
    from: 1,
    to: 0,
    size: 2,
    nonce: NONCE,
    ...changes,
  });

/** A member that has proved itself and then does as it likes with its socket. */
async function renegade({ addresses, token, sessionId }: Setup): Promise<WebSocket> {
  const socket = new WebSocket(addresses[0] ?? '', { perMessageDeflate: false });
  const wrapped = new NodeWebSocketChannel(socket, {});
  await new Promise((resolve) => socket.on('open', resolve));
  await tokenHandshake(token).initiate(wrapped, { sessionId, from: 1, to: 0, size: 2, resumable: false });
  wrapped.authenticated();
  return socket;
}

describe('websocket: forming a group', () => {
  let setup: Setup;
  beforeEach(async () => {
    setup = await pairSetup({
      // Long enough for a handshake on a slow machine.
      helloTimeoutMs: 1000,
      maxUnauthenticated: 20,
      maxUnauthenticatedPerAddress: 20,
    });
  });
  afterEach(() => setup.hub.close());

  it('strangers are dropped, counted, and do not hurt the session', async () => {
    const { hub, member } = setup;
    const listening = webSocketTransport(member(0));
    await sleep(10);
    const tryText = async (text: string | Uint8Array): Promise<number> => {
      const { socket, closed } = await stranger(hub.address);
      // Whatever is wrong with a hello is told after a proof only.
      socket.on('message', () => socket.send(JSON.stringify({ type: 'proof', mac: NONCE })));
      socket.send(text);
      return closed;
    };
    for (const malformed of [
      'garbage',
      'null',
      new Uint8Array(100),
      hello({ from: 'x' }),
      hello({ nonce: 'short' }),
    ])
      expect(await tryText(malformed)).to.equal(4400);
    expect(await tryText(hello({ version: 99 }))).to.equal(4406);
    expect(await tryText(hello({ sessionId: 'other' }))).to.equal(4404);
    // Those without the token do not hear what else is wrong.
    for (const text of [hello({ from: 0 }), hello({ size: 3 }), hello()])
      expect(await tryText(text)).to.equal(4401);
    expect(await tryText('x'.repeat(1_000_000))).to.be.oneOf([4413, 1006]);
    expect(hub.stats.reasons).to.deep.equal({
      malformed: 5,
      'wrong version': 1,
      'unknown session': 1,
      'wrong token': 3,
      oversized: 1,
    });

    const silent = [await stranger(hub.address), await stranger(hub.address)];
    const bare: Socket = connect(hub.port, '127.0.0.1');
    bare.on('error', () => {});
    const bareClosed = new Promise((resolve) => bare.on('close', resolve));
    const noise: Socket = connect(hub.port, '127.0.0.1', () =>
      noise.write('\x16\x03\x01\x00\xee garbage\r\n\r\n'),
    );
    noise.on('error', () => {});
    const noiseClosed = new Promise((resolve) => noise.on('close', resolve));
    const response = await fetch(hub.address.replace('ws:', 'http:'));
    expect(response.status).to.equal(426);
    for (const { closed } of silent) expect(await closed).to.equal(1006);
    await Promise.all([bareClosed, noiseClosed]);
    expect(hub.stats.reasons['too slow']).to.equal(3);
    expect(hub.stats.accepted).to.equal(0);

    const dialed = new Communicator(await webSocketTransport(member(1)));
    const listener = new Communicator(await listening);
    dialed.send(0, 'k', new Uint8Array([1, 2, 3]));
    expect([...(await listener.receive(1, 'k'))]).to.deep.equal([1, 2, 3]);
    expect(hub.stats.accepted).to.equal(1);
    await Promise.all([listener.close(), dialed.close()]);
  });

  it('a crowd of strangers is turned away at the door', async () => {
    const crowd = Array.from({ length: 60 }, () =>
      connect(setup.hub.port, '127.0.0.1').on('error', () => {}),
    );
    const closed = crowd.map((socket) => new Promise((resolve) => socket.on('close', resolve)));
    await Promise.all(closed);
    expect(setup.hub.stats.reasons['too many']).to.equal(40);
    expect(setup.hub.stats.reasons['too slow']).to.equal(20);
  });

  it('a wrong token is refused at once, on both sides', async () => {
    const { hub, member } = setup;
    const listening = webSocketTransport(member(0));
    const begin = performance.now();
    const error = await failureOf(webSocketTransport(member(1, { token: freshToken() })));
    expect(error).to.include({ code: 'HANDSHAKE_FAILED', reason: 'wrong token' });
    expect(error.message).to.contain('rank 0 at ws://127.0.0.1');
    expect(performance.now() - begin, 'well before the timeout').to.be.lessThan(4000);
    expect(hub.stats.reasons['wrong token']).to.equal(1);
    const right = await webSocketTransport(member(1));
    const listener = await listening;
    await Promise.all([right.close(), listener.close()]);
  });

  it('a listener that does not know the token is found out', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await new Promise((resolve) => server.on('listening', resolve));
    server.on('connection', (socket) => {
      socket.once('message', () => {
        socket.send(JSON.stringify({ type: 'challenge', nonce: NONCE }));
        // Reflecting the proof of the dialer must not do.
        socket.once('message', (data) => {
          socket.send(JSON.stringify({ type: 'welcome', mac: JSON.parse(data.toString()).mac }));
        });
      });
    });
    const { port } = server.address() as { port: number };
    const addresses = [`ws://127.0.0.1:${port}`, ''];
    const error = await failureOf(webSocketTransport(setup.member(1, { addresses })));
    expect(error).to.include({ code: 'HANDSHAKE_FAILED', reason: 'wrong token' });
    for (const client of server.clients) client.terminate();
    server.close();
  });

  it('a wrong session is waited for, then unreachable', async () => {
    const { member } = setup;
    const listening = failureOf(webSocketTransport(member(0, { connectTimeoutMs: 400 })));
    const error = await failureOf(
      webSocketTransport(member(1, { sessionId: 'another', connectTimeoutMs: 300 })),
    );
    expect(error).to.include({ code: 'PEER_UNREACHABLE', rank: 0 });
    expect(error.message).to.contain('unknown session');
    expect(await listening).to.include({ code: 'PEER_UNREACHABLE', rank: 1 });
  });

  it('a duplicate rank is refused and the first stays', async () => {
    const { hub, member } = setup;
    const [listener, first] = await connectPair(setup);
    const error = await failureOf(webSocketTransport(member(1)));
    expect(error).to.include({ code: 'HANDSHAKE_FAILED', reason: 'duplicate rank' });
    expect(hub.stats.reasons['duplicate rank']).to.equal(1);
    first.send(0, 'k', EMPTY);
    await listener.receive(1, 'k');
    expect((await failureOf(webSocketTransport(member(0)))).code).to.equal('COMM_BAD_ARGUMENT');
    await Promise.all([listener.close(), first.close()]);
    // The session is over, so that its name can be used again.
    const again = await connectPair(setup);
    await Promise.all(again.map((comm) => comm.close()));
  });

  it('members may start in any order; a listener may come late', async () => {
    const { hub, member } = setup;
    const { port } = hub;
    await hub.close();
    const dialing = webSocketTransport(member(1));
    await sleep(150);
    const late = await listen({ port });
    await sleep(100);
    const [listener, dialed] = await Promise.all([webSocketTransport(member(0, { hub: late })), dialing]);
    await Promise.all([listener.close(), dialed.close()]);
    await late.close();
  });

  it('a member that crashes while the group forms may come back', async () => {
    const { hub, token } = setup;
    const other = await listen();
    const addresses = [hub.address, other.address, ''];
    const base = { size: 3, addresses, token, sessionId: 's3', connectTimeoutMs: 5000 };
    const zero = webSocketTransport({ ...base, rank: 0, hub });
    // Rank 2 reaches rank 0, but gives up since rank 1 is not there.
    const lost = await failureOf(webSocketTransport({ ...base, rank: 2, connectTimeoutMs: 600 }));
    expect(lost).to.include({ code: 'PEER_UNREACHABLE', rank: 1 });
    expect(lost.message).to.contain(other.address);
    const rest = [
      webSocketTransport({ ...base, rank: 1, hub: other }),
      webSocketTransport({ ...base, rank: 2 }),
    ];
    const all = (await Promise.all([zero, ...rest])).map((transport) => new Communicator(transport));
    await Promise.all(all.map((comm) => comm.barrier('b')));
    await Promise.all(all.map((comm) => comm.close()));
    await other.close();
  });

  it('nobody there is an error with rank, address and cause', async () => {
    const { hub, member } = setup;
    await hub.close();
    const error = await failureOf(webSocketTransport(member(1, { connectTimeoutMs: 200 })));
    expect(error).to.include({ code: 'PEER_UNREACHABLE', rank: 0, address: hub.address });
    expect(error.message).to.match(/ECONNREFUSED/);
  });

  it('bad configuration is an error before anything is dialed', async () => {
    const { member } = setup;
    for (const options of [
      member(1, { token: new Uint8Array(8) }),
      member(1, { sessionId: '' }),
      member(1, { addresses: ['http://x', ''] }),
      member(1, { addresses: ['', ''] }),
      member(1, { rank: 2 }),
      member(0, { hub: undefined }),
    ])
      expect((await failureOf(webSocketTransport(options))).code).to.equal('COMM_BAD_ARGUMENT');
  });

  it('closing the hub ends a group that still forms', async () => {
    const listening = failureOf(webSocketTransport(setup.member(0)));
    await sleep(10);
    await setup.hub.close();
    expect((await listening).code).to.equal('COMM_CLOSED');
  });
});

describe('websocket: members', () => {
  let setup: Setup;
  beforeEach(async () => {
    setup = await pairSetup();
  });
  afterEach(() => setup.hub.close());

  for (const [what, garbage, detail] of [
    ['noise', new Uint8Array(100).fill(0xab), 'magic number'],
    ['an empty message', EMPTY, 'no header'],
    ['a text message', 'hello', 'a text message'],
    [
      'a reserved key',
      Buffer.from('5401000001000000000000000200000000780000'.padEnd(48, '0'), 'hex'),
      'reserved key',
    ],
  ] as const) {
    it(`garbage of a member fails the session and names it: ${what}`, async () => {
      const listening = webSocketTransport(setup.member(0));
      const socket = await renegade(setup);
      const comm = new Communicator(await listening, { names: ['me', 'the renegade'] });
      const pending = failureOf(comm.receive(1, 'k'));
      socket.send(garbage);
      const error = await pending;
      expect(error).to.include({ code: 'PROTOCOL_VIOLATION', rank: 1 });
      expect(error.message).to.contain('the renegade').and.contain(detail);
      socket.terminate();
      await comm.close();
    });
  }

  it('a connection that is cut is noticed at once', async () => {
    const listening = webSocketTransport(setup.member(0));
    const socket = await renegade(setup);
    const comm = new Communicator(await listening);
    const pending = failureOf(comm.receive(1, 'k'));
    const begin = performance.now();
    socket.terminate();
    expect(await pending).to.include({ code: 'PEER_LEFT', reason: 'disconnected' });
    expect(performance.now() - begin, 'before any heartbeat').to.be.lessThan(10_000);
    await comm.close();
  });

  it('the heartbeat finds a network that is gone, and only that', async () => {
    const watchful = await pairSetup({ pingIntervalMs: 20, deadAfterMs: 200, closeTimeoutMs: 100 });
    const listening = webSocketTransport(watchful.member(0));
    const socket = await renegade(watchful);
    const comm = new Communicator(await listening);
    await sleep(400);
    expect(comm.aborted.aborted, 'while the peer answers').to.equal(false);
    const pending = failureOf(comm.receive(1, 'k'));
    socket.pause();
    expect(await pending).to.include({ code: 'PEER_LEFT', rank: 1, reason: 'unresponsive' });
    socket.terminate();
    await comm.close();
    await watchful.hub.close();
  });

  it('speaks TLS, trusting the given certificate only', async () => {
    const secure = await pairSetup({ tls: { key, cert } });
    expect(secure.hub.address).to.match(/^wss:/);
    const [a, b] = await connectPair(secure, { tls: { ca: cert } });
    a.send(1, 'k', new Uint8Array(300_000).fill(9));
    expect((await b.receive(0, 'k')).every((value) => value === 9)).to.equal(true);
    await Promise.all([a.close(), b.close()]);
    const error = await failureOf(webSocketTransport(secure.member(1)));
    expect(error).to.include({ code: 'HANDSHAKE_FAILED', reason: 'certificate' });
    const plain: Socket = connect(secure.hub.port, '127.0.0.1', () => plain.write('GET / HTTP/1.1\r\n\r\n'));
    plain.on('error', () => {});
    await new Promise((resolve) => plain.on('close', resolve));
    await secure.hub.close();
  });

  it('the transport of browsers is a member like any other', async () => {
    const browser = globalThis as { WebSocket?: unknown };
    const own = browser.WebSocket;
    browser.WebSocket = WebSocket;
    try {
      const [a, b] = await Promise.all([
        webSocketTransport(setup.member(0)),
        browserWebSocketTransport(setup.member(1)),
      ]);
      const [listener, tab] = [new Communicator(a), new Communicator(b)];
      tab.send(0, 'k', new Uint8Array(5000).fill(4));
      expect((await listener.receive(1, 'k'))[4999]).to.equal(4);
      listener.send(1, 'k', new Uint8Array(3_000_000).fill(5));
      await listener.flushed(1);
      expect((await tab.receive(0, 'k'))[2_999_999]).to.equal(5);
      const pending = failureOf(listener.receive(1, 'k'));
      b.destroy();
      expect(await pending).to.include({ code: 'PEER_LEFT', reason: 'disconnected' });
      await Promise.all([listener.close(), tab.close()]);
      expect((await failureOf(browserWebSocketTransport(setup.member(0)))).code).to.equal(
        'COMM_BAD_ARGUMENT',
      );
    } finally {
      browser.WebSocket = own;
    }
  });

  it('compression is off and the limit on frames holds', async () => {
    expect(socketOptions({})).to.include({ perMessageDeflate: false, maxPayload: 2 ** 31 - 1 });
    const small = await pairSetup({ maxPayloadBytes: 10_000 });
    const [a, b] = await connectPair(small);
    const pending = failureOf(a.receive(1, 'k'));
    b.send(0, 'k', new Uint8Array(20_000));
    const error = await pending;
    expect(error).to.include({ code: 'PEER_LEFT', rank: 1 });
    expect(error.message).to.contain('Max payload size exceeded');
    await Promise.all([a.close(), b.close()]);
    await small.hub.close();
  });
});
