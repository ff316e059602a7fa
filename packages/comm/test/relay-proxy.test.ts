/** Through HTTP proxies that the environment names, to relays and to hubs. */
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import { expect } from 'chai';
import { readMessage } from '../src/layers.js';
import { memberOpener, proxyAgentFor } from '../src/relay.js';
import { listen } from '../src/websocket.js';
import { failureOf } from './helpers.js';
import { dialRaw, never, printOf, Stage } from './relay-helpers.js';
import { cert, key } from './test-certificate.js';
import { alice, bob } from './test-identities.js';

const NAMES = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'].flatMap((name) => [
  name,
  name.toUpperCase(),
]);

/** A proxy that knows CONNECT; `answer` says how it refuses, if it does. */
async function connectProxy(
  stage: Stage,
  answer: (request: IncomingMessage) => string | undefined = () => undefined,
) {
  const tunnels: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on('connection', (socket) => sockets.add(socket));
  server.on('connect', (request, duplex, head) => {
    const near = duplex as Socket;
    near.on('error', () => {});
    const refusal = answer(request);
    if (refusal !== undefined) {
      near.end(`HTTP/1.1 ${refusal}\r\nContent-Length: 5\r\n\r\nsorry`);
      return;
    }
    tunnels.push(request.url ?? '');
    const { hostname, port } = new URL(`http://${request.url}`);
    const far = connect(Number(port), hostname, () => {
      near.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      far.write(head);
      near.pipe(far);
      far.pipe(near);
    });
    far.on('error', () => near.destroy());
    near.on('close', () => far.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stage.later(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as { port: number };
  return { host: `127.0.0.1:${port}`, tunnels };
}

describe('proxies of the environment', function () {
  this.timeout(20_000);
  const stage = new Stage();
  const saved = NAMES.map((name) => [name, process.env[name]] as const);
  beforeEach(() => {
    for (const name of NAMES) delete process.env[name];
  });
  afterEach(() => stage.clear());
  after(() => {
    for (const [name, value] of saved)
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  });

  it('are found by the address', () => {
    process.env.HTTPS_PROXY = 'http://secure.example:3128';
    process.env.http_proxy = 'http://plain.example';
    process.env.NO_PROXY = 'localhost,.internal.example';
    expect(proxyAgentFor('wss://relay.example/to/x')?.name).to.equal('secure.example:3128');
    expect(proxyAgentFor('ws://relay.example')?.name).to.equal('plain.example');
    expect(proxyAgentFor('wss://localhost:8443')).to.equal(undefined);
    expect(proxyAgentFor('wss://relay.internal.example')).to.equal(undefined);
    process.env.HTTPS_PROXY = 'socks5://secure.example';
    expect(() => proxyAgentFor('wss://relay.example'))
      .to.throw('HTTPS_PROXY')
      .with.property('code', 'COMM_BAD_ARGUMENT');
    delete process.env.HTTPS_PROXY;
    expect(proxyAgentFor('wss://relay.example')).to.equal(undefined);
  });

  for (const tls of [undefined, { key, cert }])
    it(`are passed on the way to a relay (${tls ? 'wss' : 'ws'})`, async () => {
      const relay = await stage.relay({ ...(tls && { tls }) });
      const proxy = await connectProxy(stage);
      process.env[tls ? 'https_proxy' : 'http_proxy'] = `http://${proxy.host}`;
      const trust = tls && { ca: cert };
      const { next } = await stage.listener(relay, alice, { trust });
      const [dialer, channel] = await Promise.all([dialRaw(relay, printOf(alice), bob, { trust }), next()]);
      dialer.send(new Uint8Array(300_000));
      expect(((await readMessage(channel)) as ArrayBuffer).byteLength).to.equal(300_000);
      // The listener's place, the visitor, and the listener's end of the pair.
      expect(proxy.tunnels).to.deep.equal(Array.from({ length: 3 }, () => `127.0.0.1:${relay.port}`));
      const direct = await dialRaw(relay, printOf(alice), bob, { trust, agent: false });
      direct.destroy();
      expect(proxy.tunnels).to.have.length(4);
    });

  it('are passed on the way to a hub', async () => {
    const hub = await listen({ identity: alice });
    stage.later(() => hub.close());
    const proxy = await connectProxy(stage);
    process.env.https_proxy = `http://${proxy.host}`;
    const open = memberOpener({ identity: bob, fingerprints: () => [printOf(alice)] });
    const channel = await open(hub.address, never);
    expect(channel.binding?.peerFingerprint).to.equal(printOf(alice));
    channel.destroy();
    expect(proxy.tunnels).to.deep.equal([`127.0.0.1:${hub.port}`]);
  });

  it('get user and password from their address', async () => {
    const relay = await stage.relay();
    const proxy = await connectProxy(stage, ({ headers }) =>
      headers['proxy-authorization'] === `Basic ${Buffer.from('ann:s3cret/').toString('base64')}`
        ? undefined
        : '407 Proxy Authentication Required',
    );
    process.env.http_proxy = `http://ann:s3cret%2F@${proxy.host}`;
    await stage.listener(relay);
    process.env.http_proxy = `http://ann:wrongword@${proxy.host}`;
    const error = await failureOf(dialRaw(relay, printOf(alice)));
    expect(error).to.include({ code: 'HANDSHAKE_FAILED', reason: 'proxy' });
    expect(error.message).to.contain(proxy.host).and.contain('407').and.contain('user and password');
    expect(error.message).to.not.contain('wrongword');
  });

  it('are named when they refuse, for good or for now', async () => {
    const relay = await stage.relay();
    let refusal = '403 Forbidden';
    const proxy = await connectProxy(stage, () => refusal);
    process.env.http_proxy = `http://${proxy.host}`;
    const forGood = await failureOf(dialRaw(relay, printOf(alice)));
    expect(forGood).to.include({ code: 'HANDSHAKE_FAILED', reason: 'proxy' });
    expect(forGood.message).to.contain(
      `the proxy ${proxy.host} refuses the connection to 127.0.0.1:${relay.port}`,
    );
    refusal = '503 Service Unavailable';
    expect(await failureOf(dialRaw(relay, printOf(alice)))).to.include({
      code: 'PROXY_FAILED',
      proxy: proxy.host,
    });
  });

  it('are named when they are not there, or are no proxies', async () => {
    const relay = await stage.relay();
    const answer = 'SSH-2.0-OpenSSH_9.6\r\n\r\n';
    const odd = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => socket.end(answer));
    });
    await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve));
    const { port } = odd.address() as { port: number };
    process.env.http_proxy = `http://ann:s3cret@127.0.0.1:${port}`;
    const strange = await failureOf(dialRaw(relay, printOf(alice)));
    expect(strange).to.include({ code: 'PROXY_FAILED' });
    odd.close();
    const gone = await failureOf(dialRaw(relay, printOf(alice)));
    expect(gone).to.include({ code: 'PROXY_FAILED', proxy: `127.0.0.1:${port}` });
    expect(gone.message).to.contain('ECONNREFUSED').and.not.contain('s3cret');
  });

  const ok = 'HTTP/1.1 200 OK\r\n\r\n';
  const silences: readonly [where: string, scheme: string, target: string, answer: string][] = [
    ['at once', 'http', 'ws', ''],
    ['in place of TLS of its own', 'https', 'ws', ''],
    ['in place of an upgrade, behind the tunnel', 'http', 'ws', ok],
    ['in place of TLS, behind the tunnel', 'http', 'wss', ok],
  ];
  for (const [where, scheme, target, answer] of silences)
    it(`are hung up on when they fall silent ${where}, and nobody waits any more`, async () => {
      const said = new EventEmitter();
      const server = createTcpServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () => {
          if (answer === '') said.emit('nothing');
          else socket.write(answer, () => socket.once('data', () => said.emit('nothing')));
        });
      });
      const connection = once(server, 'connection');
      const silence = once(said, 'nothing');
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      stage.later(() => server.close());
      const { port } = server.address() as { port: number };
      process.env[target === 'ws' ? 'http_proxy' : 'https_proxy'] = `${scheme}://127.0.0.1:${port}`;
      const open = memberOpener({ identity: bob, fingerprints: () => [printOf(alice)] });
      const attempt = new AbortController();
      const waiting = failureOf(open(`${target}://member.example:7700`, attempt.signal));
      const [socket] = (await connection) as [Socket];
      await silence;
      const closed = once(socket, 'close');
      attempt.abort(new Error('enough'));
      expect((await waiting).message).to.equal('enough');
      await closed;
    });
});
