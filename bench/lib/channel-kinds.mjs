// The channels that bench/channel.mjs compares, at both ends.
import { noise, noisePublicKey } from '@tacit/comm/noise';
import { fingerprintOf, identityOpener, pinned } from '@tacit/comm/tls';
import { listen, nodePrimitives, webSocketTransport } from '@tacit/comm/websocket';
import { alice, bob } from './identities.mjs';

/** The same in both processes: nothing here is a secret. */
const token = new Uint8Array(32).fill(7);
const secretKeys = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const publicKeys = secretKeys.map(noisePublicKey);
const fingerprints = [alice, bob].map(({ certificate }) => [fingerprintOf(certificate)]);

const certificates = {
  layer: () => ({ secure: pinned({ fingerprints, token }) }),
  dial: { open: identityOpener({ identity: bob, fingerprints: () => fingerprints[0] }) },
};

export const kinds = {
  'ws, no encryption': { hub: {}, layer: () => ({ token }) },
  TLS: { hub: { identity: alice }, ...certificates },
  'TLS inside ws': { hub: { identity: alice, plain: true }, ...certificates },
  Noise: {
    hub: {},
    layer: (rank) => ({
      secure: noise({ keys: { secretKey: secretKeys[rank], publicKeys }, primitives: nodePrimitives }),
    }),
  },
};

export const openHub = (kind) => listen(kinds[kind].hub);

/** The transport of rank 0, which listens, or of rank 1. */
export function join(kind, rank, address, sessionId, hub) {
  const { layer, dial } = kinds[kind];
  const group = { size: 2, addresses: [address, ''], sessionId };
  return webSocketTransport({ ...group, rank, hub, ...layer(rank), ...(rank === 1 ? dial : {}) });
}
