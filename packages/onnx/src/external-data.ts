/**
 * Weights that an ONNX file keeps in files beside it ("external data" of onnx.proto), as `torch.onnx.export` does by
 * default: the same model as one file, so that nothing else here has to know of it. The format: a TensorProto with
 * `data_location` EXTERNAL (1) and `external_data`, pairs of `location`, `offset` and `length`.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { OnnxFormatError } from './errors.js';
import { MessageReader } from './message-reader.js';

/** Where messages with tensors are: kind of message, its fields, and what is in them. */
const INSIDE: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  ModelProto: { 7: 'GraphProto', 25: 'FunctionProto' },
  GraphProto: { 1: 'NodeProto', 5: 'TensorProto', 15: 'SparseTensorProto' },
  FunctionProto: { 7: 'NodeProto' },
  NodeProto: { 5: 'AttributeProto' },
  AttributeProto: {
    5: 'TensorProto',
    6: 'GraphProto',
    10: 'TensorProto',
    11: 'GraphProto',
    22: 'SparseTensorProto',
    23: 'SparseTensorProto',
  },
  SparseTensorProto: { 1: 'TensorProto', 2: 'TensorProto' },
};

/** Fields of a TensorProto. */
const RAW_DATA = 9;
const EXTERNAL_DATA = 13;
const DATA_LOCATION = 14;
const EXTERNAL = 1;

/** As deep as `parseOnnx` reads, and what lies between two graphs. */
const MOST_DEPTH = 64;

/** Tensors may share bytes, but a small file must not become a large one by that. */
const MOST_SHARING = 4;

/** A part of another file. */
interface Place {
  readonly tensor: string;
  readonly location: string;
  readonly offset: number;
  /** To the end of the file where it is not said. */
  readonly length: number | undefined;
}

/**
 * The files that a model keeps weights in.
 * @param model an ONNX file
 * @returns their names, relative to the folder of the model, each once; none for what is no ONNX file, of which `parseOnnx`
 * says what is wrong
 * @throws nothing
 * @example externalFiles(await readFile('model.onnx')); // [ 'model.onnx.data' ]
 */
export function externalFiles(model: Uint8Array): readonly string[] {
  const found = new Set<string>();
  try {
    walk(model, 'ModelProto', ({ location }) => {
      found.add(location);
      return new Uint8Array(0);
    });
  } catch (error) {
    if (!(error instanceof OnnxFormatError)) throw error;
  }
  return [...found];
}

/**
 * A model and the files beside it as one file.
 * @param model an ONNX file
 * @param files what `externalFiles` names, by name
 * @returns an ONNX file with all weights in it; the model itself where it has them already
 * @throws OnnxFormatError where a file is missing, or has not the bytes that the model says
 * @example const whole = withExternalData(model, new Map([['model.onnx.data', weights]]));
 */
export function withExternalData(model: Uint8Array, files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const most = MOST_SHARING * [...files.values()].reduce((sum, { length }) => sum + length, 0);
  let taken = 0;
  const pieces = walk(model, 'ModelProto', ({ tensor, location, offset, length }) => {
    const label = `The tensor ${JSON.stringify(tensor)}`;
    const file = files.get(location);
    if (file === undefined)
      throw new OnnxFormatError(`${label} lies in the file ${JSON.stringify(location)}, which is missing.`);
    const end = length === undefined ? file.length : offset + length;
    if (!(offset <= end && end <= file.length))
      throw new OnnxFormatError(
        `${label} is said to be bytes ${offset} to ${end} of ${JSON.stringify(location)}, which has ${file.length}.`,
      );
    taken += end - offset;
    if (taken > most)
      throw new OnnxFormatError(`${label} and those before it share more bytes of files than weights do.`);
    return file.subarray(offset, end);
  });
  return pieces === undefined ? model : joined(pieces);
}

function joined(pieces: Pieces): Uint8Array {
  const whole = new Uint8Array(pieces.length);
  let at = 0;
  for (const piece of pieces.parts) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Bytes of a message, not yet in one array. */
interface Pieces {
  readonly parts: readonly Uint8Array[];
  readonly length: number;
}

type Read = (place: Place) => Uint8Array;

/** The message with external data in it; undefined where it stays as it is. */
function walk(bytes: Uint8Array, kind: string, read: Read, depth = 0): Pieces | undefined {
  const reader = new MessageReader(bytes, kind);
  if (depth > MOST_DEPTH) throw reader.error('messages are nested too deep');
  if (kind === 'TensorProto') return tensorWith(bytes, reader, read);
  const inside = INSIDE[kind];
  const parts: Uint8Array[] = [];
  let kept = 0;
  for (let field = reader.next(), start = 0; field !== 0; start = reader.position, field = reader.next()) {
    const inner = inside[field];
    if (inner === undefined || reader.wire !== WireType.LengthDelimited) {
      reader.skip();
      continue;
    }
    const changed = walk(reader.bytes(), inner, read, depth + 1);
    if (changed === undefined) continue;
    parts.push(bytes.subarray(kept, start), head(field, changed.length), ...changed.parts);
    kept = reader.position;
  }
  if (parts.length === 0) return undefined;
  parts.push(bytes.subarray(kept));
  return pieces(parts);
}

function tensorWith(bytes: Uint8Array, reader: MessageReader, read: Read): Pieces | undefined {
  const parts: Uint8Array[] = [];
  const entries = new Map<string, string>();
  let tensor = '';
  let external = false;
  for (let field = reader.next(), start = 0; field !== 0; start = reader.position, field = reader.next()) {
    if (field === EXTERNAL_DATA) {
      const [key, value] = entryOf(reader.bytes());
      entries.set(key, value);
      continue;
    }
    if (field === DATA_LOCATION) {
      external = reader.int() === EXTERNAL;
      continue;
    }
    if (field === 8) tensor = reader.string();
    else reader.skip();
    // What is in the file beside it stands in place of this.
    if (field !== RAW_DATA) parts.push(bytes.subarray(start, reader.position));
  }
  if (!external) return undefined;
  const location = entries.get('location');
  if (!location) throw reader.error(`the tensor ${JSON.stringify(tensor)} does not say in which file it is`);
  const data = read({
    tensor,
    location,
    offset: wholeNumber(reader, entries.get('offset') ?? '0'),
    length: entries.has('length') ? wholeNumber(reader, entries.get('length') ?? '') : undefined,
  });
  parts.push(head(RAW_DATA, data.length), data);
  return pieces(parts);
}

function entryOf(bytes: Uint8Array): readonly [string, string] {
  const reader = new MessageReader(bytes, 'StringStringEntryProto');
  let [key, value] = ['', ''];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) key = reader.string();
    else if (field === 2) value = reader.string();
    else reader.skip();
  }
  return [key, value];
}

function wholeNumber(reader: MessageReader, text: string): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw reader.error(`${JSON.stringify(text.slice(0, 40))} is not a place in a file`);
}

const head = (field: number, length: number): Uint8Array =>
  new BinaryWriter().tag(field, WireType.LengthDelimited).uint32(length).finish();

const pieces = (parts: readonly Uint8Array[]): Pieces => ({
  parts,
  length: parts.reduce((sum, { length }) => sum + length, 0),
});
