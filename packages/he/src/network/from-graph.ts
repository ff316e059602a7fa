/** A graph as a chain of affine maps and polynomials: its value on the backend of `affine-backend.ts`. */
import { type ConcreteGraph, evaluateGraph } from '@tacit/graph';
import { type Approximations, affineBackend } from './affine-backend.js';
import { type CompiledValue, isKnown, stagesTo, startOf } from './affine-value.js';
import { singleEnds } from './concrete-graph.js';
import { HeModelError } from './errors.js';
import type { PolynomialNetwork } from './network.js';

export interface NetworkOptions {
  readonly approximations?: Approximations;
}

/**
 * The chain from the input to the output.
 * @param graph a network with one input and one output, for a batch of one
 * @param options polynomials in place of activations
 * @returns affine maps and polynomials in turn
 * @throws HeModelError (code HE_MODEL) naming the layer that can't be computed on ciphertexts, and what would help
 */
export function networkFromGraph(graph: ConcreteGraph, options: NetworkOptions = {}): PolynomialNetwork {
  const { input, output } = singleEnds(graph);
  const backend = affineBackend(options.approximations);
  const parameters = new Map<string, CompiledValue>(graph.parameters);
  const results = evaluateGraph(graph, backend, { [input.name]: startOf(input.shape) }, parameters);
  const value = results[output.name];
  if (isKnown(value))
    throw new HeModelError(
      `The output ${output.name} is not computed from the input: there is nothing to encrypt.`,
    );
  return { input, output, stages: stagesTo(value) };
}
