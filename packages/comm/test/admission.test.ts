/** Who gets in at a hub: crowds, web pages, members with the token of another pair, and what outsiders can find out. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { maskingFor } from '../src/channel/node-websocket.js';
import { Communicator } from '../src/index.js';
import { noise, noiseKeys } from '../src/noise.js';
import { listen, webSocketTransport } from '../src/websocket.js';
import { connectPair, failureOf, freshToken, pairSetup, sleep } from './helpers.js';

describe('admission', function () {
  this.timeout(20_000);

  it('a crowd of silent connections that come again does not keep members out', async () => {
    const hub = await listen();
    const crowd: Socket[] = [];
    const join = (): Socket => connect(hub.port, '127.0.0.1').on('error', () => {});
    for (let i = 0; i < 256; i++) crowd.push(join());
    await sleep(200);
    const again = setInterval(() => {
      for (const [i, socket] of crowd.entries()) if (socket.destroyed) crowd[i] = join();
    }, 1);
    try {
      const token = freshToken();
      const group = { size: 2, addresses: [hub.address, ''], token, sessionId: 's', connectTimeoutMs: 8000 };
      const begin = performance.now();
      const members = await Promise.all([
        webSocketTransport({ ...group, rank: 0, hub }),
        webSocketTransport({ ...group, rank: 1 }),
      ]);
      expect(performance.now() - begin, 'before the crowd has to go by itself').to.be.below(5000);
      await Promise.all(members.map((member) => member.close()));
    } finally {
      clearInterval(again);
      for (const socket of crowd) socket.destroy();
      await hub.close();
    }
  });

  it('connections from one address push out each other, not those from elsewhere', async () => {
    const hub = await listen({ host: '0.0.0.0', maxUnauthenticated: 10, maxUnauthenticatedPerAddress: 4 });
    const closed: string[] = [];
    const from = (localAddress: string): Socket =>
      connect({ port: hub.port, host: '127.0.0.1', localAddress })
        .on('error', () => {})
        .on('close', () => closed.push(localAddress));
    const sockets = [from('127.0.0.2')];
    await once(sockets[0], 'connect');
    for (let i = 0; i < 20; i++) sockets.push(from('127.0.0.3'));
    while (closed.length < 16) await sleep(10);
    await sleep(50);
    expect(closed).to.deep.equal(Array.from({ length: 16 }, () => '127.0.0.3'));
    expect(hub.stats.reasons).to.deep.equal({ 'too many': 16 });
    for (const socket of sockets) socket.destroy();
    await hub.close();
  });

  it('web pages are refused unless their origin is allowed', async () => {
    const setup = await pairSetup({ allowedOrigins: ['https://app.example'] });
    const answerTo = (headers: Record<string, string>): Promise<number | string> =>
      new Promise((resolve) => {
        const socket = new WebSocket(setup.hub.address, { headers });
        socket.on('open', () => {
          resolve('open');
          socket.terminate();
        });
        socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
        socket.on('error', () => {});
      });
    expect(await answerTo({ origin: 'https://evil.example' })).to.equal(403);
    expect(await answerTo({ origin: 'null' })).to.equal(403);
    expect(await answerTo({ origin: 'https://app.example' })).to.equal('open');
    expect(await answerTo({})).to.equal('open');
    expect(setup.hub.stats.reasons.origin).to.equal(2);
    await setup.hub.close();
  });

  const pairs = new Map<string, Uint8Array>();
  const tokenOf = (rank: number) => (peer: number) => {
    const pair = [rank, peer].sort().join();
    if (!pairs.has(pair)) pairs.set(pair, freshToken());
    return pairs.get(pair) as Uint8Array;
  };
  const own = [noiseKeys(), noiseKeys(), noiseKeys()];
  const publicKeys = own.map(({ publicKey }) => publicKey);
  const keysOf = (rank: number) => ({
    secure: noise({ keys: { secretKey: own[rank].secretKey, publicKeys } }),
  });

  // Rank 1 takes the dealer's place with all that it has.
  for (const [what, secretOf, posed, reason] of [
    [
      'pairs have tokens of their own',
      (rank: number) => ({ token: tokenOf(rank) }),
      { token: () => tokenOf(1)(0) },
      'wrong token',
    ],
    ['members have keys', keysOf, keysOf(1), 'wrong key'],
  ] as const)
    it(`a member cannot pose as another one where ${what}`, async () => {
      const hubs = [await listen(), await listen()];
      const group = { size: 3, addresses: [hubs[0].address, hubs[1].address, ''], sessionId: 's' };
      const member = (rank: number, secret: ReturnType<typeof secretOf> = secretOf(rank)) =>
        webSocketTransport({ ...group, rank, hub: hubs[rank], ...secret });
      const parties = [member(0), member(1)];
      const posing = await failureOf(member(2, posed));
      expect(posing).to.include({ code: 'HANDSHAKE_FAILED', reason });
      const dealer = await member(2);
      const comms = [...(await Promise.all(parties)), dealer].map((transport) => new Communicator(transport));
      await Promise.all(comms.map((comm) => comm.barrier('all here')));
      await Promise.all(comms.map((comm) => comm.close()));
      await Promise.all(hubs.map((hub) => hub.close()));
    });

  it('what goes to another machine is masked at random', () => {
    for (const host of ['127.0.0.1', '127.8.9.1', 'localhost', '[::1]'])
      expect(maskingFor(`ws://${host}:80`), host).to.have.property('generateMask');
    for (const host of ['example.org', '10.0.0.1', 'localhost.example.org', '127.0.0.1.example.org', '[::2]'])
      expect(maskingFor(`wss://${host}:80`), host).to.deep.equal({});
  });

  it('a transport stays connected when its hub is closed', async () => {
    const setup = await pairSetup();
    const [a, b] = await connectPair(setup);
    await setup.hub.close();
    a.send(1, 'k', Uint8Array.of(1));
    expect([...(await b.receive(0, 'k'))]).to.deep.equal([1]);
    await Promise.all([a.close(), b.close()]);
  });

  it('needs either a token or a layer, and keys that are keys', async () => {
    const { hub, member } = await pairSetup();
    const code = async (changes: object) => (await failureOf(webSocketTransport(member(1, changes)))).code;
    const { secretKey, publicKey } = noiseKeys();
    const layer = (publicKeys: Uint8Array[]) => noise({ keys: { secretKey, publicKeys } });
    expect(await code({ token: undefined })).to.equal('COMM_BAD_ARGUMENT');
    expect(await code({ secure: layer([publicKey, publicKey]) })).to.equal('COMM_BAD_ARGUMENT');
    expect(await code({ token: undefined, secure: layer([]) })).to.equal('COMM_BAD_ARGUMENT');
    expect(await code({ token: undefined, secure: layer([new Uint8Array(5)]) })).to.equal(
      'COMM_BAD_ARGUMENT',
    );
    expect(await code({ token: () => new Uint8Array(8) })).to.equal('COMM_BAD_ARGUMENT');
    expect(() => noise({}))
      .to.throw()
      .with.property('code', 'COMM_BAD_ARGUMENT');
    await hub.close();
  });
});
