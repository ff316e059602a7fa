/** @packageDocumentation ONNX files as checked, folded model graphs. Knows nothing of parties. */
export * from '@tacit/graph';
export { type BuildOptions, buildGraph, checkModel, modelInputs } from './build.js';
export {
  type EncodedAttribute,
  type EncodedModel,
  type EncodedNode,
  type EncodedSlot,
  type EncodedTensor,
  encodeOnnx,
} from './encode.js';
export {
  OnnxFormatError,
  TacitError,
  type UnsupportedIssue,
  UnsupportedModelError,
  type UnsupportedReport,
} from './errors.js';
export { withExampleShapes } from './example-shapes.js';
export { externalFiles, withExternalData } from './external-data.js';
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
export {
  graphOperatorTable,
  MAX_OPSET,
  MIN_OPSET,
  type OperatorTableRow,
  operatorTable,
} from './registry.js';
