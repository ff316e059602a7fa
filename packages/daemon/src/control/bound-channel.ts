/** A channel whose other end has proved which certificate is its own. */
import type { Channel } from '@tacit/comm/layers';

/** What the handshake below has proved. */
export interface Binding {
  readonly peerFingerprint: string;
  exportKey(label: string, length: number): Uint8Array;
}

/** A channel for control. */
export interface BoundChannel extends Channel {
  readonly binding: Binding;
}
