/** Channels and transports through a relay are what they are elsewhere, also when the relay is started again. */
import { channelCompliance, type MakeGroup, transportCompliance } from '@tacit/compliance';
import { expect } from 'chai';
import { Communicator, type Transport } from '../src/index.js';
import type { Channel } from '../src/layers.js';
import { memberOpener, type Relay, relayOpener, startRelay } from '../src/relay.js';
import { resumable } from '../src/resumable.js';
import { pinned, tlsServer } from '../src/tls.js';
import {
  listen,
  type WebSocketHub,
  type WebSocketTransportOptions,
  webSocketTransport,
} from '../src/websocket.js';
import { failureOf, freshToken } from './helpers.js';
import { never, printOf, Stage, until } from './relay-helpers.js';
import { selfSigned } from './self-signed.js';
import { alice, bob, carol } from './test-identities.js';

const identities = [alice, bob, carol, selfSigned('dave'), selfSigned('erin')];
const fingerprints = identities.map((identity) => [printOf(identity)]);

describe('channels through a relay', () => {
  const stage = new Stage();
  let roomy: Relay;
  let relay: Relay;
  before(async () => {
    roomy = await startRelay({ limits: { maxMessageBytes: 2 ** 22 } });
    relay = await startRelay();
  });
  afterEach(() => stage.clear());
  after(() => Promise.all([roomy.close(), relay.close()]));

  channelCompliance('relay', async () => {
    const pair = await stage.pair(roomy);
    for (const channel of pair) channel.authenticated?.();
    return pair;
  });

  channelCompliance('relay, encrypted', async () => {
    const { door, next } = await stage.listener(relay);
    const open = relayOpener({ identity: bob });
    const inner = next().then((channel) => tlsServer(channel, alice));
    const pair = await Promise.all([open(door.address, never), inner]);
    for (const channel of pair) channel.authenticated?.();
    return pair;
  });
});

/** Members that have a hub which nobody can reach, and a place at a relay. */
class Members {
  readonly hubs: WebSocketHub[] = [];
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Each rank at a relay of its own or at the same one. */
  async addresses(relays: readonly Pick<Relay, 'address'>[], size: number): Promise<string[]> {
    const places: string[] = [];
    for (let rank = 0; rank < size - 1; rank++) {
      const identity = identities[rank];
      const hub = await listen({ identity });
      this.#stage.later(() => hub.close());
      this.hubs[rank] = hub;
      const relay = relays[rank % relays.length];
      const { door } = await this.#stage.listener(relay, identity, { hub });
      places.push(door.address);
    }
    return [...places, ''];
  }

  join(
    addresses: readonly string[],
    rank: number,
    sessionId: string,
    token: Uint8Array,
    options: Partial<WebSocketTransportOptions> = {},
  ): Promise<Transport> {
    return webSocketTransport({
      rank,
      size: addresses.length,
      addresses,
      sessionId,
      hub: this.hubs[rank],
      open: memberOpener({ identity: identities[rank], fingerprints: () => [] }),
      secure: pinned({ fingerprints, token }),
      ...options,
    });
  }
}

describe('transports through a relay', () => {
  const stage = new Stage();
  const members = new Members(stage);
  let addresses: string[];
  before(async () => {
    addresses = await members.addresses([await stage.relay()], identities.length);
  });
  after(() => stage.clear());

  const group =
    (options: Partial<WebSocketTransportOptions>): MakeGroup =>
    (size) => {
      const [sessionId, token] = [crypto.randomUUID(), freshToken()];
      const places = [...addresses.slice(0, size - 1), ''];
      return Promise.all(places.map((_, rank) => members.join(places, rank, sessionId, token, options)));
    };

  transportCompliance('relay', group({}));
  transportCompliance('relay, resumable', group({ links: resumable({ graceMs: 300 }) }));
});

describe('a relay between members', function () {
  this.timeout(30_000);
  const stage = new Stage();
  afterEach(() => stage.clear());

  it('does not mind in which order they start', async () => {
    const relay = await stage.relay();
    const members = new Members(stage);
    const address = `${relay.address}/to/${fingerprints[0][0]}`;
    const token = freshToken();
    const early = members.join([address, ''], 1, 's', token, { connectTimeoutMs: 20_000 });
    await until(() => (relay.stats.refusals.absent ?? 0) > 1);
    const [place] = await members.addresses([relay], 2);
    expect(place).to.equal(address);
    const [a, b] = await Promise.all([members.join([address, ''], 0, 's', token), early]);
    const comms = [new Communicator(a), new Communicator(b)];
    await Promise.all(comms.map((comm) => comm.barrier('all here')));
    await Promise.all(comms.map((comm) => comm.close()));
  });

  it('says who is missing when nobody comes', async () => {
    const relay = await stage.relay();
    const address = `${relay.address}/to/${fingerprints[0][0]}`;
    const alone = new Members(stage).join([address, ''], 1, 's', freshToken(), { connectTimeoutMs: 200 });
    const error = await failureOf(alone);
    expect(error).to.include({ code: 'PEER_UNREACHABLE' });
    expect(error.message).to.contain('is not at the relay').and.contain('Start it');
  });

  it('sees none of what they say', async () => {
    const relay = await stage.relay();
    const { door, next } = await stage.listener(relay, alice);
    const admitted = next();
    const dialed = relayOpener({ identity: bob })(door.address, never);
    const outer = await admitted;
    const seen: Buffer[] = [];
    const spied: Channel = Object.create(outer, {
      listen: {
        value: (listener: Parameters<Channel['listen']>[0]) =>
          outer.listen(
            listener && {
              ...listener,
              onEnd: (end) => listener.onEnd(end),
              onMessage: (message) => {
                seen.push(Buffer.from(message as ArrayBuffer));
                listener.onMessage(message);
              },
            },
          ),
      },
      send: { value: (message: Uint8Array<ArrayBuffer>) => outer.send(message) },
      bufferedBytes: { value: () => outer.bufferedBytes() },
      close: { value: (code: number, reason: string) => outer.close(code, reason) },
      destroy: { value: () => outer.destroy() },
      ended: { get: () => outer.ended },
    });
    const [near, far] = await Promise.all([dialed, tlsServer(spied, alice)]);
    expect(far.binding?.peerFingerprint).to.equal(printOf(bob));
    near.send('a secret that nobody on the way may read');
    await new Promise((resolve) => far.listen({ onMessage: resolve, onEnd: resolve }));
    expect(seen).to.not.be.empty;
    expect(Buffer.concat(seen).includes('secret')).to.equal(false);
  });

  it('may be started again: resumable links lose and double nothing', async () => {
    let relay = await startRelay();
    const { port } = relay;
    const members = new Members(stage);
    const addresses = await members.addresses([relay], 2);
    const token = freshToken();
    const links = resumable({ graceMs: 20_000 });
    const [a, b] = (
      await Promise.all([0, 1].map((rank) => members.join(addresses, rank, 's', token, { links })))
    ).map((transport) => new Communicator(transport));
    const count = 400;
    const sending = (async () => {
      for (let i = 0; i < count; i++) {
        b.send(0, 'k', new Uint8Array(50_000).fill(i));
        if (i % 8 === 0) await b.flushed(0);
      }
    })();
    for (let i = 0; i < count; i++) {
      const got = await a.receive(1, 'k');
      expect([got.byteLength, got[0], got[49_999]]).to.deep.equal([50_000, i & 255, i & 255]);
      if (i === 50 || i === 200) {
        await relay.close();
        relay = await startRelay({ port });
      }
    }
    await sending;
    await Promise.all([a.close(), b.close()]);
    await relay.close();
  });
});
