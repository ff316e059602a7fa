/** In place of onnxruntime-common in the worker, which makes no tensors of it. */
export class Tensor {
  constructor() {
    throw new Error('the worker makes no tensors of onnxruntime');
  }
}
