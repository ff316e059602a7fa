/** Kinds of links between processes, as far as schedules of faults have to know them. */
import { noise, noiseKeys } from '@tacit/comm/noise';
import { type ListenOptions, nodeAead, type WebSocketTransportOptions } from '@tacit/comm/websocket';

export type LinkOptions = Pick<WebSocketTransportOptions, 'token' | 'secure'>;

/** What the members of one group have. */
export interface Fabric {
  /** How a member listens. */
  hub(rank: number): ListenOptions;
  /** How a member proves who it is. */
  link(rank: number): LinkOptions;
  /** How somebody tries to who lacks what the member of this rank has. */
  impostor(rank: number): LinkOptions;
}

export interface FabricKind {
  readonly name: string;
  /** Whether what is changed on the way is noticed. */
  readonly sealed: boolean;
  make(size: number): Fabric | Promise<Fabric>;
}

const noiseFabric: FabricKind = {
  name: 'noise',
  sealed: true,
  make: (size) => {
    const own = Array.from({ length: size }, () => noiseKeys());
    const publicKeys = own.map(({ publicKey }) => publicKey);
    const secure = (secretKey: Uint8Array): LinkOptions => ({
      secure: noise({ keys: { secretKey, publicKeys }, aead: nodeAead }),
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
  make: () => {
    const fresh = (): Uint8Array => crypto.getRandomValues(new Uint8Array(32));
    const token = fresh();
    return { hub: () => ({}), link: () => ({ token }), impostor: () => ({ token: fresh() }) };
  },
};

export const fabrics: readonly FabricKind[] = [noiseFabric, tokenFabric];
