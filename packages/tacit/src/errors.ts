/** Every error that a program may meet, by class. Each has a stable `code`. */
export {
  CommArgumentError,
  CommClosedError,
  FrameTooLargeError,
  HandshakeError,
  MailboxFullError,
  PeerAbortedError,
  PeerLeftError,
  PeerTimeoutError,
  PeerUnreachableError,
  ProtocolViolationError,
} from '@tacit/comm';
export { TacitError } from '@tacit/errors';
export {
  ConfigError,
  ConfigMismatchError,
  DealerRequestError,
  DisposedError,
  FailedPartyError,
  OperationError,
  ProgramMismatchError,
  ScopeError,
  ShapeError,
} from '@tacit/mpc';
export { EncodeRangeError, RingError } from '@tacit/ring';
