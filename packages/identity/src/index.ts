/** @packageDocumentation Who an organisation is, whom it knows, and how two of them pair. */
export { addressAtRelay, addressProblem, relayOf } from './address.js';
export { deviceIdOf, fingerprintOfDeviceId } from './device-id/device-id.js';
export { DeviceIdError, IdentityError, InviteError, PeerError, PeersFileError } from './errors.js';
export { homeFolder } from './home/home.js';
export { createOwn, ensureOwnFolder, readOwn, writeOwn } from './home/private-files.js';
export { createIdentity, type IdentityOptions } from './identity/create.js';
export { type Identity, readIdentity } from './identity/read.js';
export { consumeInvite, type InviteUseRequest } from './invites/consume.js';
export { type Invite, parseInvite } from './invites/encode.js';
export {
  createInvite,
  type InviteOptions,
  type InviteState,
  listInvites,
  withdrawInvite,
} from './invites/issue.js';
export { inviteProof } from './invites/proof.js';
export type { Peer, PeerRole, ProgramRule, Quota } from './peers/peer.js';
export { openPeers, type PeersFile } from './peers/peers-file.js';
