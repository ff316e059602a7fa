/** @packageDocumentation The processes of organisations, for programs that are not the command. */
export { advertised, reachable } from './processes/addresses.js';
export { type Daemon, startDaemon } from './processes/daemon.js';
export { callPeer } from './processes/dialing.js';
export { type JoinOptions, joinPeer } from './processes/join.js';
export { type LeadOptions, lead } from './processes/lead.js';
export { type Organisation, type OrganisationOptions, openOrganisation } from './processes/organisation.js';
export { type RelayProcess, startRelayProcess } from './processes/relay.js';
export { MemberAbsentError, SessionCancelledError, SessionRefusedError } from './session-errors.js';
export { requestHash, type ShardClaim } from './shards/claim.js';
