/**
 * Where the weights of an ONNX file are in its bytes: the initializers of the top-level graph. Tensors of Constant nodes,
 * of sub-graphs and of functions are parts of the program and no weights here.
 *
 * What would leave it open where a weight is, or let two readers read different ones, is refused: two graphs in one file,
 * two initializers of one name, data in two places.
 */
import { MessageReader, OnnxFormatError, WireType } from '@tacit/onnx/protobuf';
import { WeightsError } from '../errors.js';
import {
  byteLength,
  DOUBLE_DATA,
  type ElementType,
  elementType,
  FLOAT_DATA,
  INT32_DATA,
  INT64_DATA,
  RAW_DATA,
  UINT64_DATA,
} from './element-types.js';

/** A value of a field: its place in the file. */
export interface Place {
  /** Where the value begins: at its length, where it has one. */
  readonly from: number;
  /** Where its contents begin. */
  readonly start: number;
  /** The end of both. */
  readonly end: number;
}

/** A piece of a weight's data. */
export interface Piece extends Place {
  /** Whether its entries are varints, which change their lengths with their values. */
  readonly varints: boolean;
}

/** An initializer and where it is. */
export interface Site {
  readonly name: string;
  readonly dataType: number;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** The TensorProto. */
  readonly place: Place;
  /** In file order; one for raw data, none for an empty tensor without data. */
  readonly pieces: readonly Piece[];
  /** Bytes of its elements. */
  readonly byteLength: number;
}

/** An entry of `metadata_props`, with its tag. */
export interface MetadataSite {
  readonly key: string;
  readonly value: string;
  readonly from: number;
  readonly end: number;
}

/** A node of the top-level graph, as far as it is of interest here. */
export interface NodeSite {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Bytes of the whole node, its constants with it. */
  readonly size: number;
}

/** What of a file is of interest here. */
export interface Layout {
  readonly graph: Place;
  readonly sites: readonly Site[];
  readonly metadata: readonly MetadataSite[];
}

/** Protobuf takes no messages beyond this, and ONNX keeps weights outside then. */
const LARGEST_FILE = 2 ** 31 - 1;
const MAX_RANK = 32;
const EXTERNAL = 1;
const ENTRIES = [FLOAT_DATA, INT32_DATA, INT64_DATA, DOUBLE_DATA, UINT64_DATA];

/**
 * Finds the weights of a file.
 * @param file the bytes of an ONNX file
 * @returns their places
 * @throws OnnxFormatError (`MODEL_FORMAT`) where it is not an ONNX model, cut off, damaged or ambiguous; WeightsError
 * (`WEIGHTS_EXTERNAL`) for weights in other files, (`WEIGHTS_TYPE`) for strings and for sparse or segmented tensors
 */
export function layoutOf(file: Uint8Array): Layout {
  if (file.length > LARGEST_FILE)
    throw new OnnxFormatError('Not a valid ONNX model: a file of protobuf has at most 2 GiB.');
  const reader = new MessageReader(file, 'ModelProto');
  const metadata: MetadataSite[] = [];
  let graph: Place | undefined;
  let irVersion = 0;
  for (let from = 0, field = reader.next(); field !== 0; from = reader.position, field = reader.next()) {
    if (field === 1) irVersion = reader.int();
    else if (field === 7) {
      if (graph) throw reader.error('two graphs');
      graph = placeOf(reader, 0);
    } else if (field === 14) metadata.push({ ...metadataEntry(reader.bytes()), from, end: reader.position });
    else reader.skip();
  }
  if (graph === undefined) throw new OnnxFormatError('Not a valid ONNX model: it has no graph.');
  if (irVersion < 1 || irVersion > 0xffff)
    throw new OnnxFormatError(`Not a valid ONNX model: IR version ${irVersion}.`);
  return { graph, sites: sitesIn(file, graph), metadata };
}

/** The value that a reader is at, which it passes; `base` is where the reader's message begins in the file. */
function placeOf(reader: MessageReader, base: number): Place {
  const from = base + reader.position;
  const { length } = reader.bytes();
  const end = base + reader.position;
  return { from, start: end - length, end };
}

function sitesIn(file: Uint8Array, graph: Place): Site[] {
  const reader = new MessageReader(file.subarray(graph.start, graph.end), 'GraphProto');
  const sites: Site[] = [];
  const names = new Set<string>();
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 15)
      throw new WeightsError('WEIGHTS_TYPE', 'the model has sparse weights; export it with dense ones');
    if (field !== 5) {
      reader.skip();
      continue;
    }
    const site = siteAt(file, placeOf(reader, graph.start));
    if (names.has(site.name)) throw reader.error(`two initializers ${JSON.stringify(site.name)}`);
    names.add(site.name);
    sites.push(site);
  }
  return sites;
}

function siteAt(file: Uint8Array, place: Place): Site {
  const reader = new MessageReader(file.subarray(place.start, place.end), 'TensorProto');
  const shape: number[] = [];
  const pieces: [field: number, piece: Piece][] = [];
  let name = '';
  let dataType = 0;
  let external = false;
  let segment = false;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) reader.ints(shape);
    else if (field === 2) dataType = reader.int();
    else if (field === 8) name = reader.string();
    else if (field === RAW_DATA) pieces.push([field, { ...placeOf(reader, place.start), varints: false }]);
    else if (ENTRIES.includes(field)) pieces.push([field, entriesAt(reader, field, place.start)]);
    else if (field === 14) external = reader.int() === EXTERNAL || external;
    else {
      external ||= field === 13;
      segment ||= field === 3;
      reader.skip();
    }
  }
  const label = `tensor ${JSON.stringify(name)}`;
  if (external)
    throw new WeightsError(
      'WEIGHTS_EXTERNAL',
      `the data of ${label} lies in another file (external data), so that this file cannot be locked; save the model as one file: onnx.save(onnx.load(path), one_file)`,
    );
  if (segment) throw new WeightsError('WEIGHTS_TYPE', `the ${label} is stored in segments`);
  const type = elementType(dataType, label);
  if (shape.length > MAX_RANK) throw new OnnxFormatError(`The ${label} has ${shape.length} dimensions.`);
  for (const dim of shape)
    if (!Number.isSafeInteger(dim) || dim < 0)
      throw new OnnxFormatError(`The ${label} has a dimension of ${dim}.`);
  const field = onlyField(pieces, type, label);
  if (field === RAW_DATA && pieces.length > 1)
    throw new OnnxFormatError(`Not a valid ONNX model: ${label} has its data twice.`);
  const site = { name, dataType, type, shape, place, pieces: pieces.map(([, piece]) => piece) };
  const found = { ...site, byteLength: byteLength(type, shape) };
  checkLength(file, found, label);
  return found;
}

function entriesAt(reader: MessageReader, field: number, base: number): Piece {
  const varints = field !== FLOAT_DATA && field !== DOUBLE_DATA;
  if (reader.wire === WireType.LengthDelimited) return { ...placeOf(reader, base), varints };
  const single = varints ? WireType.Varint : field === FLOAT_DATA ? WireType.Bit32 : WireType.Bit64;
  if (reader.wire !== single) throw reader.error(`field ${field} has the wrong wire type`);
  const from = base + reader.position;
  reader.skip();
  return { from, start: from, end: base + reader.position, varints };
}

/** The field in which a tensor's data is. Empty pieces of other fields are nothing. */
function onlyField(
  pieces: readonly [field: number, piece: Piece][],
  type: ElementType,
  label: string,
): number {
  const used = new Set(pieces.filter(([f, { start, end }]) => f === RAW_DATA || end > start).map(([f]) => f));
  const [field = type.field, other] = used;
  if (other !== undefined) throw new OnnxFormatError(`Not a valid ONNX model: ${label} has its data twice.`);
  if (field !== RAW_DATA && field !== type.field)
    throw new OnnxFormatError(
      `Not a valid ONNX model: ${label}, of type ${type.name}, has its data in field ${field}.`,
    );
  return field;
}

function checkLength(file: Uint8Array, { pieces, type, shape, byteLength }: Site, label: string): void {
  let held = 0;
  for (const { start, end, varints } of pieces) {
    if (!varints) held += end - start;
    else for (let i = start; i < end; i++) if (file[i] < 0x80) held += type.entryBytes;
  }
  if (held !== byteLength)
    throw new OnnxFormatError(
      `The ${label} has shape [${shape.join(', ')}], which is ${byteLength} bytes of ${type.name}, but holds ${held}.`,
    );
}

function metadataEntry(bytes: Uint8Array): { key: string; value: string } {
  const reader = new MessageReader(bytes, 'StringStringEntryProto');
  let key = '';
  let value = '';
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) key = reader.string();
    else if (field === 2) value = reader.string();
    else reader.skip();
  }
  return { key, value };
}

/**
 * The nodes of the top-level graph, in file order.
 * @param file the bytes of an ONNX file
 * @returns type, inputs, outputs and size of each
 * @throws as `layoutOf`
 */
export function nodesOf(file: Uint8Array): NodeSite[] {
  const { graph } = layoutOf(file);
  const reader = new MessageReader(file.subarray(graph.start, graph.end), 'GraphProto');
  const nodes: NodeSite[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) nodes.push(nodeOf(reader.bytes()));
    else reader.skip();
  return nodes;
}

function nodeOf(bytes: Uint8Array): NodeSite {
  const reader = new MessageReader(bytes, 'NodeProto');
  const inputs: string[] = [];
  const outputs: string[] = [];
  let op = '';
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) inputs.push(reader.string());
    else if (field === 2) outputs.push(reader.string());
    else if (field === 4) op = reader.string();
    else reader.skip();
  }
  return { op, inputs, outputs, size: bytes.length };
}
