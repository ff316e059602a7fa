/**
 * A model file of one party as a network at all parties. The owner reads, checks and folds it; the others get the
 * architecture (operations, shapes, names), never a weight, and build the same network from it. @tacit/onnx is loaded
 * here and not before.
 */

import { readWhole } from '@tacit/files';
import type { Graph } from '@tacit/nn';
import type { ArchitectureJson } from '@tacit/onnx';
import type { Party } from '@tacit/tensor';
import { ModelInterfaceError } from './errors.js';

export interface FromOnnxOptions {
  /** Rank of the party that has the model. No other party opens the file. */
  readonly src: number;
  /** Shape of the input, where the file leaves sizes open. The same at all parties. */
  readonly inputShape?: readonly number[];
}

/** A network with one input and one output, not encrypted yet, and what is public about it. */
export interface LoadedNetwork {
  readonly network: Graph;
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
}

/** The public half of a model with one input and one output, known to all parties. One round. */
export async function announceModel(
  party: Party,
  model: string | Uint8Array,
  src: number,
): Promise<(inputShape?: readonly number[]) => LoadedNetwork> {
  const { architectureOf, buildGraph, buildNetwork, graphFromArchitecture, parseOnnx, specialize } =
    await import('@tacit/onnx');
  const read = async () => buildGraph(parseOnnx(typeof model === 'string' ? await readWhole(model) : model));
  const own = party.rank === src ? await read() : undefined;
  const architecture = await party.announce<ArchitectureJson>(own && architectureOf(own), { src });
  if (architecture.stage !== 'model')
    throw new ModelInterfaceError('the owner announced no model architecture');
  const graph = own ?? graphFromArchitecture(architecture);
  const [input] = graph.inputs;
  if (graph.inputs.length !== 1 || graph.outputs.length !== 1)
    throw new ModelInterfaceError(
      `the model has ${graph.inputs.length} inputs and ${graph.outputs.length} outputs; one of each can be run here`,
    );
  return (inputShape) => {
    const concrete = specialize(graph, inputShape ? { [input.name]: inputShape } : {});
    return {
      network: buildNetwork(concrete),
      inputShape: concrete.inputs[0].shape,
      outputShape: concrete.outputs[0].shape,
    };
  };
}

/**
 * The network of an ONNX file (a path or its bytes, used at `src` only), ready for `encrypt({ src })`. All parties call
 * it. Throws FileError, OnnxFormatError, UnsupportedModelError and InputShapeError.
 */
export async function fromOnnx(
  party: Party,
  model: string | Uint8Array,
  options: FromOnnxOptions,
): Promise<Graph> {
  const forShape = await announceModel(party, model, options.src);
  return forShape(options.inputShape).network;
}
