/**
 * @packageDocumentation What other packages need of the protocols: engines and how they are opened, the dealer, settings,
 * errors. Protocols themselves are called through an `Engine`.
 */

export { type ServingDealer, serveDealer } from './dealer/serve.js';
export type { DealerLimits } from './definition/dealer-limits.js';
export type { Distribution } from './distributions.js';
export type * from './engine.js';
export { protocols } from './protocols/registry.js';
export { liveDealer } from './randomness/live-dealer.js';
export { localDealer } from './randomness/local-dealer.js';
export type { Bilinear } from './runtime/bilinear.js';
export { checkConfig, defaultConfig, type ProtocolConfig } from './runtime/config.js';
export {
  ConfigError,
  ConfigMismatchError,
  DealerRequestError,
  DisposedError,
  FailedPartyError,
  OperationError,
  ProgramMismatchError,
  ScopeError,
} from './runtime/errors.js';
export { fingerprint } from './runtime/fingerprint.js';
export type { LiveSession } from './runtime/live-session.js';
export type { StridedView } from './runtime/mask-ref.js';
export type * from './runtime/randomness.js';
export type { Session } from './runtime/session.js';
export type { OperationStats } from './runtime/statistics.js';
export { Piecewise, type SplineTable } from './spline/table.js';
export * as splineTables from './spline/tables.js';
export { type OpenOptions, openSession, type Suite, type SuiteMember } from './suite.js';
export { type CostSession, costEngine, type OperationCost } from './suites/additive/cost-session.js';
export { AdditiveEngine } from './suites/additive/engine.js';
export { type AdditiveOptions, additive } from './suites/additive/index.js';
export { openPlain, type PlainEngine } from './suites/plain/engine.js';
export * from './tapes/index.js';
export { BT3, BT4, FEW_ELEMENTS, type TreeChoice, type TreeShape } from './trees/tree-plan.js';
