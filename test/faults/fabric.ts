/** Kinds of links between processes, as far as schedules of faults have to know them. */
import { noise, noiseKeys } from '@tacit/comm/noise';
import { relayOpener } from '@tacit/comm/relay';
import { fingerprintOf, identityOpener, pinned, type TlsIdentity } from '@tacit/comm/tls';
import { type ListenOptions, nodePrimitives, type WebSocketTransportOptions } from '@tacit/comm/websocket';
import { selfSigned } from '../../packages/comm/test/self-signed.js';
import { alice, bob, carol, expired, mallory } from '../../packages/comm/test/test-identities.js';

export type LinkOptions = Pick<WebSocketTransportOptions, 'token' | 'secure' | 'open'>;

/** How patient sockets are. */
export const SOCKET = { pingIntervalMs: 200, deadAfterMs: 1600, closeTimeoutMs: 1000 };

/** What the members of one group have. */
export interface Fabric {
  /** How a member listens; an impostor lacks what the member has. */
  hub(rank: number, impostor?: boolean): ListenOptions;
  /** How a member proves who it is. */
  link(rank: number): LinkOptions;
  /** How somebody tries to who lacks what the member of this rank has. */
  impostor(rank: number): LinkOptions;
}

export interface FabricKind {
  readonly name: string;
  /** Whether what is changed on the way is noticed. */
  readonly sealed: boolean;
  /** Whether nobody listens, and all meet at a relay. */
  readonly relayed: boolean;
  make(size: number): Fabric | Promise<Fabric>;
}

const noiseFabric: FabricKind = {
  name: 'noise',
  sealed: true,
  relayed: false,
  make: (size) => {
    const own = Array.from({ length: size }, () => noiseKeys());
    const publicKeys = own.map(({ publicKey }) => publicKey);
    const secure = (secretKey: Uint8Array): LinkOptions => ({
      secure: noise({ keys: { secretKey, publicKeys }, primitives: nodePrimitives }),
    });
    return {
      hub: () => ({}),
      link: (rank) => secure(own[rank].secretKey),
      impostor: () => secure(noiseKeys().secretKey),
    };
  },
};

const tokenFabric: FabricKind = {
  name: 'token',
  sealed: false,
  relayed: false,
  make: () => {
    const fresh = (): Uint8Array => crypto.getRandomValues(new Uint8Array(32));
    const token = fresh();
    return { hub: () => ({}), link: () => ({ token }), impostor: () => ({ token: fresh() }) };
  },
};

const identities = [alice, bob, carol, mallory];

/** TLS with pinned certificates, as `wss:` or inside an unencrypted WebSocket. */
const tlsFabric = (name: string, plain: boolean): FabricKind => ({
  name,
  sealed: true,
  relayed: false,
  make: (size) => {
    const token = crypto.getRandomValues(new Uint8Array(32));
    const known = identities.slice(0, size).map(({ certificate }) => [fingerprintOf(certificate)]);
    const link = (identity: TlsIdentity): LinkOptions => ({
      secure: pinned({ fingerprints: known, token }),
      // Which of the members it is, the layer knows.
      open: identityOpener({ identity, fingerprints: () => known.flat(), ...SOCKET }),
    });
    // Another member, or somebody whose certificate has expired besides.
    const other = (rank: number): TlsIdentity => (rank % 2 === 0 ? identities[(rank + 1) % size] : expired);
    return {
      hub: (rank, impostor) => ({ identity: impostor ? other(rank) : identities[rank], plain }),
      link: (rank) => link(identities[rank]),
      impostor: (rank) => link(other(rank)),
    };
  },
});

/** TLS with pinned certificates between members that only dial out. */
const relayFabric: FabricKind = {
  name: 'relay',
  sealed: true,
  relayed: true,
  make: (size) => {
    const token = crypto.getRandomValues(new Uint8Array(32));
    const known = identities.slice(0, size).map(({ certificate }) => [fingerprintOf(certificate)]);
    const link = (identity: TlsIdentity): LinkOptions => ({
      secure: pinned({ fingerprints: known, token }),
      open: relayOpener({ identity, ...SOCKET }),
    });
    // Who has the key of another member is that one for the relay, so it is somebody from elsewhere.
    const other = (rank: number): TlsIdentity => (rank % 2 === 0 ? selfSigned('stranger') : expired);
    return {
      hub: (rank, impostor) => ({ identity: impostor ? other(rank) : identities[rank] }),
      link: (rank) => link(identities[rank]),
      impostor: (rank) => link(other(rank)),
    };
  },
};

export const fabrics: readonly FabricKind[] = [
  noiseFabric,
  tokenFabric,
  tlsFabric('tls', false),
  tlsFabric('tls inside', true),
  relayFabric,
];
