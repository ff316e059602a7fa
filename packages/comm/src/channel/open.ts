/** What makes connections to listeners: over WebSockets, through proxies or relays, with or without TLS. */
import type { Channel } from './channel.js';

/** Opens a connection; rejects with HandshakeError if trying again is pointless, or with the reason of the signal. */
export type Open = (address: string, signal: AbortSignal) => Promise<Channel>;
