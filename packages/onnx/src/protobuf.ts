/** @packageDocumentation The fields of an ONNX file as they are written, for what changes a file without reading its meaning. */
export { WireType } from '@bufbuild/protobuf/wire';
export { OnnxFormatError } from './errors.js';
export { MessageReader } from './message-reader.js';
export { DATA_TYPES } from './onnx-model.js';
