/** @packageDocumentation Sessions in threads of their own, whose connections the calling thread keeps. */
export { BridgedChannel, type BridgeHead, bridge, type Traffic } from './sessions/bridge.js';
export { type HostOptions, hostSession, type SessionReport } from './sessions/host-session.js';
export { type Idle, rehearse } from './sessions/rehearsal.js';
export type { PlannedProgram, ProgramContext, SessionPlan } from './sessions/session-plan.js';
export { type SessionThread, startThread, type ThreadOptions } from './sessions/session-thread.js';
export { WarmThreads, type WarmThreadsOptions } from './sessions/warm-threads.js';
