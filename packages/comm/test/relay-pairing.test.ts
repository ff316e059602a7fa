/** Who finds whom at a relay, who is sent away, and what each of them hears. */
import { expect } from 'chai';
import { readMessage } from '../src/layers.js';
import { RELAY_REFUSALS } from '../src/relay/refusals.js';
import { type RelayEvent, type RelayState, startRelay } from '../src/relay.js';
import { failureOf } from './helpers.js';
import { dialRaw, printOf, proofOf, rawSocket, Stage, until } from './relay-helpers.js';
import { selfSigned } from './self-signed.js';
import { cert, key } from './test-certificate.js';
import { alice, bob, carol, mallory } from './test-identities.js';

describe('relay: pairing', function () {
  this.timeout(20_000);
  const stage = new Stage();
  afterEach(() => stage.clear());

  it('joins a visitor and a listener, and passes on what they say and how they end', async () => {
    const events: RelayEvent[] = [];
    const relay = await stage.relay({ onEvent: (event) => events.push(event) });
    const [dialer, listener] = await stage.pair(relay);
    dialer.send('first');
    dialer.send(new Uint8Array([1, 2, 3]));
    listener.send('back');
    expect(await readMessage(listener)).to.equal('first');
    expect(new Uint8Array((await readMessage(listener)) as ArrayBuffer)).to.deep.equal(
      new Uint8Array([1, 2, 3]),
    );
    expect(await readMessage(dialer)).to.equal('back');
    expect(relay.stats).to.include({
      listeners: 1,
      waiting: 0,
      pairs: 1,
      pairsTotal: 1,
      messages: 3,
      bytes: 12,
    });
    const ended = new Promise((resolve) => listener.listen({ onMessage: () => {}, onEnd: resolve }));
    dialer.close(4123, 'enough');
    expect(await ended).to.include({ code: 4123, reason: 'disconnected' });
    await until(() => relay.stats.pairs === 0);
    const [from, to] = [printOf(bob), printOf(alice)];
    expect(events).to.deep.equal([
      { type: 'listening', fingerprint: to },
      { type: 'paired', from, to },
      { type: 'parted', from, to, bytes: 12 },
    ]);
    expect(relay.stats.refusals).to.deep.equal({});
  });

  it('passes on a connection that breaks as one that breaks, after what was sent', async () => {
    const relay = await stage.relay();
    const [dialer, listener] = await stage.pair(relay);
    dialer.send('last words');
    await until(() => relay.stats.messages === 1);
    dialer.destroy();
    expect(await readMessage(listener)).to.equal('last words');
    const end = await new Promise((resolve) => listener.listen({ onMessage: () => {}, onEnd: resolve }));
    expect(end).to.include({ code: 1006, reason: 'disconnected' });
  });

  it('says who is not there, for now', async () => {
    const relay = await stage.relay();
    const error = await failureOf(dialRaw(relay, printOf(alice)));
    expect(error).to.include({ code: 'RELAY_REFUSED', reason: 'absent' });
    expect(error.message).to.contain(printOf(alice).slice(0, 8)).and.contain(`127.0.0.1:${relay.port}`);
    expect(error.message).to.contain('Start it');
    expect(relay.stats.refusals).to.deep.equal({ absent: 1 });
  });

  it('sends a visitor away that the listener does not want, for good', async () => {
    const relay = await stage.relay();
    const heard: string[] = [];
    await stage.listener(relay, alice, {
      accept: (fingerprint) => {
        heard.push(fingerprint);
        return fingerprint !== printOf(bob);
      },
    });
    const error = await failureOf(dialRaw(relay, printOf(alice)));
    expect(error).to.include({ code: 'HANDSHAKE_FAILED', reason: 'declined' });
    expect(heard).to.deep.equal([printOf(bob)]);
    const carols = await dialRaw(relay, printOf(alice), carol);
    carols.destroy();
  });

  it('gives up on a listener that does not answer, for now', async () => {
    const relay = await stage.relay({ limits: { acceptTimeoutMs: 50 } });
    const silent = await rawSocket(relay.address, 'listen');
    const wish = { role: 'listen', target: '' } as const;
    silent.socket.send(proofOf(alice, wish, `127.0.0.1:${relay.port}`, silent.nonce));
    await until(() => relay.stats.listeners === 1);
    expect(await failureOf(dialRaw(relay, printOf(alice)))).to.include({
      code: 'RELAY_REFUSED',
      reason: 'no answer',
    });
    expect(relay.stats).to.include({ waiting: 0, pairs: 0 });
    silent.socket.terminate();
  });

  it('serves those that are allowed only', async () => {
    const relay = await stage.relay({ allow: [printOf(alice), printOf(bob)] });
    const error = await failureOf(stage.listener(relay, mallory));
    expect(error).to.include({ code: 'HANDSHAKE_FAILED', reason: 'not allowed' });
    expect(error.message).to.contain(printOf(mallory));
    await stage.pair(relay);
    expect(relay.stats.refusals).to.deep.equal({ 'not allowed': 1 });
  });

  it('lets the newest of an identity listen; the older one hears that it was replaced, and gives up', async () => {
    const relay = await stage.relay();
    const states: RelayState['state'][] = [];
    const older = await stage.listener(relay, alice, { onState: ({ state }) => states.push(state) });
    const newer = await stage.listener(relay, alice);
    const error = await older.door.ended;
    expect(error).to.include({ code: 'RELAY_REFUSED', reason: 'replaced' });
    expect(error?.message).to.contain('another process');
    expect(states).to.deep.equal(['connecting', 'listening', 'replaced']);
    const [dialer, channel] = await Promise.all([dialRaw(relay, printOf(alice)), newer.next()]);
    dialer.send('to the newer one');
    expect(await readMessage(channel)).to.equal('to the newer one');
    expect(relay.stats.listeners).to.equal(1);
  });

  it('registers again when the connection to the relay breaks or the relay comes back', async () => {
    const first = await startRelay();
    const states: RelayState['state'][] = [];
    const { door, next } = await stage.listener(first, alice, { onState: ({ state }) => states.push(state) });
    const { port } = first;
    await first.close();
    await until(() => door.state.state === 'waiting');
    const relay = await stage.relay({ port });
    await until(() => door.state.state === 'listening');
    expect(states.slice(0, 3)).to.deep.equal(['connecting', 'listening', 'waiting']);
    const [dialer, channel] = await Promise.all([dialRaw(relay, printOf(alice)), next()]);
    channel.send('here again');
    expect(await readMessage(dialer)).to.equal('here again');
    door.close();
    expect(await door.ended).to.equal(undefined);
    await until(() => relay.stats.listeners === 0);
    channel.send('visitors stay');
    expect(await readMessage(dialer)).to.equal('visitors stay');
  });

  it('waits for a relay that is not there yet, until it is told to give up', async () => {
    const gone = await startRelay();
    const { address, port } = gone;
    await gone.close();
    const giveUp = new AbortController();
    const hopeless = failureOf(stage.listener({ address }, bob, { signal: giveUp.signal }));
    const patient = stage.listener({ address }, alice);
    giveUp.abort(new Error('enough'));
    expect((await hopeless).message).to.equal('enough');
    await stage.relay({ port });
    expect((await patient).door.state.state).to.equal('listening');
  });

  it('drains: sends listeners away, waits for pairs, then ends them', async () => {
    const relay = await startRelay();
    const [dialer, listener] = await stage.pair(relay);
    const drained = relay.drain(60_000);
    await until(() => relay.stats.listeners === 0);
    expect((await failureOf(dialRaw(relay, printOf(alice)))).message).to.match(/ECONNREFUSED|503/);
    dialer.send('still');
    expect(await readMessage(listener)).to.equal('still');
    dialer.close(1000, 'goodbye');
    await drained;
    expect(relay.stats).to.include({ listeners: 0, waiting: 0, pairs: 0 });
  });

  it('ends pairs that outlast the draining, with the reason', async () => {
    const relay = await startRelay();
    const [dialer] = await stage.pair(relay);
    const end = new Promise((resolve) => dialer.listen({ onMessage: () => {}, onEnd: resolve }));
    await relay.close();
    expect(await end).to.include({ code: RELAY_REFUSALS.draining, reason: 'disconnected' });
  });

  it('answers probes, and other requests with what it is not', async () => {
    const relay = await stage.relay();
    const url = relay.address.replace('ws', 'http');
    const statusOf = async (path: string): Promise<number> => (await fetch(url + path)).status;
    expect(await statusOf('/livez')).to.equal(200);
    expect(await statusOf('/readyz')).to.equal(200);
    expect(await statusOf('/to/somebody')).to.equal(426);
  });

  it('serves wss, known by a certificate authority or by its fingerprint', async () => {
    const relay = await stage.relay({ tls: { key, cert } });
    expect(relay.address).to.match(/^wss:/);
    const fingerprint = printOf({ key, certificate: cert });
    const { next } = await stage.listener(relay, alice, { trust: { ca: cert } });
    const [dialer, channel] = await Promise.all([
      dialRaw(relay, printOf(alice), bob, { trust: { fingerprint } }),
      next(),
    ]);
    dialer.send('inside');
    expect(await readMessage(channel)).to.equal('inside');
    expect(await failureOf(dialRaw(relay, printOf(alice)))).to.include({ reason: 'certificate' });
    const wrong = await failureOf(
      dialRaw(relay, printOf(alice), bob, { trust: { fingerprint: printOf(bob) } }),
    );
    expect(wrong).to.include({ code: 'HANDSHAKE_FAILED', reason: 'certificate' });
    expect(wrong.message).to.contain(fingerprint).and.contain(printOf(bob));
  });

  it('is not started without a name, nor used with what is no identity or address', async () => {
    expect(await failureOf(startRelay({ host: '0.0.0.0' }))).to.include({ code: 'COMM_BAD_ARGUMENT' });
    const named = await stage.relay({ host: '0.0.0.0', names: ['relay.example'] });
    const misnamed = await failureOf(dialRaw({ address: `ws://127.0.0.1:${named.port}` }, printOf(alice)));
    expect(misnamed).to.include({ code: 'HANDSHAKE_FAILED', reason: 'wrong name' });
    const relay = await stage.relay();
    for (const identity of [
      { key: 'none', certificate: alice.certificate },
      { key: alice.key, certificate: 'none' },
      { key: bob.key, certificate: alice.certificate },
      selfSigned('x', 'P-384'),
      selfSigned('x', 'RSA'),
    ])
      expect(await failureOf(stage.listener(relay, identity))).to.include({ code: 'COMM_BAD_ARGUMENT' });
    for (const address of ['', 'relay.example', 'https://relay.example', 'ws://relay.example/?x=1'])
      expect(await failureOf(stage.listener({ address })), address).to.include({ code: 'COMM_BAD_ARGUMENT' });
  });
});
