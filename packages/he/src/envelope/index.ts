/** Containers for what travels, and the exact packing of SEAL's bytes. Runs in Node.js and in browsers. */
export type { SealShape } from '../backend/seal-format.js';
export {
  ENVELOPE_VERSION,
  type Envelope,
  type EnvelopeExpectation,
  type EnvelopeKind,
  envelopeBytes,
  openEnvelope,
  peekEnvelope,
  sealEnvelope,
} from './envelope.js';
export { packSeal } from './pack.js';
export { ckksShape, hashParameters } from './parameters-id.js';
export { type PackedKind, packedCiphertextBytes, packedSwitchingKeyBytes } from './records.js';
export { sha256 } from './sha256.js';
export { unpackGaloisKeys, unpackSeal } from './unpack.js';
