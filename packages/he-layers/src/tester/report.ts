/** What the parameter tester finds. */
import type { OperationCounts } from '../layers/arithmetic.js';
import type { TestParameters } from './config.js';

/** One layer. The first six fields have PyCrCNN's names. */
export interface LayerReport {
  readonly layer_name: string;
  /** BFV: smallest noise budget of all elements, in bits. null in CKKS. */
  readonly min_noise: number | null;
  /** Largest difference between decrypted and plain values. */
  readonly max_error: number;
  /** Where: image, then the position in the tensor without the batch axis. */
  readonly max_error_position: readonly number[];
  readonly cipher_value: number;
  readonly plain_value: number;

  readonly kind: string;
  /** Shape of the result, with a batch axis of 1. */
  readonly shape: readonly number[];
  readonly mean_error: number;
  /** Data primes that are left. */
  readonly level: number | null;
  /** CKKS: log2 of the scale. */
  readonly scale_bits: number | null;
  /** Largest absolute value over the images, and for any input in range. */
  readonly largest: number;
  readonly bound: number;
  /** In one pass: BFV runs one image a pass, CKKS all of them. */
  readonly operations: OperationCounts;
  readonly ms: number;
  /** Of the result's ciphertexts. */
  readonly bytes: number;
  /** Re-encryptions: whether activations were masked, and if not, why. */
  readonly masked?: boolean;
  readonly unmasked_reason?: string;
}

export interface Failure {
  /** Stable code, e.g. HE_NOISE. */
  readonly code: string;
  readonly layer: string | null;
  readonly message: string;
}

export interface WorstCase {
  /** Inputs that were searched for and measured. */
  readonly inputs: number;
  readonly max_error: number;
  readonly layers: readonly LayerReport[];
  readonly failure?: Failure;
  /** Arguments of polynomials and outputs: largest on the images, and on the inputs found. */
  readonly largest: readonly {
    readonly layer_name: string;
    readonly images: number;
    readonly found: number;
  }[];
}

export interface ParameterReport {
  readonly parameters: TestParameters;
  /** What they became. */
  readonly scheme: 'bfv' | 'ckks';
  readonly ring_degree: number;
  readonly modulus_bits: number;
  readonly notes: readonly string[];
  readonly images: number;
  readonly layers: readonly LayerReport[];
  readonly final_max_error: number;
  readonly final_mean_error: number;
  /** Images whose largest output is that of the plain network. */
  readonly same_prediction: number;
  /** Per pass. */
  readonly total_ms: number;
  readonly encrypt_ms: number;
  readonly input_bytes: number;
  readonly evaluation_key_bytes: number;
  readonly failure?: Failure;
  readonly worst_case?: WorstCase;
}

/**
 * PyCrCNN's results.json: [parameters, totals, layers] for each set. Our fields are beside its own.
 * @param reports one for each set of parameters
 * @returns what JSON.stringify makes results.json of
 */
export function pycrcnnResults(reports: readonly ParameterReport[]): unknown[] {
  return reports.map(({ parameters, layers, ...totals }) => [plain(parameters), totals, layers]);
}

/** Big integers as strings: JSON has none. */
function plain(parameters: TestParameters): unknown {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, typeof value === 'bigint' ? `${value}` : value]),
  );
}
