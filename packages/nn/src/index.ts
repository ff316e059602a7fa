/** @packageDocumentation Neural network modules on secret-shared tensors. */
export * from './cost.js';
export { CostTrace, type TracedModule, type TracedPart } from './cost-trace.js';
export { countingRing } from './counting-ring.js';
export * from './cross-validation/index.js';
export { ModelExportError } from './export/export-error.js';
export {
  EXPORT_OPSET,
  type OnnxDraft,
  type OnnxNodeDraft,
  type OnnxSlot,
  type OnnxValue,
} from './export/onnx-draft.js';
export * from './fit/index.js';
export * from './graph.js';
export * as init from './init.js';
export type { Initializer } from './initial-values.js';
export * from './losses/index.js';
export * from './module.js';
export * from './modules/index.js';
export * as optim from './optim/index.js';
export * from './parameter.js';
export * from './sequential.js';
export type { State } from './state.js';
export { type LayerSummary, ModelSummary, type SummaryOptions } from './summary.js';
export * from './trainable-graph.js';
export * from './weight-scales.js';
export { type OnnxInputShapes, type WrittenModel, writeOnnx } from './write-onnx.js';
