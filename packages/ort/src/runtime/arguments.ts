/** The arguments of `InferenceSession.create` and `run`, in all the forms that onnxruntime-common takes. */
import { ArgumentError } from '@tacit/errors';
import { isOrtTensor } from '../tensors/tensor-class.js';

/** What `create` was asked for. */
export interface CreateArguments {
  readonly source: string | Uint8Array;
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Reads the arguments of `create`: a path, bytes, or a part of a buffer, and options.
 * @param given as they were given
 * @returns the file and the options
 * @throws ArgumentError where it is none of these
 */
export function createArguments(given: readonly unknown[]): CreateArguments {
  const [source, ...rest] = given;
  const options = optionsOf(rest.find((value) => typeof value === 'object'));
  if (typeof source === 'string' || source instanceof Uint8Array) return { source, options };
  const shared = typeof SharedArrayBuffer !== 'undefined' && source instanceof SharedArrayBuffer;
  if (!(source instanceof ArrayBuffer) && !shared)
    throw new ArgumentError('the model is neither a path, nor a Uint8Array, nor a buffer');
  const buffer = source as ArrayBuffer;
  const [offset = 0, length = buffer.byteLength - Number(offset)] = rest.filter((v) => typeof v === 'number');
  const inside = [offset, length].every((v) => Number.isSafeInteger(v) && v >= 0);
  if (!inside || offset + length > buffer.byteLength)
    throw new ArgumentError(`${length} bytes from ${offset} on are not in a buffer of ${buffer.byteLength}`);
  return { source: new Uint8Array(buffer, offset, length), options };
}

const optionsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  (value ?? {}) as Readonly<Record<string, unknown>>;

/** What `run` was asked for. */
export interface RunArguments {
  readonly feeds: Readonly<Record<string, unknown>>;
  readonly fetches: readonly string[];
  readonly options: { readonly extra?: unknown };
}

/**
 * Reads the arguments of `run`: feeds; names of outputs, or an object with them; options.
 * @param outputNames of the session
 * @param given as they were given
 * @returns feeds, names of outputs (all of them where none are named), options
 * @throws ArgumentError where feeds or fetches are of another form
 */
export function runArguments(outputNames: readonly string[], given: readonly unknown[]): RunArguments {
  const [feeds, second, third] = given;
  if (typeof feeds !== 'object' || feeds === null || Array.isArray(feeds) || isOrtTensor(feeds))
    throw new ArgumentError('feeds are an object of tensors, by the names of inputs');
  const read = feeds as Readonly<Record<string, unknown>>;
  if (second === undefined) return { feeds: read, fetches: outputNames, options: {} };
  if (typeof second !== 'object' || second === null || isOrtTensor(second))
    throw new ArgumentError('fetches are names of outputs, or an object that has them');
  const named = Array.isArray(second)
    ? second
    : outputNames.filter((name) => {
        const value = (second as Record<string, unknown>)[name];
        return value === null || isOrtTensor(value);
      });
  if (!Array.isArray(second) && named.length === 0)
    return { feeds: read, fetches: outputNames, options: optionsOf(second) };
  const unknown = named.find((name) => !outputNames.includes(name));
  if (named.length === 0 || unknown !== undefined)
    throw new ArgumentError(
      `the outputs are ${outputNames.join(', ')}, not ${JSON.stringify(unknown ?? [])}`,
    );
  return { feeds: read, fetches: named, options: optionsOf(third) };
}
