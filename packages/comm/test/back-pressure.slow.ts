/** A member that reads nothing makes the others wait: on every kind of connection, and without looking dead. */
import { expect } from 'chai';
import type { Channel } from '../src/layers.js';
import { noise, noiseKeys } from '../src/noise.js';
import { resumable } from '../src/resumable.js';
import { fingerprintOf, identityOpener, pinned } from '../src/tls.js';
import {
  connectChannels,
  listen,
  nodePrimitives,
  type WebSocketHub,
  type WebSocketTransportOptions,
} from '../src/websocket.js';
import { freshToken } from './helpers.js';
import { alice, bob } from './test-identities.js';

const MIB = 2 ** 20;
const MESSAGES = 48;
/** Buffers of the operating system, TLS and WebSockets at either side; what was sent is far more. */
const ON_THE_WAY = 28;
const BEAT_MS = 20;
/** A member that is thought dead after so many beats is waited for longer. */
const BEATS = 15;

type Layers = Pick<WebSocketTransportOptions, 'secure' | 'token' | 'open'>;

interface Place {
  readonly hub: WebSocketHub;
  readonly address: string;
  readonly layers: (rank: number) => Layers | Promise<Layers>;
}

const settings = { pingIntervalMs: BEAT_MS, deadAfterMs: BEATS * BEAT_MS };
const prints = [alice, bob].map(({ certificate }) => [fingerprintOf(certificate)]);

async function pinnedAt(hub: WebSocketHub): Promise<Place> {
  const secure = pinned({ fingerprints: prints, token: freshToken() });
  const open = identityOpener({ ...settings, identity: bob, fingerprints: () => prints[0] ?? [] });
  return { hub, address: hub.address, layers: () => ({ secure, open }) };
}

const KINDS: Readonly<Record<string, () => Promise<Place>>> = {
  WebSockets: async () => {
    const [hub, token] = [await listen(settings), freshToken()];
    return { hub, address: hub.address, layers: () => ({ token }) };
  },
  Noise: async () => {
    const hub = await listen(settings);
    const keys = [noiseKeys(), noiseKeys()];
    const publicKeys = keys.map(({ publicKey }) => publicKey);
    const layers = (rank: number): Layers => {
      const secretKey = keys[rank]?.secretKey as Uint8Array;
      return { secure: noise({ keys: { secretKey, publicKeys }, primitives: nodePrimitives }) };
    };
    return { hub, address: hub.address, layers };
  },
  TLS: async () => pinnedAt(await listen({ ...settings, identity: alice })),
  'TLS inside WebSockets': async () => pinnedAt(await listen({ ...settings, identity: alice, plain: true })),
};

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('a member that reads nothing', function () {
  this.timeout(60_000);

  for (const [kind, make] of Object.entries(KINDS))
    for (const links of [
      undefined,
      resumable({ graceMs: 10_000, heartbeatMs: BEAT_MS, silentMs: BEATS * BEAT_MS, deadAfterMs: 10_000 }),
    ])
      for (const reader of links ? [1] : [0, 1])
        it(`makes the other one wait: ${kind}, rank ${reader}${links ? ', links that are resumed' : ''}`, async () => {
          const { hub, address, layers } = await make();
          const group = {
            size: 2,
            addresses: [address, ''],
            sessionId: 's',
            ...(links && { links }),
            ...settings,
          };
          const [a, b] = await Promise.all(
            [0, 1].map(async (rank) =>
              connectChannels({ ...group, rank, ...(rank === 0 && { hub }), ...(await layers(rank)) }),
            ),
          );
          const ends = [a?.channels.get(1), b?.channels.get(0)] as [Channel, Channel];
          const [taking, sending] = reader === 0 ? ends : ([ends[1], ends[0]] as const);
          const got: number[] = [];
          const all = new Promise<void>((resolve, reject) => {
            taking.listen({
              onMessage: (message) => {
                got.push(new Uint8Array(message as ArrayBuffer)[0] ?? -1);
                if (got.length === 1) taking.pause?.();
                if (got.length === MESSAGES) resolve();
              },
              onEnd: ({ detail }) => reject(new Error(`the reader's channel ended: ${detail}`)),
            });
            sending.listen({
              onMessage: () => {},
              onEnd: ({ detail }) => reject(new Error(`the sender's channel ended: ${detail}`)),
            });
          });
          all.catch(() => {});
          for (let i = 0; i < MESSAGES; i++) sending.send(new Uint8Array(MIB).fill(i));
          while (got.length === 0) await sleep(1);
          for (let beat = 0; beat < 2 * BEATS; beat++) await sleep(BEAT_MS);
          expect([sending.ended, taking.ended]).to.deep.equal([undefined, undefined]);
          expect(sending.bufferedBytes()).to.be.at.least((MESSAGES - ON_THE_WAY) * MIB);
          expect(got.length).to.be.at.most(ON_THE_WAY);
          taking.resume?.();
          await all;
          expect(got).to.deep.equal(Array.from({ length: MESSAGES }, (_, i) => i));
          // Whoever leaves during a pause hears the answer.
          taking.pause?.();
          const left = new Promise((resolve) => taking.listen({ onMessage: () => {}, onEnd: resolve }));
          taking.close(1000, 'goodbye');
          expect(await left).to.include({ reason: 'goodbye' });
          for (const side of [a, b]) side?.leave();
          for (const channel of ends) channel.destroy();
          await hub.close();
        });
});
