/** Encoded layers: networks on ciphertexts, one layer at a time. */

export type { Interval } from '@tacit/he/network';
export { Polynomial, type PolynomialOptions, Square } from './activations.js';
export type {
  Arithmetic,
  Blinded,
  BlindingRequest,
  CiphertextState,
  Element,
  EvaluationKeyBytes,
  KeyHolder,
  OperationCounts,
} from './arithmetic.js';
export { type BatchNormOptions, batchNormOf, EncodedBatchNorm } from './batch-norm.js';
export { BfvKeyHolder, type BfvLayerParameters, createBfvArithmetic } from './bfv.js';
export { type BuildOptions, buildEncodedNetwork, encodedNetworkOf } from './build.js';
export { CkksKeyHolder, createCkksArithmetic } from './ckks.js';
export type { CkksLayerParameters } from './ckks-parameters.js';
export { type ConvOptions, EncodedConv1d, EncodedConv2d, type Weights } from './conv.js';
export { HeLayerError, HeReencryptionError } from './errors.js';
export { EncodedAffine, type EncodedLayer } from './layer.js';
export { EncodedLinear, type LinearOptions } from './linear.js';
export { Flatten, Pad, type PadOptions, Reshape } from './moves.js';
export { EncodedNetwork, type LayerStep, type NetworkLayer } from './network.js';
export { type AvgPoolOptions, EncodedAvgPool1d, EncodedAvgPool2d } from './pool.js';
export {
  LocalReencryptionPeer,
  Reencrypt,
  type ReencryptionPeer,
  type ReencryptOptions,
} from './reencrypt.js';
export {
  decryptTensor,
  EncryptedTensor,
  encryptLocally,
  encryptTensor,
  exportTensor,
  importTensor,
  type TensorBytes,
  type ValueRange,
} from './tensor.js';
