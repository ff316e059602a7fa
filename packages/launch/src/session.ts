/**
 * `@tacit/launch/session`: what programs need that make the connections of a session themselves, such as the daemons of
 * `@tacit/daemon`.
 */
export { LaunchedParty } from './launched-party.js';
export { type CheckedOptions, checkOptions } from './options.js';
export { decodeError, type EncodedError, encodeError } from './remote-error.js';
export { decodeResult, encodeResult } from './result-codec.js';
export { dealOver, type MemberOptions, type PartyOptions, runPartyOver } from './session/over-transport.js';
