export {
  decodeKey,
  encodeKey,
  inspectKey,
  type KeyInfo,
  type KeyReadOptions,
  type KeyWriteOptions,
  looksLikeKey,
} from './encode.js';
export { type KeyFileOptions, readKey, requireNewKey, stageKey, writeKey } from './files.js';
export {
  type Json,
  type KeyHeader,
  type KeyKind,
  type KeyModel,
  keyFormat,
  type LockKey,
  type LockKind,
  newKeyId,
  requireKeyOf,
} from './key.js';
export type { ScryptCost } from './seal.js';
