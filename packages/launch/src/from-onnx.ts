/**
 * A model file of one party as a network at all parties. The owner reads, checks and folds it; the others get the
 * architecture (operations, shapes, names), never a weight, and build the same network from it. @tacit/onnx is loaded
 * here and not before.
 */
import { readWhole } from '@tacit/files';
import type { ArchitectureJson, ConcreteGraph, ModelGraph, ParameterSlot } from '@tacit/graph';
import { Graph, withWeightScales } from '@tacit/nn';
import type { Party } from '@tacit/tensor';
import { ModelInterfaceError } from './errors.js';

export interface FromOnnxOptions {
  /** Rank of the party that has the model. No other party opens the file. */
  readonly src: number;
  /** Shape of the input of a model with one input, where the file leaves sizes open. The same at all parties. */
  readonly inputShape?: readonly number[];
  /** Shapes of inputs by name, where the file leaves sizes open. The same at all parties. */
  readonly inputShapes?: Readonly<Record<string, readonly number[]>>;
}

/** The input shapes of a model in the order of its inputs, or of its only one. */
export type InputShapes = readonly number[] | Readonly<Record<string, readonly number[]>> | undefined;

/** The model of a file, at all parties: with weights at its owner, without them elsewhere. */
export interface AnnouncedModel {
  readonly inputs: ModelGraph['inputs'];
  forShapes(shapes: InputShapes): ConcreteGraph<ParameterSlot>;
}

/**
 * The public half of a model, known to all parties. One round.
 * @param shapes of its inputs, where all parties know them before
 */
export async function announceModel(
  party: Party,
  model: string | Uint8Array,
  src: number,
  shapes?: InputShapes,
): Promise<AnnouncedModel> {
  const { architectureOf, buildGraph, graphFromArchitecture, parseOnnx, specialize } = await import(
    '@tacit/onnx'
  );
  const read = async () => {
    const file = parseOnnx(typeof model === 'string' ? await readWhole(model) : model);
    // Where shapes are known now, so is all that the model computes from them.
    const { inputs, initializers } = file.graph;
    const open = inputs.filter(({ name }) => !initializers.has(name));
    const graph = buildGraph(file, { inputShapes: shapesByName(open, shapes) });
    return withWeightScales(graph, party.context.precision);
  };
  const own = party.rank === src ? await read() : undefined;
  const architecture = await party.announce<ArchitectureJson>(own && architectureOf(own), { src });
  if (architecture.stage !== 'model')
    throw new ModelInterfaceError('the owner announced no model architecture');
  const graph: ModelGraph<ParameterSlot> = own ?? graphFromArchitecture(architecture);
  return {
    inputs: graph.inputs,
    forShapes: (shapes) => specialize(graph, shapesByName(graph.inputs, shapes)),
  };
}

function shapesByName(inputs: readonly { readonly name: string }[], shapes: InputShapes) {
  if (shapes === undefined) return {};
  if (!isShape(shapes)) return shapes;
  if (inputs.length !== 1)
    throw new ModelInterfaceError(
      `the model has ${inputs.length} inputs (${inputs.map(({ name }) => name).join(', ')}); give inputShapes by name`,
    );
  return { [inputs[0].name]: shapes };
}

const isShape = (shapes: Exclude<InputShapes, undefined>): shapes is readonly number[] =>
  Array.isArray(shapes);

/**
 * The network of an ONNX file (a path or its bytes, used at `src` only), ready for `encrypt({ src })`. All parties call
 * it.
 * @param party this party
 * @param model path or bytes of the file, used at `src` only
 * @param options who has the model, and shapes of its inputs where the file leaves them open
 * @returns the network, not encrypted yet
 * @throws FileError, OnnxFormatError, UnsupportedModelError and InputShapeError
 * @example const model = await nn.fromOnnx(party, 'model.onnx', { src: 0 });
 */
export async function fromOnnx(
  party: Party,
  model: string | Uint8Array,
  options: FromOnnxOptions,
): Promise<Graph> {
  const { src, inputShape, inputShapes } = options;
  const shapes = inputShapes ?? inputShape;
  const announced = await announceModel(party, model, src, shapes);
  return new Graph(announced.forShapes(shapes));
}
