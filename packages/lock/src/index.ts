/** @packageDocumentation Model locks: ONNX files that are of no use without their key. Knows nothing of parties. */
export * from './adv-params/index.js';
export * from './attacks/index.js';

export * from './deep-lock/index.js';
export { LockError, LockKeyError, WeightsError } from './errors.js';
export * from './keys/index.js';
export * from './mark/index.js';
export * from './weights/index.js';
