/**
 * Results on their way out of a party: whatever structured cloning carries, plus onnxruntime-common's Tensor, which
 * cloning would turn into a plain object. Anything else (functions, class instances, CrypTensor) is an error that names
 * the place in the result, instead of an object without its methods.
 */
import { isEncryptedTensor } from '@tacit/tensor';
import type { Tensor } from 'onnxruntime-common';
import { ResultTransferError } from './errors.js';

/** Stands for a Tensor; no result would have this key by chance. */
const TENSOR = '@tacit/tensor';
interface EncodedTensor {
  readonly [TENSOR]: { readonly type: string; readonly dims: readonly number[]; readonly data: unknown };
}

/**
 * A result as it travels.
 * @param value what a program returned
 * @returns something that can be cloned
 * @throws ResultTransferError, naming where in the result
 */
export function encodeResult(value: unknown): unknown {
  return walk(value, 'the result', new Map());
}

function walk(value: unknown, path: string, seen: Map<object, unknown>): unknown {
  if (typeof value === 'function' || typeof value === 'symbol')
    throw new ResultTransferError(path, `a ${typeof value}`);
  if (typeof value !== 'object' || value === null) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  if (isEncryptedTensor(value))
    throw new ResultTransferError(path, 'a CrypTensor (return what getPlainText() or reveal() gives)');
  if (isTensor(value)) return { [TENSOR]: { type: value.type, dims: [...value.dims], data: value.data } };
  if (Array.isArray(value)) {
    const out: unknown[] = [];
    seen.set(value, out);
    for (const [i, element] of value.entries()) out.push(walk(element, `${path}[${i}]`, seen));
    return out;
  }
  if (value instanceof Map) {
    const out = new Map<unknown, unknown>();
    seen.set(value, out);
    for (const [k, v] of value)
      out.set(walk(k, `a key of ${path}`, seen), walk(v, `${path}.get(${String(k)})`, seen));
    return out;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    const out: Record<string, unknown> = {};
    seen.set(value, out);
    for (const [key, v] of Object.entries(value)) out[key] = walk(v, `${path}.${key}`, seen);
    return out;
  }
  const cloneable =
    ArrayBuffer.isView(value) ||
    [ArrayBuffer, Set, Date, RegExp, Error, Boolean, Number, String, BigInt].some(
      (type) => value instanceof type,
    );
  if (!cloneable)
    throw new ResultTransferError(path, `an instance of ${prototype.constructor?.name ?? 'a class'}`);
  return value;
}

/** By its form, so that nothing needs to load the library where no tensor is returned. */
function isTensor(value: object): value is Tensor {
  return value.constructor?.name === 'Tensor' && 'dims' in value && 'type' in value && 'data' in value;
}

/**
 * The other way; loads onnxruntime-common only if a tensor is in the result.
 * @param value of `encodeResult`, cloned
 * @returns what the program returned
 */
export async function decodeResult(value: unknown): Promise<unknown> {
  const state: { make?: (t: EncodedTensor[typeof TENSOR]) => unknown } = {};
  if (hasTensor(value, new Set())) {
    const { Tensor } = await import('onnxruntime-common');
    // The general constructor: type and data were a valid pair in the party.
    const Make = Tensor as unknown as new (type: string, data: unknown, dims: readonly number[]) => Tensor;
    state.make = ({ type, data, dims }) => new Make(type, data, dims);
  }
  return restore(value, state.make, new Map());
}

const isEncodedTensor = (value: object): value is EncodedTensor => TENSOR in value;

function children(value: object): unknown[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Map) return [...value.keys(), ...value.values()];
  return Object.getPrototypeOf(value) === Object.prototype ? Object.values(value) : [];
}

function hasTensor(value: unknown, seen: Set<object>): boolean {
  if (typeof value !== 'object' || value === null || seen.has(value)) return false;
  seen.add(value);
  return isEncodedTensor(value) || children(value).some((child) => hasTensor(child, seen));
}

function restore(
  value: unknown,
  make: ((t: EncodedTensor[typeof TENSOR]) => unknown) | undefined,
  seen: Map<object, unknown>,
): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  if (make && isEncodedTensor(value)) {
    const tensor = make(value[TENSOR]);
    seen.set(value, tensor);
    return tensor;
  }
  // Containers are fresh copies of this process, so they are changed in place. A Map is rebuilt in its order.
  seen.set(value, value);
  if (Array.isArray(value)) for (const [i, v] of value.entries()) value[i] = restore(v, make, seen);
  else if (value instanceof Map) {
    const entries = [...value];
    value.clear();
    for (const [k, v] of entries) value.set(restore(k, make, seen), restore(v, make, seen));
  } else if (Object.getPrototypeOf(value) === Object.prototype) {
    const record = value as Record<string, unknown>;
    for (const [key, v] of Object.entries(record)) record[key] = restore(v, make, seen);
  }
  return value;
}
