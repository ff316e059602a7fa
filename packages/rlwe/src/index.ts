/**
 * `@tacit/rlwe`: evaluation of CKKS ciphertexts in WebAssembly, on Microsoft SEAL's bytes. No keys are made here, no
 * random numbers are drawn, nothing is decrypted.
 */
export type { ConstantRows, EncodedConstants } from './constants.js';
export {
  RlweArgumentError,
  RlweFormatError,
  RlweKeyError,
  RlweLevelError,
  RlweMemoryError,
  RlweScaleError,
} from './errors.js';
export { Evaluator } from './evaluator.js';
export type { Ciphertext, Handle, Plaintext } from './handles.js';
export type { EvaluationKeys, KeySources, KeySwitchKey } from './keys.js';
export { inverseModulo, isPrime, multiplyModulo } from './number-theory.js';
export type { EvaluatorOptions, RlweParameters } from './parameters.js';
export { RowTransforms } from './row-transforms.js';
export { parametersId } from './seal/parameters-id.js';
export type { EncodedTransform, LinearTransform } from './transform.js';
