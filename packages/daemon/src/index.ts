/** @packageDocumentation An organisation's own process: its configuration, its owner's consent, its audit log, its operation. */
export { durationOf, sizeOf } from '@tacit/cli-kit';
export { AuditLog, type AuditOptions } from './audit/audit-log.js';
export {
  type AuditEvent,
  type AuditedOutcome,
  type AuditedPeer,
  type AuditedSession,
  type AuditedShard,
  argumentsHash,
} from './audit/events.js';
export type { AuditLine, Head } from './audit/line.js';
export { type AuditReport, type PlacedLine, readAudit, verifyAudit } from './audit/verify.js';
export { type Given, variableOf } from './config/environment.js';
export {
  type ConfigSources,
  type EffectiveSetting,
  effectiveSettings,
  homeOf,
  type LoadedConfig,
  loadConfig,
  type Origin,
  parseConfig,
} from './config/load.js';
export type { ValuePath } from './config/places.js';
export { type ConfigInput, configSchema, type DaemonConfig, type OfferedProgram } from './config/schema.js';
export { type Admission, Consent, type ConsentOptions } from './consent/consent.js';
export { decide, fits, ruleFor } from './consent/decide.js';
export { type AdmittedSession, type LedgerOptions, UsageLedger } from './consent/ledger.js';
export { hashProgram, type ProgramHash } from './consent/program-hash.js';
export {
  type ArgumentsRule,
  type ConsentRequest,
  type ConsentRules,
  type Decision,
  type ProgramRule,
  type Quota,
  REFUSALS,
  type RefusalCode,
  type Usage,
} from './consent/types.js';
export { Diagnosis, type DiagnosisOptions } from './doctor/answer.js';
export type { Ways } from './doctor/diagnose-peer.js';
export type { Finding, Verdict } from './doctor/finding.js';
export type { PeerToCheck } from './doctor/peer-to-check.js';
export { type Report, render } from './doctor/render.js';
export { type DoctorOptions, runDoctor } from './doctor/run-doctor.js';
export {
  AuditError,
  ConfigError,
  type ConfigErrorDetails,
  HomeLockedError,
  OperatePortError,
  type Place,
  ProgramHashError,
  UsageError,
} from './errors.js';
export {
  handleSignals,
  Lifecycle,
  type LifeState,
  type SignalOptions,
  type SignalSource,
} from './operate/lifecycle.js';
export { createLog, type Log, type LogOptions } from './operate/log.js';
export { type Failure, failure, type LogFields } from './operate/log-fields.js';
export {
  DaemonMetrics,
  HANDSHAKE_FAILURES,
  type HandshakeFailure,
  OUTCOMES,
  type Outcome,
  type RelaySnapshot,
  type Snapshot,
} from './operate/metrics.js';
export { type Exposition, type OperateOptions, type OperateServer, startOperate } from './operate/server.js';
export { SessionCancelledError } from './session-errors.js';
