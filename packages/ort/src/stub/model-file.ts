/**
 * What an ONNX file says of itself, read without its weights: inputs, outputs, metadata, and how much it holds that could be
 * a weight. Files of any size and with data in other files are read, which `parseOnnx` does not do.
 */
import { DATA_TYPES, MessageReader, OnnxFormatError } from '@tacit/onnx/protobuf';

/** An input or an output as the file declares it. */
export interface DeclaredSlot {
  readonly name: string;
  /** Element type as onnx.proto calls it; undefined for what is not a dense tensor. */
  readonly type: string | undefined;
  /** Sizes, names of open ones, undefined where the file says neither; undefined where not even the rank is known. */
  readonly shape: readonly (number | string | undefined)[] | undefined;
}

/** A file without its weights. */
export interface ModelFile {
  readonly name: string;
  /** Version of the standard operator set; undefined where the file uses none of it. */
  readonly opset: number | undefined;
  /** Without those that are initializers. */
  readonly inputs: readonly DeclaredSlot[];
  readonly outputs: readonly DeclaredSlot[];
  readonly metadata: ReadonlyMap<string, string>;
  /** How many numbers are in it: initializers, sparse ones, and constants of nodes; at least 1 for data in another file. */
  readonly numbers: number;
  /** Whether some of them are in another file. */
  readonly external: boolean;
}

interface Found {
  numbers: number;
  external: boolean;
}

/**
 * Reads what a file declares.
 * @param bytes the file
 * @returns its inputs, outputs and metadata, and how many numbers it holds
 * @throws OnnxFormatError (`MODEL_FORMAT`) where it is not an ONNX model, cut off or damaged
 * @example readModelFile(bytes).inputs.map(({ name }) => name);
 */
export function readModelFile(bytes: Uint8Array): ModelFile {
  const reader = new MessageReader(bytes, 'ModelProto');
  const metadata = new Map<string, string>();
  const found: Found = { numbers: 0, external: false };
  let graph: Uint8Array | undefined;
  let irVersion = 0;
  let opset: number | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) irVersion = reader.int();
    else if (field === 7) {
      if (graph) throw reader.error('two graphs');
      graph = reader.bytes();
    } else if (field === 8) {
      const { domain, version } = readOpset(reader.bytes());
      if (domain === '' || domain === 'ai.onnx') opset = version;
    } else if (field === 14) {
      const [key, value] = readEntry(reader.bytes());
      metadata.set(key, value);
    } else if (field === 25) countFunction(reader.bytes(), found);
    else reader.skip();
  }
  if (!graph) throw new OnnxFormatError('Not a valid ONNX model: it has no graph.');
  if (irVersion < 1 || irVersion > 0xffff)
    throw new OnnxFormatError(`Not a valid ONNX model: IR version ${irVersion}.`);
  return { opset, metadata, ...readGraph(graph, found), ...found };
}

function readOpset(bytes: Uint8Array): { domain: string; version: number } {
  const reader = new MessageReader(bytes, 'OperatorSetIdProto');
  let [domain, version] = ['', 0];
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) domain = reader.string();
    else if (field === 2) version = reader.int();
    else reader.skip();
  return { domain, version };
}

function readEntry(bytes: Uint8Array): [key: string, value: string] {
  const reader = new MessageReader(bytes, 'StringStringEntryProto');
  let [key, value] = ['', ''];
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) key = reader.string();
    else if (field === 2) value = reader.string();
    else reader.skip();
  return [key, value];
}

function readGraph(
  bytes: Uint8Array,
  found: Found,
): { name: string; inputs: DeclaredSlot[]; outputs: DeclaredSlot[] } {
  const reader = new MessageReader(bytes, 'GraphProto');
  const constants = new Set<string>();
  const inputs: DeclaredSlot[] = [];
  const outputs: DeclaredSlot[] = [];
  let name = '';
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 2) name = reader.string();
    else if (field === 11) inputs.push(readSlot(reader.bytes()));
    else if (field === 12) outputs.push(readSlot(reader.bytes()));
    else constants.add(countField(reader, field, found, 0));
  return { name, inputs: inputs.filter((slot) => !constants.has(slot.name)), outputs };
}

/** Beyond this a file is damaged, or meant to exhaust the stack. */
const MAX_DEPTH = 16;

/** Counts a node, an initializer or a sparse one of a graph; the name of an initializer. */
function countField(reader: MessageReader, field: number, found: Found, depth: number): string {
  if (field === 1) countNode(reader.bytes(), found, depth);
  else if (field === 5) return countTensor(reader.bytes(), found);
  else if (field === 15) {
    const sparse = new MessageReader(reader.bytes(), 'SparseTensorProto');
    let name = '';
    for (let inner = sparse.next(); inner !== 0; inner = sparse.next())
      if (inner === 1) name = countTensor(sparse.bytes(), found);
      else sparse.skip();
    return name;
  } else reader.skip();
  return '';
}

function countFunction(bytes: Uint8Array, found: Found): void {
  const reader = new MessageReader(bytes, 'FunctionProto');
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 7) countNode(reader.bytes(), found, 0);
    else reader.skip();
}

function countNode(bytes: Uint8Array, found: Found, depth: number): void {
  const reader = new MessageReader(bytes, 'NodeProto');
  if (depth > MAX_DEPTH) throw reader.error(`sub-graphs are nested more than ${MAX_DEPTH} deep`);
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 5) countAttribute(reader.bytes(), found, depth);
    else reader.skip();
}

/** Numbers in lists count from the fifth on: strides and the like are no weights. */
const SHORT_LIST = 4;

function countAttribute(bytes: Uint8Array, found: Found, depth: number): void {
  const reader = new MessageReader(bytes, 'AttributeProto');
  const floats: number[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 5 || field === 10) countTensor(reader.bytes(), found);
    else if (field === 7) reader.floats(floats);
    else if (field === 6 || field === 11) {
      const graph = new MessageReader(reader.bytes(), 'GraphProto');
      for (let inner = graph.next(); inner !== 0; inner = graph.next())
        countField(graph, inner, found, depth + 1);
    } else if (field === 22 || field === 23) {
      const sparse = new MessageReader(reader.bytes(), 'SparseTensorProto');
      for (let inner = sparse.next(); inner !== 0; inner = sparse.next())
        if (inner === 1) countTensor(sparse.bytes(), found);
        else sparse.skip();
    } else reader.skip();
  }
  if (floats.length > SHORT_LIST) found.numbers += floats.length;
}

/** Counts the numbers of a tensor by its shape, or by its bytes where those are more; its name. */
function countTensor(bytes: Uint8Array, found: Found): string {
  const reader = new MessageReader(bytes, 'TensorProto');
  const shape: number[] = [];
  let name = '';
  let external = false;
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) reader.ints(shape);
    else if (field === 8) name = reader.string();
    else if (field === 13) {
      external = true;
      reader.skip();
    } else if (field === 14) external = reader.int() === 1 || external;
    else reader.skip();
  const size = shape.reduce((product, dim) => product * dim, 1);
  found.numbers += Math.max(1, size);
  found.external ||= external;
  return name;
}

function readSlot(bytes: Uint8Array): DeclaredSlot {
  const reader = new MessageReader(bytes, 'ValueInfoProto');
  let name = '';
  let rest: Omit<DeclaredSlot, 'name'> = { type: undefined, shape: undefined };
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) name = reader.string();
    else if (field === 2) {
      const type = new MessageReader(reader.bytes(), 'TypeProto');
      for (let inner = type.next(); inner !== 0; inner = type.next())
        if (inner === 1) rest = readTensorType(type.bytes());
        else type.skip();
    } else reader.skip();
  return { name, ...rest };
}

function readTensorType(bytes: Uint8Array): Omit<DeclaredSlot, 'name'> {
  const reader = new MessageReader(bytes, 'TypeProto.Tensor');
  let type: string | undefined;
  let shape: (number | string | undefined)[] | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) type = DATA_TYPES[reader.int()];
    else if (field === 2) {
      const dims = new MessageReader(reader.bytes(), 'TensorShapeProto');
      shape = [];
      for (let inner = dims.next(); inner !== 0; inner = dims.next())
        if (inner === 1) shape.push(readDim(dims.bytes()));
        else dims.skip();
    } else reader.skip();
  return { type, shape };
}

/** Exporters write 0 or -1 where they mean an open size. */
function readDim(bytes: Uint8Array): number | string | undefined {
  const reader = new MessageReader(bytes, 'TensorShapeProto.Dimension');
  let size: number | string | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) {
      const value = reader.int();
      size = Number.isSafeInteger(value) && value > 0 ? value : undefined;
    } else if (field === 2) size = reader.string() || undefined;
    else reader.skip();
  return size;
}
