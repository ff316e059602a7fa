/**
 * A model file of one party as a network at all parties. The owner reads, checks and folds it; the others get the
 * architecture (operations, shapes, names), never a weight, and build the same network from it. @tacit/onnx is loaded
 * here and not before.
 */
import { ArgumentError } from '@tacit/errors';
import type {
  ArchitectureJson,
  ConcreteGraph,
  InputSlot,
  ModelArchitecture,
  ModelGraph,
  ParameterSlot,
} from '@tacit/graph';
import { checkOptions } from '@tacit/graph';
import { Graph, withWeightScales } from '@tacit/nn';
import type { BuildOptions } from '@tacit/onnx';
import type { Party } from '@tacit/tensor';
import { ModelInterfaceError } from './errors.js';

export interface FromOnnxOptions {
  /** Rank of the party that has the model. No other party opens the file. */
  readonly src: number;
  /** Shape of the input of a model with one input, where the file leaves sizes open. The same at all parties. */
  readonly inputShape?: readonly number[];
  /** Shapes of inputs by name, where the file leaves sizes open. The same at all parties. */
  readonly inputShapes?: Readonly<Record<string, readonly number[]>>;
  /**
   * Whether the model is to be trained: batch normalisation and dropout stay as they are in the file, weights are parameters
   * under their names there, statistics buffers. Default false. The same at all parties.
   */
  readonly trainable?: boolean;
  /** Inputs that everybody may know, with what they are always given; used at `src` only. They are no inputs any more. */
  readonly publicInputs?: BuildOptions['publicInputs'];
}

/** The input shapes of a model in the order of its inputs, or of its only one. */
export type InputShapes = readonly number[] | Readonly<Record<string, readonly number[]>> | undefined;

/** The model of a file, at all parties: with weights at its owner, without them elsewhere. */
export interface AnnouncedModel {
  readonly inputs: ModelGraph['inputs'];
  forShapes(shapes: InputShapes): ConcreteGraph<ParameterSlot>;
}

/**
 * The public half of a model, known to all parties. One round; two where the model can only be built for known shapes.
 * @param shapesOf shapes of its inputs, asked for in that case
 * @param publicInputs values of inputs that are not secret, used at `src` only
 * @param trainable whether it keeps what training needs
 */
export async function announceModel(
  party: Party,
  model: string | Uint8Array,
  src: number,
  shapesOf?: (inputs: readonly InputSlot[]) => Promise<InputShapes> | InputShapes,
  publicInputs?: BuildOptions['publicInputs'],
  trainable = false,
): Promise<AnnouncedModel> {
  const {
    architectureOf,
    buildGraph,
    graphFromArchitecture,
    modelInputs,
    parseOnnx,
    specialize,
    UnsupportedModelError,
  } = await import('@tacit/onnx');
  const read = async (): Promise<Read> => {
    const { readOnnxFile } = await import('@tacit/onnx/file');
    const file = parseOnnx(typeof model === 'string' ? await readOnnxFile(model) : model);
    const open = {
      inputs: modelInputs(file, { publicInputs }),
      outputs: [],
      nodes: [],
      parameters: new Map(),
    };
    const build = (inputShapes: BuildOptions['inputShapes']) => {
      const graph = buildGraph(file, { inputShapes, publicInputs, trainable });
      // Weights that change keep the usual scale.
      return trainable ? graph : withWeightScales(graph, party.context.precision);
    };
    try {
      return { graph: build({}), open, build };
    } catch (error) {
      // What it computes from shapes may be what cannot be built: once they are known, that is constant.
      if (!(error instanceof UnsupportedModelError && shapesOf)) throw error;
      return { graph: undefined, open, build };
    }
  };
  const own = party.rank === src ? await read() : undefined;
  const tell = (known: ModelGraph | undefined) => known && architectureOf(known);
  const announced = await party.announce<ArchitectureJson | { readonly open: ModelArchitecture }>(
    own && (tell(own.graph) ?? { open: architectureOf(own.open) }),
    { src },
  );
  let graph = own?.graph;
  let architecture: ArchitectureJson;
  if ('open' in announced) {
    const { inputs } = graphFromArchitecture(announced.open);
    const shapes = await shapesOf?.(inputs);
    graph = own?.build(shapesByName(inputs, shapes));
    architecture = await party.announce<ArchitectureJson>(tell(graph), { src });
  } else architecture = announced;
  if (architecture.stage !== 'model')
    throw new ModelInterfaceError('the owner announced no model architecture');
  const known: ModelGraph<ParameterSlot> = graph ?? graphFromArchitecture(architecture);
  return {
    inputs: known.inputs,
    forShapes: (shapes) => specialize(known, shapesByName(known.inputs, shapes)),
  };
}

/** What the owner makes of its file. */
interface Read {
  readonly graph: ModelGraph | undefined;
  /** Its inputs alone. */
  readonly open: ModelGraph;
  build(inputShapes: BuildOptions['inputShapes']): ModelGraph;
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
  checkOptions('fromOnnx', options, ['src', 'inputShape', 'inputShapes', 'publicInputs', 'trainable']);
  const { src, inputShape, inputShapes, publicInputs, trainable = false } = options;
  if (typeof trainable !== 'boolean')
    throw new ArgumentError(`fromOnnx: trainable is ${String(trainable)} instead of true or false`);
  const shapes = inputShapes ?? inputShape;
  const announced = await announceModel(party, model, src, shapes && (() => shapes), publicInputs, trainable);
  return new Graph(announced.forShapes(shapes));
}
