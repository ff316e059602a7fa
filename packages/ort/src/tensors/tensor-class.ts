/**
 * `Tensor` for programs that were written against onnxruntime-common. That package exists twice in most programs, as CommonJS
 * and as ES modules, and once more in each bundle of onnxruntime-web, and a tensor of one copy is no instance of another
 * one's class. So here everything that behaves like such a tensor is an instance.
 */
import { Tensor as OrtTensor } from 'onnxruntime-common';
import type { TensorLike } from '../client.js';

/** The methods that a tensor of onnxruntime-common has, and a wrapper of one, as transformers.js has, does not. */
const METHODS = ['toDataURL', 'getData', 'reshape'] as const;

/**
 * Whether a value is a tensor of some copy of onnxruntime-common.
 * @param value any value
 * @returns true by what it can do, not by its class
 */
export function isOrtTensor(value: unknown): value is OrtTensor {
  if (typeof value !== 'object' || value === null) return false;
  const tensor = value as Readonly<Record<string, unknown>>;
  return (
    typeof tensor.type === 'string' &&
    Array.isArray(tensor.dims) &&
    METHODS.every((method) => typeof tensor[method] === 'function')
  );
}

/** onnxruntime-common's class, of which tensors of other copies are instances, too. */
export const Tensor: typeof OrtTensor = new Proxy(OrtTensor, {
  get: (target, key) => (key === Symbol.hasInstance ? isOrtTensor : Reflect.get(target, key, target)),
});
export type Tensor = OrtTensor;

/**
 * A tensor of onnxruntime-common.
 * @param tensor type, sizes and elements
 * @returns it as an instance of `Tensor`
 */
export const asTensor = ({ type, data, dims }: TensorLike): OrtTensor =>
  new OrtTensor(type as 'float32', data as Float32Array, [...dims]);
