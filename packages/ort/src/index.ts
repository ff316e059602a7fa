/** @packageDocumentation Private models behind the interface of ONNX Runtime, for programs and libraries written against it. */
export {
  type BackendRegistry,
  type RegisterOptions,
  registerTacit,
  type SessionHandler,
  type TacitBackend,
  type TacitProviderOptions,
  tacitBackend,
} from './backend/register.js';
export type {
  Connect,
  ConnectOptions,
  ModelInfo,
  PrivateModel,
  PrivateRunOptions,
  ResultTensor,
  SlotInfo,
  TensorData,
  TensorLike,
} from './client.js';
export { ClearGraphError, FeedTypeError, ReleasedError, StubError } from './errors.js';
export { installRuntime, RUNTIME_SYMBOL } from './runtime/install.js';
export type { OtherRuntime } from './runtime/other-runtime.js';
export { createRuntime, type Runtime, type RuntimeOptions, type RuntimeSession } from './runtime/runtime.js';
export type { SlotMetadata } from './session/core.js';
export type { OpenOptions, SessionOptions } from './session/open-private.js';
export { readStub, type Stub, type StubSlot } from './stub/read-stub.js';
export { type StubOptions, stubOf } from './stub/stub-of.js';
export { asTensor, isOrtTensor, Tensor } from './tensors/tensor-class.js';
export { publicConfig } from './transformers-config.js';
