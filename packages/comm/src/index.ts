/**
 * `@tacit/comm`: keyed frames between the members of a group. Safe to import in a browser.
 * The WebSocket transport for Node.js is `@tacit/comm/websocket`.
 */
export {
  Communicator,
  type CommunicatorOptions,
  type KeyHandler,
  type ReceiveOptions,
} from './communicator.js';
export { DelayedTransport, type DelayOptions } from './delayed.js';
export * from './errors.js';
export { decodeFrame, encodeFrame, frameBytes, MAX_FRAME_BYTES, MAX_KEY_BYTES } from './frame.js';
export { CommStats, type PeerStats, type StatsSnapshot } from './stats.js';
export {
  createThreadGroup,
  endpointPorts,
  type ThreadEndpoint,
  ThreadTransport,
  threadTransport,
} from './threads.js';
export type { Entry, Key, Transport, TransportHandlers } from './transport.js';
