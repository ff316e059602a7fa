/** The state of a module or an optimiser as tensors by name. */
import { ArgumentError } from '@tacit/errors';
import { CrypTensor, type Plain, type PlainInput, toPlain } from '@tacit/tensor';
import type { Parameter } from './parameter.js';

/** Tensors by name: secret ones, or values in the clear. */
export type NamedValues = Readonly<Record<string, CrypTensor | Plain | PlainInput>>;

/** Tensors by name. What `loadShares` gives is typed as a tensor, too, since only the file says what it is of. */
export type State = NamedValues | CrypTensor;

/**
 * Gives parameters other values, all of them or none.
 * @param known parameters by name
 * @param state tensors for exactly these names
 * @throws ArgumentError where names are missing or unknown, shapes differ, or a tensor is of another session
 */
export function loadState(known: ReadonlyMap<string, Parameter>, state: State): void {
  if (typeof state !== 'object' || state === null || state instanceof CrypTensor || Array.isArray(state))
    throw new ArgumentError("loadState takes what a model's stateDict() gave, tensors by name");
  const missing = [...known.keys()].filter((name) => !Object.hasOwn(state, name));
  const unknown = Object.keys(state).filter((name) => !known.has(name));
  if (missing.length + unknown.length > 0)
    throw new ArgumentError(
      `the state is that of another model:${missing.length > 0 ? ` without ${missing.join(', ')}` : ''}${
        unknown.length > 0 ? ` with ${unknown.join(', ')}` : ''
      }`,
    );
  const values = Array.from(known, ([name, parameter]) => {
    const value = read(state[name], parameter);
    if (String(value.shape) !== String(parameter.shape))
      throw new ArgumentError(`'${name}' has the shape [${parameter.shape}], not [${value.shape}]`);
    if (value instanceof CrypTensor && parameter.encrypted && value.context !== parameter.operand.context)
      throw new ArgumentError(`'${name}' is given a tensor of another party or session`);
    return [parameter, value] as const;
  });
  for (const [parameter, value] of values) parameter.assign(value);
}

function read(value: NamedValues[string], { shape }: Parameter): CrypTensor | Plain {
  if (value instanceof CrypTensor) return value;
  if (typeof value === 'object' && 'shape' in value && 'data' in value)
    return toPlain({ dims: value.shape, data: value.data });
  // Typed arrays have no shape of their own.
  return toPlain(value, ArrayBuffer.isView(value) ? shape : undefined);
}
