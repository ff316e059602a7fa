/**
 * ONNX bytes to `OnnxModel`. Field numbers are those of onnx.proto (github.com/onnx/onnx). Functions and training
 * information are passed over: a node that needs one is reported by `checkModel`.
 */
import { OnnxFormatError } from './errors.js';
import { MessageReader } from './message-reader.js';
import type {
  OnnxAttribute,
  OnnxDim,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
  OnnxValueInfo,
} from './onnx-model.js';
import { parseTensor } from './parse-tensor.js';

/**
 * Reads an ONNX file.
 * @param bytes the whole file; not kept, except that strings and numbers are copied out of it
 * @returns the file as it is, nothing checked but its form
 * @throws OnnxFormatError (`MODEL_FORMAT`) when it is not an ONNX model, cut off, damaged, or has external data
 * @example const model = parseOnnx(await readFile('model.onnx'));
 */
export function parseOnnx(bytes: Uint8Array): OnnxModel {
  const reader = new MessageReader(bytes, 'ModelProto');
  const opsets = new Map<string, number>();
  let irVersion = 0;
  let producerName = '';
  let producerVersion = '';
  let graph: OnnxGraph | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) irVersion = reader.int();
    else if (field === 2) producerName = reader.string();
    else if (field === 3) producerVersion = reader.string();
    else if (field === 7) graph = parseGraph(reader.bytes());
    else if (field === 8) {
      const [domain, version] = parseOpset(reader.bytes());
      opsets.set(domain, version);
    } else reader.skip();
  }
  if (graph === undefined) throw new OnnxFormatError('Not a valid ONNX model: it has no graph.');
  if (irVersion < 1 || irVersion > 0xffff)
    throw new OnnxFormatError(`Not a valid ONNX model: IR version ${irVersion}.`);
  if (opsets.size === 0)
    throw new OnnxFormatError('Not a valid ONNX model: it does not say which operator set it uses.');
  return { irVersion, producerName, producerVersion, opsets, graph };
}

/** 'ai.onnx' is another name of the standard domain. */
function domainName(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

function parseOpset(bytes: Uint8Array): [string, number] {
  const reader = new MessageReader(bytes, 'OperatorSetIdProto');
  let domain = '';
  let version = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) domain = reader.string();
    else if (field === 2) version = reader.int();
    else reader.skip();
  }
  return [domainName(domain), version];
}

/** Beyond this a file is damaged, or meant to exhaust the stack. */
const MAX_DEPTH = 16;

/** `depth`: how many nodes it is nested in. */
function parseGraph(bytes: Uint8Array, depth = 0): OnnxGraph {
  const reader = new MessageReader(bytes, 'GraphProto');
  if (depth > MAX_DEPTH) throw reader.error(`sub-graphs are nested more than ${MAX_DEPTH} deep`);
  const nodes: OnnxNode[] = [];
  const initializers = new Map<string, OnnxTensor>();
  const sparseInitializers: string[] = [];
  const inputs: OnnxValueInfo[] = [];
  const outputs: OnnxValueInfo[] = [];
  const valueInfo = new Map<string, OnnxValueInfo>();
  let name = '';
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) nodes.push(parseNode(reader.bytes(), depth));
    else if (field === 2) name = reader.string();
    else if (field === 5) {
      const tensor = parseTensor(reader.bytes());
      initializers.set(tensor.name, tensor);
    } else if (field === 11) inputs.push(parseValueInfo(reader.bytes()));
    else if (field === 12) outputs.push(parseValueInfo(reader.bytes()));
    else if (field === 13) {
      const info = parseValueInfo(reader.bytes());
      valueInfo.set(info.name, info);
    } else if (field === 15) sparseInitializers.push(parseSparseName(reader.bytes()));
    else reader.skip();
  }
  return { name, nodes, initializers, sparseInitializers, inputs, outputs, valueInfo };
}

/** Name of a SparseTensorProto: the name of its values tensor. */
function parseSparseName(bytes: Uint8Array): string {
  const reader = new MessageReader(bytes, 'SparseTensorProto');
  let name = '';
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) name = parseTensor(reader.bytes()).name;
    else reader.skip();
  }
  return name;
}

function parseNode(bytes: Uint8Array, depth: number): OnnxNode {
  const reader = new MessageReader(bytes, 'NodeProto');
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, OnnxAttribute>();
  let name = '';
  let opType = '';
  let domain = '';
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) inputs.push(reader.string());
    else if (field === 2) outputs.push(reader.string());
    else if (field === 3) name = reader.string();
    else if (field === 4) opType = reader.string();
    else if (field === 5) {
      const attribute = parseAttribute(reader.bytes(), depth);
      attributes.set(attribute.name, attribute);
    } else if (field === 7) domain = domainName(reader.string());
    else reader.skip();
  }
  if (opType === '')
    throw new OnnxFormatError(`Not a valid ONNX model: node ${JSON.stringify(name)} has no type.`);
  return { name, opType, domain, inputs, outputs, attributes };
}

const ATTRIBUTE_TYPES = [
  'undefined',
  'float',
  'int',
  'string',
  'tensor',
  'graph',
  'floats',
  'ints',
  'strings',
];

function parseAttribute(bytes: Uint8Array, depth: number): OnnxAttribute {
  const reader = new MessageReader(bytes, 'AttributeProto');
  const floats: number[] = [];
  const ints: number[] = [];
  const strings: string[] = [];
  let name = '';
  let float = 0;
  let int = 0;
  let text = '';
  let tensor: OnnxTensor | undefined;
  let graph: OnnxGraph | undefined;
  let type = 0;
  let seen = '';
  let reference = false;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) name = reader.string();
    else if (field === 2) [float, seen] = [reader.float(), 'float'];
    else if (field === 3) [int, seen] = [reader.int(), 'int'];
    else if (field === 4) [text, seen] = [reader.string(), 'string'];
    else if (field === 5) [tensor, seen] = [parseTensor(reader.bytes()), 'tensor'];
    else if (field === 6) [graph, seen] = [parseGraph(reader.bytes(), depth + 1), 'graph'];
    else if (field === 7) {
      reader.floats(floats);
      seen = 'floats';
    } else if (field === 8) {
      reader.ints(ints);
      seen = 'ints';
    } else if (field === 9) {
      strings.push(reader.string());
      seen = 'strings';
    } else if (field === 20) type = reader.int();
    else {
      if (field === 21) reference = true;
      reader.skip();
    }
  }
  // Files of IR version 1 have no type field: the field in use tells it.
  const kind = type === 0 ? seen : (ATTRIBUTE_TYPES[type] ?? `type ${type}`);
  if (reference) return { name, type: 'other', value: 'reference to a function attribute' };
  switch (kind) {
    case 'float':
      return { name, type: 'float', value: float };
    case 'int':
      return { name, type: 'int', value: int };
    case 'string':
      return { name, type: 'string', value: text };
    case 'floats':
      return { name, type: 'floats', value: floats };
    case 'ints':
      return { name, type: 'ints', value: ints };
    case 'strings':
      return { name, type: 'strings', value: strings };
    case 'tensor':
      if (tensor === undefined) throw reader.error(`attribute ${JSON.stringify(name)} has no tensor`);
      return { name, type: 'tensor', value: tensor };
    case 'graph':
      if (graph === undefined) throw reader.error(`attribute ${JSON.stringify(name)} has no graph`);
      return { name, type: 'graph', value: graph };
    default:
      return { name, type: 'other', value: kind };
  }
}

/** TypeProto's field numbers, apart from the dense tensor. */
const OTHER_TYPES: Readonly<Record<number, string>> = {
  4: 'sequence',
  5: 'map',
  7: 'opaque',
  8: 'sparse tensor',
  9: 'optional',
};

function parseValueInfo(bytes: Uint8Array): OnnxValueInfo {
  const reader = new MessageReader(bytes, 'ValueInfoProto');
  let name = '';
  let elementType = 0;
  let kind = 'unknown';
  let shape: OnnxDim[] | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) name = reader.string();
    else if (field === 2) {
      const type = new MessageReader(reader.bytes(), 'TypeProto');
      for (let inner = type.next(); inner !== 0; inner = type.next()) {
        if (inner === 1) {
          kind = 'tensor';
          [elementType, shape] = parseTensorType(type.bytes());
        } else {
          kind = OTHER_TYPES[inner] ?? kind;
          type.skip();
        }
      }
    } else reader.skip();
  }
  return { name, elementType, kind, shape };
}

function parseTensorType(bytes: Uint8Array): [number, OnnxDim[] | undefined] {
  const reader = new MessageReader(bytes, 'TypeProto.Tensor');
  let elementType = 0;
  let shape: OnnxDim[] | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) elementType = reader.int();
    else if (field === 2) shape = parseShape(reader.bytes());
    else reader.skip();
  }
  return [elementType, shape];
}

function parseShape(bytes: Uint8Array): OnnxDim[] {
  const reader = new MessageReader(bytes, 'TensorShapeProto');
  const shape: OnnxDim[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field !== 1) {
      reader.skip();
      continue;
    }
    const dim = new MessageReader(reader.bytes(), 'TensorShapeProto.Dimension');
    let size: OnnxDim;
    for (let inner = dim.next(); inner !== 0; inner = dim.next()) {
      if (inner === 1) {
        const value = dim.int();
        // Exporters write 0 or -1 where they mean a free size.
        size = Number.isSafeInteger(value) && value > 0 ? value : undefined;
      } else if (inner === 2) {
        const symbol = dim.string();
        if (symbol !== '') size = symbol;
      } else dim.skip();
    }
    shape.push(size);
  }
  return shape;
}
