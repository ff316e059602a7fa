export { compatKey, unlockCompat } from './compat.js';
export { type CompatUnlocked, unlockCompatFile } from './compat-files.js';
export type { DeepLockProfile } from './details.js';
export type { OrtTensorLike } from './feeds.js';
export { type DeepLockBody, deepLockKey } from './key.js';
export { type DeepLocked, type DeepLockOptions, deepLock, type LockWork } from './lock.js';
export { type OpenLockedOptions, openLocked, type SessionLike } from './open-locked.js';
export { lockBytes, unlockBytes } from './paper.js';
export { type DeepUnlockOptions, deepUnlock } from './unlock.js';
