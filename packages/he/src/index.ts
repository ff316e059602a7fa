/** @packageDocumentation Homomorphic inference: networks that compute on ciphertexts. Runs in browsers too. */

export { HeArtefactError } from './artefact/errors.js';
export {
  packClientArtefact,
  packServerArtefact,
  unpackClientArtefact,
} from './artefact/files.js';
export { CLIENT_ARTEFACT, SERVER_ARTEFACT } from './artefact/names.js';
export type { Boundary, ClientArtefact, ServerArtefact } from './artefact/types.js';
export * from './backend/index.js';
export { type Envelopes, HeClient, type HeClientOptions } from './client/client.js';
export { HeInputError, HeResultError } from './client/errors.js';
export type { Approximated, ApproximatedLayer } from './compile/approximate.js';
export { type CompiledModel, type CompileOptions, compileModel } from './compile/compile.js';
export type { CompileReport, StageReport } from './compile/report.js';
export {
  type Envelope,
  type EnvelopeKind,
  openEnvelope,
  sha256,
} from './envelope/index.js';
export { sealedSizes } from './envelope/wire.js';
export * from './errors.js';
export { activate } from './evaluate/activation.js';
export { HeRangeError } from './evaluate/errors.js';
export type { Share } from './evaluate/latency.js';
export { type EvaluateOptions, HeModel, type LoadedKeys } from './evaluate/model.js';
export type { StageObserver, StageRange } from './evaluate/stages.js';
export { HeModelError } from './network/errors.js';
export type { InputRange } from './network/inputs.js';
export { HePlanError } from './plan/errors.js';
export type { Mode } from './plan/plan.js';
export { maxModulusBits, type SecurityBits } from './plan/security.js';
