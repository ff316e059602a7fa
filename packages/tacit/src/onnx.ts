/** The namespace `onnx`: model files as checked graphs and private networks. */
export * from '@tacit/onnx';
