/**
 * `@tacit/comm/relay`: for members that can only dial out, a relay that joins their connections without being able to
 * read or change what they say, and what members need to use it. For Node.js.
 */
export type { RelayLimits } from './relay/accounts.js';
export type { RelayConnectionSettings, RelayTrust } from './relay/connect.js';
export { ProxyError, RelayError } from './relay/errors.js';
export {
  listenAtRelay,
  type RelayDoor,
  type RelayListenOptions,
  type RelayState,
} from './relay/listen-at-relay.js';
export { ProxyAgent, proxyAgentFor } from './relay/proxy.js';
export type { ReceptionOptions } from './relay/reception.js';
export type { RelayRefusal } from './relay/refusals.js';
export {
  isRelayed,
  type MemberOpenerOptions,
  memberOpener,
  type RelayOpenerOptions,
  relayedAddress,
  relayOpener,
} from './relay/relay-opener.js';
export type { RelayEvent, RelayOptions, RelayStats } from './relay/relay-options.js';
export { type Relay, startRelay } from './relay/relay-server.js';
