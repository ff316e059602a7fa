/**
 * `@tacit/comm/layers`: the interfaces of the layers between a socket and a `Communicator`, and what it takes to add one:
 * a kind of channel, a way to authenticate, a kind of link. Runs in Node.js and in browsers.
 */
export { Arrivals } from './channel/arrivals.js';
export {
  type Channel,
  type ChannelBinding,
  type ChannelEnd,
  type ChannelListener,
  type ChannelMessage,
  type ExportKey,
  endOf,
  GOODBYE_CODE,
  GOODBYE_REASON,
  type Place,
  VIOLATION_CODE,
} from './channel/channel.js';
export type { Open } from './channel/open.js';
export { ChannelEndedError, readMessage } from './channel/read-message.js';
export { LinkTransport, type LinkTransportOptions } from './group/link-transport.js';
export type { Arriving, Attempts, Connect, LinkLayer } from './link/link-layer.js';
export {
  type DialingLayer,
  type Hello,
  type Opening,
  REFUSALS,
  type Refusal,
  readOpening,
  type SecureLayer,
  type Token,
} from './secure/secure-layer.js';
export { tokenHandshake } from './secure/token-handshake.js';
