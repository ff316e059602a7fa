/** Codes of homomorphic encryption. */
import type { CodeTable } from './table.js';

export const HOMOMORPHIC = {
  HE_MODEL: {
    meaning: 'A model or layer cannot be evaluated homomorphically.',
    remedy: 'Use affine layers and polynomial activations; the message says which layer is in the way.',
  },
  HE_PLAN: {
    meaning: 'No plan for the model fits the encryption parameters.',
    remedy: 'Allow larger parameters, or make the model smaller.',
  },
  HE_RANGE: {
    meaning: 'Values may exceed what the parameters can represent.',
    remedy: 'State narrower input ranges, or scale the weights.',
  },
  HE_PARAMETERS: {
    meaning: 'Encryption parameters that cannot be used: not secure enough, no such primes, wrong ring.',
    remedy: 'Use the parameters that the compiler proposes.',
  },
  HE_FORMAT: {
    meaning: 'Bytes that are cut off, garbled, of another kind or too large.',
    remedy: 'Transfer them again, whole and unchanged.',
  },
  HE_FOREIGN: {
    meaning: 'Bytes that were made under other encryption parameters.',
    remedy: 'Use keys and ciphertexts of the same compiled model.',
  },
  HE_KEY: {
    meaning: 'A key is missing or does not fit the operation.',
    remedy: 'Make and send the evaluation keys of this model.',
  },
  HE_SCALE: {
    meaning: 'Scales differ, or the modulus has no room for a scale or value.',
    remedy: 'Rescale, or use a smaller scale.',
  },
  HE_LEVEL: {
    meaning: 'Levels of the modulus chain differ, or the chain is used up.',
    remedy: 'Use parameters with more levels, or encrypt again.',
  },
  HE_NOISE: {
    meaning: 'The noise has outgrown the modulus: the decrypted values are meaningless.',
    remedy: 'Use a larger modulus, or fewer multiplications.',
  },
  HE_ARGUMENT: {
    meaning: 'A call with an impossible argument.',
    remedy: 'Correct the argument that the message names.',
  },
  HE_DISPOSED: {
    meaning: 'Something was used after it had been disposed.',
    remedy: 'Keep it out of the scope that ended, or use it earlier.',
  },
  HE_LIBRARY: {
    meaning: 'The library underneath failed, or may not be used any longer in this thread.',
    remedy: 'Start a new thread; if it happens again, report it.',
  },
  HE_ARTEFACT: {
    meaning: 'A compiled model is damaged, of another version or inconsistent.',
    remedy: 'Compile the model again with this release.',
  },
  HE_INPUT: {
    meaning: 'An input does not fit the compiled model: shape, size, range.',
    remedy: 'Correct the input as the message says.',
  },
  HE_RESULT: {
    meaning: 'An answer is not one to this question or cannot be decrypted.',
    remedy: 'Ask again; if it happens again, do not trust the service.',
  },
  HE_LAYER: {
    meaning: 'A layer cannot be built from what was given.',
    remedy: 'Correct the weights or options that the message names.',
  },
  HE_REENCRYPT: {
    meaning: 'A layer needs its input decrypted and encrypted again, and there is no client here to do it.',
    remedy: 'Give the network a client, or fewer layers.',
  },
  RLWE_FORMAT: {
    meaning: 'Bytes that are not what SEAL writes for these parameters.',
    remedy: 'Transfer them again, or use the same parameters on both sides.',
  },
  RLWE_SCALE: {
    meaning: 'Operands have different scales.',
    remedy: 'Rescale, or encode one at the scale of the other.',
  },
  RLWE_LEVEL: {
    meaning: 'An operand is at another level than needed, or no level is left.',
    remedy: 'Switch the modulus, or use parameters with more levels.',
  },
  RLWE_KEY: {
    meaning: 'An evaluation key that an operation needs is missing.',
    remedy: 'Make the Galois key of the step that the message names.',
  },
  RLWE_MEMORY: {
    meaning: 'The memory of the kernels is full.',
    remedy: 'Free handles, or raise the limit.',
  },
  RLWE_ARGUMENT: {
    meaning: 'A call with an impossible argument, such as a handle that was freed.',
    remedy: 'Correct the argument that the message names.',
  },
} as const satisfies CodeTable;
