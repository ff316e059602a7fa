/**
 * Nodes at the beginning of an ONNX file, and out of it again, by the fields of the file: everything else, known or not,
 * stays as it is written.
 */
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { MessageReader, WireType } from '@tacit/onnx/protobuf';

/** A field of a message: its number, its bytes with the tag, and what it holds where that has a length. */
interface Field {
  readonly number: number;
  readonly whole: Uint8Array;
  readonly contents?: Uint8Array;
}

/** Numbers of fields in onnx.proto. */
const MODEL = { graph: 7, metadata: 14 } as const;
const GRAPH = { node: 1, output: 12 } as const;
const NODE = { input: 1, output: 2, name: 3, attribute: 5 } as const;
const ATTRIBUTE = { graph: 6, graphs: 11 } as const;

/** What is to change. */
export interface Rewiring {
  /** Nodes whose names begin so are taken out. */
  readonly prefix: string;
  /** Nodes, in the form of the file, to put in front of all others. */
  readonly nodes: readonly Uint8Array[];
  /** New names of values, for the nodes that read them. */
  readonly renamed: ReadonlyMap<string, string>;
  /** An entry of `metadata_props`, which takes the place of those of its key; undefined removes them. */
  readonly metadata: { readonly key: string; readonly value: string | undefined };
}

/**
 * A file with other nodes in front.
 * @param file an ONNX file
 * @param rewiring what is to change
 * @returns the new file
 * @throws OnnxFormatError where the fields of the file are damaged
 */
export function rewired(file: Uint8Array, { prefix, nodes, renamed, metadata }: Rewiring): Uint8Array {
  const writer = new BinaryWriter();
  for (const field of fieldsOf(file, 'ModelProto')) {
    const { number, contents } = field;
    if (number === MODEL.graph && contents) put(writer, number, graph(contents, prefix, nodes, renamed));
    else if (number !== MODEL.metadata || !contents || textAt(contents, 1) !== metadata.key)
      writer.raw(field.whole);
  }
  if (metadata.value !== undefined) {
    const entry = new BinaryWriter();
    entry.tag(1, WireType.LengthDelimited).string(metadata.key);
    entry.tag(2, WireType.LengthDelimited).string(metadata.value);
    put(writer, MODEL.metadata, entry.finish());
  }
  return writer.finish();
}

/**
 * The nodes of a file's graph.
 * @param file an ONNX file
 * @returns each in the form of the file
 */
export function nodesOf(file: Uint8Array): readonly Uint8Array[] {
  return graphFields(file).flatMap(({ number, contents }) =>
    number === GRAPH.node && contents ? [contents] : [],
  );
}

/**
 * An entry of `metadata_props`.
 * @param file an ONNX file
 * @param key of the entry
 * @returns its value; of several the last
 */
export function metadataOf(file: Uint8Array, key: string): string | undefined {
  return fieldsOf(file, 'ModelProto')
    .filter(({ number, contents }) => number === MODEL.metadata && contents && textAt(contents, 1) === key)
    .map(({ contents }) => (contents ? textAt(contents, 2) : ''))
    .at(-1);
}

/**
 * Names of what a file's graph gives.
 * @param file an ONNX file
 * @returns the names of the outputs
 */
export const outputNames = (file: Uint8Array): readonly string[] =>
  graphFields(file).flatMap(({ number, contents }) =>
    number === GRAPH.output && contents ? [textAt(contents, 1)] : [],
  );

const graphFields = (file: Uint8Array): readonly Field[] =>
  fieldsOf(file, 'ModelProto').flatMap(({ number, contents }) =>
    number === MODEL.graph && contents ? fieldsOf(contents, 'GraphProto') : [],
  );

function fieldsOf(message: Uint8Array, where: string): Field[] {
  const reader = new MessageReader(message, where);
  const fields: Field[] = [];
  for (let from = 0, number = reader.next(); number !== 0; from = reader.position, number = reader.next()) {
    const contents = reader.wire === WireType.LengthDelimited ? reader.bytes() : undefined;
    if (!contents) reader.skip();
    fields.push({ number, whole: message.subarray(from, reader.position), contents });
  }
  return fields;
}

const textAt = (message: Uint8Array, number: number): string =>
  fieldsOf(message, 'entry')
    .filter((field) => field.number === number && field.contents)
    .map(({ contents }) => new TextDecoder().decode(contents))
    .at(-1) ?? '';

const put = (writer: BinaryWriter, number: number, contents: Uint8Array): BinaryWriter =>
  writer.tag(number, WireType.LengthDelimited).bytes(contents);

function graph(
  contents: Uint8Array,
  prefix: string,
  nodes: readonly Uint8Array[],
  renamed: ReadonlyMap<string, string>,
): Uint8Array {
  const writer = new BinaryWriter();
  for (const node of nodes) put(writer, GRAPH.node, node);
  for (const field of fieldsOf(contents, 'GraphProto'))
    if (field.number !== GRAPH.node || !field.contents) writer.raw(field.whole);
    else if (!textAt(field.contents, NODE.name).startsWith(prefix))
      put(writer, GRAPH.node, node(field.contents, renamed));
  return writer.finish();
}

/** A node that reads values under their new names, in its sub-graphs too. */
function node(contents: Uint8Array, renamed: ReadonlyMap<string, string>): Uint8Array {
  const writer = new BinaryWriter();
  for (const field of fieldsOf(contents, 'NodeProto')) {
    const { number, contents: inside } = field;
    if (number === NODE.input && inside) {
      const name = new TextDecoder().decode(inside);
      writer.tag(number, WireType.LengthDelimited).string(renamed.get(name) ?? name);
    } else if (number === NODE.attribute && inside) put(writer, number, attribute(inside, renamed));
    else writer.raw(field.whole);
  }
  return writer.finish();
}

function attribute(contents: Uint8Array, renamed: ReadonlyMap<string, string>): Uint8Array {
  const writer = new BinaryWriter();
  for (const { number, whole, contents: inside } of fieldsOf(contents, 'AttributeProto'))
    if ((number === ATTRIBUTE.graph || number === ATTRIBUTE.graphs) && inside)
      put(writer, number, graph(inside, '\0', [], renamed));
    else writer.raw(whole);
  return writer.finish();
}
