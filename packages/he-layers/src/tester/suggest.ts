/** Parameters for a network, before anything is encrypted. */
import { type CompileOptions, type CompileReport, compileModel, HePlanError } from '@tacit/he';
import { concreteGraph, networkFromGraph, normalizeNetwork, randomInputs } from '@tacit/he/network';
import { encodedNetworkOf } from '../layers/build.js';
import { type BfvSuggestion, suggestBfv } from './suggest-bfv.js';
import { type CkksSuggestion, suggestCkks } from './suggest-ckks.js';

export interface SuggestOptions
  extends Pick<CompileOptions, 'inputRange' | 'inputShape' | 'samples' | 'security'> {
  /** Largest error of an output that is acceptable. Default 1e-2. */
  readonly precision?: number;
  /** How `tacit he compile` would run it. Default 'latency'. */
  readonly mode?: 'latency' | 'throughput';
}

/** Each is a reason, in words, where nothing fits. */
export interface Suggestion {
  /** Encoded layers in CKKS: a set for the parameter tester. */
  readonly ckks: CkksSuggestion | string;
  /** BFV with fractional digits, in PyCrCNN's form. */
  readonly pycrcnn: BfvSuggestion | string;
  /** The whole network planned at once, as `tacit he compile` does: far fewer ciphertexts in the latency mode. */
  readonly compiled: CompileReport | string;
}

/** Random inputs where no samples are given; following digits through a network takes time for each. */
const SAMPLES = 8;
const DIGIT_SAMPLES = 2;

/**
 * Suggests parameters: ring, primes and scale for encoded layers in CKKS, PyCrCNN's m and p for BFV, and what
 * `tacit he compile` would choose. The choices rest on models of noise and on samples: `testParameters` has the last
 * word. Takes seconds.
 * @param onnx the ONNX file
 * @param options precision, security, and what inputs look like
 * @returns a suggestion for each way to compute, or why there is none
 * @throws HeModelError for networks that can't be computed on ciphertexts at all
 */
export async function suggestParameters(onnx: Uint8Array, options: SuggestOptions = {}): Promise<Suggestion> {
  const { precision = 1e-2, mode = 'latency', inputShape, security = 128 } = options;
  const range = options.inputRange ?? { low: 0, high: 1 };
  const graph = concreteGraph(onnx, inputShape);
  const network = encodedNetworkOf(graph);
  const samples = options.samples?.length
    ? options.samples
    : randomInputs(normalizeNetwork(networkFromGraph(graph)), range, SAMPLES);
  return {
    ckks: suggestCkks(network, samples, { precision, security, range }),
    pycrcnn: await suggestBfv(network, samples.slice(0, DIGIT_SAMPLES), { precision, security }),
    compiled: await compileModel(onnx, { ...options, precision, mode, inputRange: range }).then(
      ({ report }) => report,
      (error: unknown) => {
        if (error instanceof HePlanError) return error.message;
        throw error;
      },
    ),
  };
}
