/** @packageDocumentation Tapes: correlated randomness that a dealer made ahead, sealed to its members, used once. */
export { type DealOptions, type DealtTape, dealTapes } from './deal.js';
export { type BurnStep, type FolderOptions, TapeFolder, type TapeListing } from './folder.js';
export type { TapeHeader, TapeMember } from './header.js';
export { createTapeKey, isPublicKey, readTapeKey, type TapeKeys } from './keys.js';
export { type TapesOptions, tapes } from './source.js';
