/**
 * What is saved beside tensors: states of models, optimisers and schedules, and public values. A state is taken apart into
 * tensors, which are entries of the file, and JSON, which is in its header; loading puts them together.
 */
import { ArgumentError } from '@tacit/errors';
import { SharesFormatError, type SharesRecord } from '@tacit/files';
import { CrypTensor, OwnedTensor, type Party } from '@tacit/tensor';

/** A model, an optimiser, a schedule: what can tell its state. */
export interface Stateful {
  stateDict(): object;
}

/** A value that every party knows. */
export type PublicValue =
  | number
  | string
  | boolean
  | null
  | readonly PublicValue[]
  | { readonly [key: string]: PublicValue };

/** What can be saved. */
export type Savable = CrypTensor | Stateful | PublicValue;

/** A tensor that becomes an entry of a file. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: CrypTensor;
  /** Whether it is kept with all of its fraction bits. */
  readonly whole: boolean;
}

const isStateful = (x: unknown): x is Stateful =>
  typeof x === 'object' && x !== null && 'stateDict' in x && typeof x.stateDict === 'function';

/**
 * Takes apart what is to be saved.
 * @param party this party
 * @param values what is to be saved, by name
 * @returns tensors, and records of everything else
 * @throws ArgumentError for what cannot be saved
 */
export function taken(
  party: Party,
  values: Readonly<Record<string, Savable>>,
): { named: NamedTensor[]; records: Record<string, SharesRecord> } {
  const names = new Set(Object.keys(values));
  const named: NamedTensor[] = [];
  const records: [string, SharesRecord][] = [];
  for (const [name, value] of Object.entries(values)) {
    if (value instanceof CrypTensor) {
      named.push({ name, tensor: ownTensor(party, name, value), whole: false });
      continue;
    }
    const tensors: { path: string[]; entry: string }[] = [];
    const json = jsonOf(isStateful(value) ? value.stateDict() : value, [name], (tensor, [, ...path]) => {
      let entry = [name, ...path].join('/');
      while (names.has(entry)) entry += '*';
      names.add(entry);
      named.push({ name: entry, tensor: ownTensor(party, entry, tensor), whole: true });
      tensors.push({ path, entry });
    });
    records.push([name, { json, tensors }]);
  }
  return { named, records: Object.fromEntries(records) };
}

function ownTensor(party: Party, name: string, tensor: CrypTensor): CrypTensor {
  if (tensor.context !== party.context)
    throw new ArgumentError(`saveShares: '${name}' is a tensor of another party or session`);
  return tensor;
}

/** A value as JSON, null in place of its tensors. */
function jsonOf(
  value: unknown,
  path: readonly string[],
  found: (tensor: CrypTensor, path: readonly string[]) => void,
): unknown {
  const fail = (why: string): never => {
    throw new ArgumentError(`saveShares: '${path.join('/')}' ${why}`);
  };
  if (value instanceof CrypTensor) {
    found(value, path);
    return null;
  }
  if (value instanceof OwnedTensor)
    return fail(
      "is kept by its owner, and only what is shared is saved: encrypt the model with mode 'shared'",
    );
  if (ArrayBuffer.isView(value)) return fail('is in the clear: encrypt a model before it is saved');
  if (typeof value === 'number' && !Number.isFinite(value)) return fail(`is ${value}`);
  if (value === null || ['number', 'string', 'boolean'].includes(typeof value)) return value;
  if (Array.isArray(value)) return value.map((v, i) => jsonOf(v, [...path, String(i)], found));
  if (typeof value !== 'object')
    return fail(`is ${typeof value}, and not a tensor, a model, or a public value`);
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    return fail('is not a tensor, a model, an optimiser, or a public value');
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, jsonOf(v, [...path, key], found)]));
}

/**
 * Puts together what was saved.
 * @param tensors of all entries, by their names
 * @param records everything else
 * @returns what was saved, by name
 * @throws SharesFormatError where a tensor has no place in its record
 */
export function given(
  tensors: Map<string, CrypTensor>,
  records: Readonly<Record<string, SharesRecord>>,
): Record<string, unknown> {
  const states = Object.entries(records).map(([name, { json, tensors: places }]) => {
    const whole = { json };
    for (const { path, entry } of places) {
      let holder: Record<string, unknown> = whole;
      let key = 'json';
      for (const next of path) {
        const inner = holder[key];
        if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, next))
          throw new SharesFormatError(`the header has no place for '${entry}'`);
        holder = inner as Record<string, unknown>;
        key = next;
      }
      holder[key] = tensors.get(entry);
      tensors.delete(entry);
    }
    return [name, whole.json];
  });
  return Object.fromEntries([...tensors, ...states]);
}
