/** Every error that a program may meet, by class; docs/errors.md explains their codes. Those of model files: tacit/onnx. */
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
  ProxyError,
  RelayError,
} from '@tacit/comm';
export { ArgumentError, ShapeError, TacitError } from '@tacit/errors';
export {
  ArchitectureError,
  InputShapeError,
  ModelShapeError,
  UnsupportedOperationError,
} from '@tacit/graph';
export {
  ConfigError,
  ConfigMismatchError,
  DealerRequestError,
  DisposedError,
  FailedPartyError,
  OperationError,
  ProgramMismatchError,
  ScopeError,
  TapeError,
} from '@tacit/mpc';
export { ModelExportError, NotEncryptedError } from '@tacit/nn';
export {
  EncodeRangeError,
  RingArgumentError,
  RingError,
  RingShapeError,
  ScratchExhaustedError,
} from '@tacit/ring';
export { InputTypeError } from '@tacit/tensor';
