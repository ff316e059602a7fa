/** ONNX files as checked, folded model graphs that know nothing of parties or protocols. */
export { evaluateNode } from './apply.js';
export type { ConcreteArchitecture, ModelArchitecture } from './architecture.js';
export { type ArchitectureJson, architectureOf, graphFromArchitecture } from './architecture.js';
export { type BuildOptions, buildGraph, checkModel } from './build.js';
export {
  ArchitectureError,
  InputShapeError,
  ModelShapeError,
  OnnxFormatError,
  TacitError,
  type UnsupportedIssue,
  UnsupportedModelError,
  type UnsupportedReport,
} from './errors.js';
export { type EvaluateOptions, evaluatePlain } from './evaluate.js';
export type {
  ConcreteGraph,
  ConcreteNode,
  ConcreteOpName,
  Dim,
  GraphNode,
  Ints,
  ModelGraph,
  OpAttributes,
  OpAttributesMap,
  OpName,
  Pads,
  Parameter,
  ParameterSlot,
  PublicOpName,
  PublicRef,
  Shape,
  Stage,
  WindowAttributes,
} from './graph.js';
export type {
  OnnxAttribute,
  OnnxDim,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
  OnnxValueInfo,
} from './onnx-model.js';
export { parseOnnx } from './parse.js';
export type { PlainTensor } from './plain-tensor.js';
export {
  graphOperatorTable,
  MAX_OPSET,
  MIN_OPSET,
  type OperatorTableRow,
  operatorTable,
} from './registry.js';
export { specialize } from './specialize.js';
