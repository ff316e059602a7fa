/**
 * `tacit/onnx`: model files as checked graphs and private networks. Apart from the main entry, because its parser costs
 * every party some time to load; `nn.fromOnnx` loads it when it is needed.
 */
export * from '@tacit/onnx';
