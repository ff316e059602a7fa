/** @packageDocumentation The processes of organisations, for programs that are not the command. */

export { withLock } from './home/file-lock.js';
export { advertised, reachable } from './processes/addresses.js';
export { type Daemon, startDaemon } from './processes/daemon.js';
export { callPeer } from './processes/dialing.js';
export { type GuestDoor, openGuestDoor } from './processes/guest-door.js';
export { type JoinOptions, joinPeer } from './processes/join.js';
export { type LeadOptions, lead } from './processes/lead.js';
export {
  callDealer,
  type GuestSession,
  type GuestSessionOptions,
  proposeGuestSession,
} from './processes/lead-guest.js';
export { type Organisation, type OrganisationOptions, openOrganisation } from './processes/organisation.js';
export { type RelayProcess, startRelayProcess } from './processes/relay.js';
export { MemberAbsentError, SessionCancelledError, SessionRefusedError } from './session-errors.js';
export { requestHash, type ShardClaim } from './shards/claim.js';
