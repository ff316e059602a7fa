/** @packageDocumentation ONNX files as private networks. The graph alone, without parties, is `@tacit/onnx/graph`. */
export * from './model.js';
export * from './network.js';
