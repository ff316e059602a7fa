/** @packageDocumentation Parties and dealer as threads or processes, and the files that they read and write. */

export { encodeNpy, type NpyArray, type NpyData, type NpyDtype, npyNumbers, parseNpy } from '@tacit/files';
export type { PublicValue, Savable, Stateful } from './checkpoint-records.js';
export * from './errors.js';
export { type ExplainOptions, explain } from './explain/explain.js';
export type { MemoryEstimate } from './explain/memory.js';
export type { InputShape, ShapeOptions } from './explain/model.js';
export type { Rates } from './explain/rates.js';
export type { ExplainedOperation, ExplainReport, TimeEstimate } from './explain/report.js';
export { type FromOnnxOptions, fromOnnx } from './from-onnx.js';
export { type InProcessOptions, runInProcess } from './in-process.js';
export type { NamedTensors } from './kept-shares.js';
export { LaunchedParty, type LoadOptions, type SaveOptions } from './launched-party.js';
export type {
  DealerMode,
  LaunchEvent,
  LaunchOptions,
  PartyTapes,
  SuiteName,
  TransportName,
  TwinMode,
} from './options.js';
export { type PredictOptions, predict } from './predict/predict.js';
export type { PredictReport } from './predict/report.js';
export { runExported, runMultiprocess } from './run-multiprocess.js';
export { runOnce } from './run-once.js';
export { type PlainRunOptions, runPlain } from './run-plain.js';
export { generateKeys, listen } from './session/connect-session.js';
export {
  type DealerReport,
  type JoinSessionOptions,
  joinSession,
  runDealer,
} from './session/join-session.js';
export type {
  LinkPatience,
  ListenAt,
  ListeningDoor,
  SessionKeys,
  SessionOptions,
} from './session/session-options.js';
export { RunFileError, TrainConfigError } from './train/errors.js';
export type { TrainRun } from './train/run-file.js';
export { train } from './train/train.js';
export type { TrainOptions } from './train/train-options.js';
