/**
 * `@tacit/comm`: keyed frames between the members of a group. Safe to import in a browser.
 * The WebSocket transport for Node.js is `@tacit/comm/websocket`.
 */
export { PortChannel } from './channel/port-channel.js';
export {
  Communicator,
  type CommunicatorOptions,
  type KeyHandler,
  type ReceiveOptions,
} from './communicator/communicator.js';
export { CommStats, type PeerStats, type StatsSnapshot } from './communicator/stats.js';
export * from './errors.js';
export { MAX_FRAME_BYTES } from './frame/frame.js';
export { DelayedTransport, type DelayOptions } from './group/delayed-transport.js';
export {
  createThreadGroup,
  endpointPorts,
  type ThreadEndpoint,
  threadTransport,
} from './group/thread-transport.js';
export { ProxyError, RelayError } from './relay/errors.js';
export type { Entry, Key, Transport, TransportHandlers } from './transport.js';
