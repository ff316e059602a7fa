/**
 * `OnnxModel` to `ModelGraph`: every node is converted by its `OnnxOperator`, then layers are merged. All problems are
 * collected first: `checkModel` returns them, `buildGraph` throws them as one error.
 */
import { ShapeError } from '@tacit/errors';
import {
  type Dim,
  GraphDraft,
  InputShapeError,
  type InputSlot,
  type ModelGraph,
  ModelShapeError,
  mergeLayers,
  mergeLogSumExp,
  mergeNormalization,
  mergePads,
  numbersOf,
  type PlainTensor,
  type Saturation,
  type Shape,
  Unsupported,
  type Value,
  withNumbersOf,
} from '@tacit/graph';
import {
  OnnxFormatError,
  type UnsupportedIssue,
  UnsupportedModelError,
  type UnsupportedReport,
} from './errors.js';
import { bindOutputs } from './graph-outputs.js';
import { NodeContext, Poisoned } from './node-context.js';
import {
  constantKind,
  elementKind,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxValueInfo,
} from './onnx-model.js';
import { Quantizations } from './quantization.js';
import { MAX_OPSET, MIN_OPSET, onnxOperator } from './registry.js';
import { withNames } from './rename.js';
import { sortNodes, usedBy } from './sort-nodes.js';

export interface BuildOptions {
  /** Shapes of inputs, by name, in place of those that the file declares; strings are symbolic sizes. */
  readonly inputShapes?: Readonly<Record<string, readonly (number | string)[]>>;
  /**
   * Inputs that are not secret, by name: what they are always given, such as a sampling rate. They are constants of the model
   * then, on which shapes and conditions may depend. A number fills the whole input.
   */
  readonly publicInputs?: Readonly<Record<string, number | readonly number[]>>;
  /** Merge batch normalisation, constant scales and shifts into layers beside them. Default true, unless it is trained. */
  readonly foldBatchNorm?: boolean;
  /**
   * Keep what training needs: batch normalisation and dropout as they are in the file, and each initializer of floating
   * point numbers with an axis as a weight under its name. Nothing is computed from weights beforehand. Single numbers, and
   * what is no number, stay constants. Default false.
   */
  readonly trainable?: boolean;
  /** Called with what the graph computes otherwise than the file says, a sentence each. */
  readonly onNote?: (note: string) => void;
}

/**
 * Checks a model and brings it into the form that can be executed.
 * @param model a parsed model
 * @param options see BuildOptions
 * @returns the checked and folded graph
 * @throws UnsupportedModelError listing everything that is not supported
 * @throws ModelShapeError when shapes in the model contradict each other
 * @throws InputShapeError when `inputShapes` names an input that is not there or has another rank, or values of
 * `publicInputs` do not fill theirs
 * @example const graph = buildGraph(parseOnnx(bytes));
 */
export function buildGraph(model: OnnxModel, options: BuildOptions = {}): ModelGraph {
  const { graph, issues } = convert(model, options);
  if (issues.length > 0) throw new UnsupportedModelError(issues);
  return graph;
}

/**
 * Everything in the model that is not supported, without building it for use.
 * @param model a parsed model
 * @param options see BuildOptions
 * @returns whether it is supported, and every reason why not
 * @example const { supported, issues } = checkModel(parseOnnx(bytes));
 */
export function checkModel(model: OnnxModel, options: BuildOptions = {}): UnsupportedReport {
  const { issues } = convert(model, options);
  return { supported: issues.length === 0, issues };
}

/**
 * The inputs that a model declares, whether it can be built or not.
 * @param model a parsed model
 * @param options of which `publicInputs` are left out
 * @returns name, shape and type of each; a shape that the file leaves out is that of a single number
 * @throws OnnxFormatError where two have one name
 * @throws InputShapeError as `buildGraph`, for public inputs
 * @example modelInputs(parseOnnx(bytes)).map(({ name }) => name);
 */
export const modelInputs = (model: OnnxModel, { publicInputs }: BuildOptions = {}): readonly InputSlot[] =>
  readInputs(model.graph, new GraphDraft([]), new Map(), { publicInputs }, () => {});

function convert(
  model: OnnxModel,
  options: BuildOptions,
): { graph: ModelGraph; issues: readonly UnsupportedIssue[] } {
  const issues: UnsupportedIssue[] = [];
  const modelIssue = (reason: string) => issues.push({ node: '', op: '', reason });
  const onnx = model.graph;
  const nodes = sortNodes(onnx);
  const draft = new GraphDraft(valueNames(onnx));
  const values = new Map<string, Value>();
  const quantizations = new Quantizations();
  const opset = standardOpset(model, nodes, modelIssue);
  for (const name of onnx.sparseInitializers)
    modelIssue(`initializer ${JSON.stringify(name)} is sparse; store it as a dense tensor`);
  const { trainable = false } = options;
  readConstants(onnx, draft, values, quantizations, modelIssue, trainable);
  const inputs = readInputs(onnx, draft, values, options, modelIssue);
  const made = { opset, draft, values, quantizations, issues, trainable, inner: { nodes: 0 } };
  convertNodes(nodes, onnx, '', made);
  const outputs = bindOutputs(onnx, draft, values, quantizations, modelIssue);
  let graph: ModelGraph = { inputs, outputs, nodes: [], parameters: new Map() };
  if (issues.length === 0) {
    const { shapes, saturations, infinite, ...content } = draft.finish();
    graph = { ...graph, ...content };
    for (const { name } of outputs)
      if (infinite.has(name))
        modelIssue(
          `output ${JSON.stringify(name)} holds infinite numbers, which secrets have none of: take as output what is there before the mask, or after its softmax or comparison`,
        );
    for (const saturation of saturations) options.onNote?.(noteOf(saturation));
    if (quantizations.count > 0)
      options.onNote?.(`${quantizations.count} quantised values keep their limits and are not rounded`);
    graph = mergeNormalization(mergeLogSumExp(mergePads(graph)));
    if (options.foldBatchNorm ?? !trainable) graph = mergeLayers(graph, shapes);
    issues.push(...notNumbers(graph));
  }
  return { graph, issues };
}

/** Constants that hold NaN, at the first node that takes them. */
function notNumbers({ nodes, parameters }: ModelGraph): UnsupportedIssue[] {
  const bad = new Set(
    [...parameters].filter(([, tensor]) => numbersOf(tensor).some(Number.isNaN)).map(([name]) => name),
  );
  return nodes
    .filter(({ inputs }) => inputs.some((name) => bad.has(name)))
    .map(({ name, op }) => ({ node: name, op, reason: 'a constant is not a number (NaN)' }));
}

const noteOf = ({ node, op, count, size }: Saturation): string =>
  `${count === 1 ? '1 infinite constant' : `${count} infinite constants`} of node ${JSON.stringify(node)} (${op}) ` +
  `became ${count === 1 ? 'a number' : 'numbers'} of size 2^${Math.log2(size)}`;

function standardOpset(
  model: OnnxModel,
  nodes: readonly OnnxNode[],
  modelIssue: (reason: string) => void,
): number {
  const opset = model.opsets.get('');
  if (opset === undefined) {
    if (nodes.some((node) => node.domain === ''))
      throw new OnnxFormatError('Not a valid ONNX model: it does not import the standard operator set.');
    return MAX_OPSET;
  }
  if (opset < MIN_OPSET || opset > MAX_OPSET)
    modelIssue(
      `the model uses operator set ${opset}; ${MIN_OPSET} to ${MAX_OPSET} are supported. ` +
        'Export it again with another opset_version, or convert it with onnx.version_converter',
    );
  // Beyond the range, nodes are still looked at as the nearest version would have them.
  return Math.min(Math.max(opset, MIN_OPSET), MAX_OPSET);
}

function valueNames(onnx: OnnxGraph): string[] {
  return [
    ...onnx.initializers.keys(),
    ...onnx.inputs.map(({ name }) => name),
    ...onnx.nodes.flatMap((node) => node.outputs),
  ];
}

function readConstants(
  onnx: OnnxGraph,
  draft: GraphDraft,
  values: Map<string, Value>,
  quantizations: Quantizations,
  modelIssue: (reason: string) => void,
  trainable: boolean,
): void {
  for (const [name, tensor] of onnx.initializers) {
    const { dataType, shape } = tensor;
    const type = constantKind(dataType);
    if (type === undefined)
      modelIssue(`initializer ${JSON.stringify(name)} has elements of type ${dataType}`);
    const numbers = withNumbersOf({ shape }, tensor);
    const trained = trainable && type === 'float' && shape.length > 0 && numbers.data.every(Number.isFinite);
    const value = trained ? draft.weight(name, numbers) : draft.constant(name, type ?? 'float', numbers);
    quantizations.noteType(value, dataType);
    values.set(name, value);
  }
}

/** Graph inputs, without those that only give an initializer's type (IR versions below 4). */
function readInputs(
  onnx: OnnxGraph,
  draft: GraphDraft,
  values: Map<string, Value>,
  options: BuildOptions,
  modelIssue: (reason: string) => void,
): InputSlot[] {
  const given = options.inputShapes ?? {};
  const infos = onnx.inputs.filter(({ name }) => !onnx.initializers.has(name));
  for (const [name, shape] of Object.entries(given))
    if (!infos.some((info) => info.name === name)) throw new InputShapeError(name, undefined, shape);
  const known = options.publicInputs ?? {};
  for (const name of Object.keys(known))
    if (!infos.some((info) => info.name === name))
      throw new InputShapeError(name, undefined, undefined, 'no input of the model has this name');
  return infos.flatMap((info) => {
    if (values.has(info.name))
      throw new OnnxFormatError(`Not a valid ONNX model: input ${JSON.stringify(info.name)} is there twice.`);
    const type = elementKind(info.elementType);
    if (info.kind !== 'tensor' || type === undefined)
      modelIssue(`input ${JSON.stringify(info.name)} is not a tensor of numbers`);
    const shape = inputShape(info, Object.hasOwn(given, info.name) ? given[info.name] : undefined);
    if (shape === undefined)
      modelIssue(
        `input ${JSON.stringify(info.name)} has no shape in the file; give it with the option inputShapes`,
      );
    if (Object.hasOwn(known, info.name)) {
      const tensor = publicTensor(info.name, shape ?? [], known[info.name]);
      values.set(info.name, draft.constant(info.name, type ?? 'float', tensor));
      return [];
    }
    values.set(info.name, { kind: 'secret', name: info.name, type: type ?? 'float', shape });
    const slot = { name: info.name, shape: shape ?? [] };
    return [type === 'int' || type === 'bool' ? { ...slot, type } : slot];
  });
}

/** The value of a public input; of sizes that are open, one takes what is left. */
function publicTensor(name: string, declared: Shape, value: number | readonly number[]): PlainTensor {
  const given = typeof value === 'number' ? [value] : value;
  const size = declared.reduce<number>((n, dim) => (typeof dim === 'number' ? n * dim : n), 1);
  const open = declared.findIndex((dim) => typeof dim !== 'number');
  const shape = declared.map((dim, axis) =>
    typeof dim === 'number' ? dim : axis === open && typeof value !== 'number' ? given.length / size : 1,
  );
  const total = shape.reduce((a, b) => a * b, 1);
  const fits = typeof value === 'number' || total === given.length;
  if (!fits || !given.every((v) => typeof v === 'number' && !Number.isNaN(v)))
    throw new InputShapeError(
      name,
      declared,
      [given.length],
      'the public value must be numbers that fill it',
    );
  const data = typeof value === 'number' ? new Float64Array(total).fill(value) : Float64Array.from(given);
  return { shape, data };
}

function inputShape(info: OnnxValueInfo, given: readonly (number | string)[] | undefined): Shape | undefined {
  const declared = info.shape?.map((dim, axis): Dim => dim ?? `${info.name}.${axis}`);
  if (given === undefined) return declared;
  const fits =
    (declared === undefined || declared.length === given.length) &&
    given.every((dim) => typeof dim === 'string' || (Number.isSafeInteger(dim) && dim >= 1));
  if (!fits) throw new InputShapeError(info.name, declared, given);
  return given;
}

/** What a conversion has made so far. */
interface Made {
  readonly opset: number;
  readonly draft: GraphDraft;
  readonly values: Map<string, Value>;
  readonly quantizations: Quantizations;
  readonly issues: UnsupportedIssue[];
  /** Nodes of graphs in attributes so far. */
  readonly inner: { nodes: number };
  readonly trainable: boolean;
}

/** Converts nodes of a graph, in their order; names of nodes without one begin with `prefix`. */
function convertNodes(nodes: readonly OnnxNode[], graph: OnnxGraph, prefix: string, made: Made): void {
  const used = new Set([
    ...nodes.flatMap((node) => [...usedBy(node)]),
    ...graph.outputs.map(({ name }) => name),
  ]);
  nodes.forEach((node, index) => {
    const label = node.name === '' ? `${prefix}${node.opType}_${index}` : node.name;
    convertNode(node, label, made, used);
  });
}

/** More nodes in graphs of attributes, as often as these run, are no network. */
const MAX_INNER_NODES = 2 ** 16;

/** Converts a graph in an attribute of a node, from the values around it; its outputs. */
function convertBranch(
  branch: OnnxGraph,
  given: readonly Value[],
  { label, op }: { readonly label: string; readonly op: string },
  made: Made,
): readonly Value[] {
  const { draft, values, quantizations, issues, trainable } = made;
  made.inner.nodes += branch.nodes.length;
  if (made.inner.nodes > MAX_INNER_NODES)
    throw new Unsupported(`its graphs unroll to more than ${MAX_INNER_NODES} nodes`);
  const graph = withNames(branch, (name) => draft.uniqueName(`${label}/${name}`));
  const reject = (reason: string) => issues.push({ node: label, op, reason });
  readConstants(graph, draft, values, quantizations, reject, trainable);
  graph.inputs.forEach(({ name }, i) => {
    const value = given[i];
    if (value) values.set(name, value);
  });
  convertNodes(sortNodes(graph, values), graph, `${label}/`, made);
  return graph.outputs.map(({ name }) => {
    const value = values.get(name);
    if (value) return value;
    throw new OnnxFormatError(
      `Not a valid ONNX model: no node provides output ${JSON.stringify(name)} of ${JSON.stringify(label)}.`,
    );
  });
}

function convertNode(node: OnnxNode, label: string, made: Made, used: ReadonlySet<string>): void {
  const { opset, draft, values, quantizations, issues, trainable } = made;
  const op = node.domain === '' ? node.opType : `${node.domain}.${node.opType}`;
  const before = issues.length;
  const reject = (reason: string) => issues.push({ node: label, op, reason });
  const operator = onnxOperator(node.opType, node.domain);
  if (operator === undefined) reject('this operation is not supported');
  else if (opset < operator.opsets[0] || opset > operator.opsets[1])
    reject(`not in operator set ${opset}, but in ${operator.opsets[0]} to ${operator.opsets[1]}`);
  else {
    const inline = (graph: OnnxGraph, given: readonly Value[]) =>
      convertBranch(graph, given, { label, op }, made);
    const context = new NodeContext(
      node,
      label,
      opset,
      draft,
      values,
      reject,
      inline,
      quantizations,
      trainable,
      used,
    );
    try {
      const refusal = quantizations.refusal(node, values);
      if (refusal !== undefined) throw new Unsupported(refusal);
      operator.convert(context);
      quantizations.carry(node, values, draft);
      for (const name of context.unasked()) reject(`attribute ${JSON.stringify(name)} is not supported`);
    } catch (error) {
      const poisoned = [...usedBy(node)].some((name) => values.get(name)?.shape === undefined);
      if (error instanceof Unsupported) {
        if (!poisoned) reject(error.message);
      } else if (error instanceof ShapeError) {
        // Behind a node that could not be converted, shapes are guesses.
        if (issues.length === 0)
          throw new ModelShapeError(`Node ${JSON.stringify(label)} (${op}): ${error.message}.`);
      } else if (!(error instanceof Poisoned)) throw error;
    }
  }
  node.outputs.forEach((name, index) => {
    if (name === '' || values.has(name)) return;
    if (issues.length === before && used.has(name) && index > 0)
      reject(`output ${index} (${JSON.stringify(name)}) is not supported`);
    values.set(name, { kind: 'secret', name, type: 'float', shape: undefined });
  });
}
