/** What programs have beside `connect`, the same in Node.js and on a web page: errors to catch, and types. */
export {
  ModelClosedError,
  ModelFeedsError,
  ServiceInviteError,
  ServiceProtocolError,
  ServiceRefusedError,
  ServiceUnreachableError,
} from '../errors.js';
export type { ElementType, ModelValue } from '../program/offer.js';
export type {
  ConnectOptions,
  ConnectProgress,
  ModelInfo,
  ModelStats,
  PrivateModel,
  RunOptions,
} from './types.js';
export type { Feeds, NumberArray, TensorLike } from './values.js';
