/** What replies in JSON must be before they are believed. Safe in browsers. */
import { HeReplyError } from './errors.js';
import type { KeyInfo, ModelInfo } from './types.js';

/** Most chunks of an upload; a service that asks for more would keep its clients busy for days. */
const CHUNKS_MOST = 65_536;
const MODELS_MOST = 10_000;

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/g;

/** Texts of a service are shown in terminals, where control characters are commands. */
export const printable = (text: string, most: number): string => text.slice(0, most).replace(CONTROLS, ' ');

const isText: Check = (value) =>
  typeof value === 'string' && value === printable(value, 1000) && value.length > 0;
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isSome: Check = (value) => isCount(value) && Number(value) > 0;
const isHash: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isListOf =
  (check: Check, most: number): Check =>
  (value) =>
    Array.isArray(value) && value.length <= most && value.every(check);

const MODEL: Readonly<Record<keyof ModelInfo, Check>> = {
  id: isText,
  name: isText,
  parametersId: isHash,
  layers: isListOf(isText, 10_000),
  inputCiphertexts: isSome,
  inputBytesMax: isSome,
  outputCiphertexts: isSome,
  outputBytesMax: isSome,
  keyBytesMax: isSome,
  imagesPerRequest: isSome,
  clientArtefactBytes: isCount,
};

const KEYS: Readonly<Record<keyof KeyInfo, Check>> = {
  id: isHash,
  state: (value) => value === 'uploading' || value === 'stored',
  bytes: isSome,
  modelId: isText,
  parametersId: isText,
  expiresAt: isText,
  chunkBytes: isSome,
  chunks: (value) => isSome(value) && Number(value) <= CHUNKS_MOST,
  received: isListOf(isCount, CHUNKS_MOST),
};

function fieldsOf(value: unknown, checks: Readonly<Record<string, Check>>, what: string): Fields {
  if (typeof value !== 'object' || value === null) throw new HeReplyError(`the reply is no ${what}`);
  const fields = value as Fields;
  for (const [name, check] of Object.entries(checks))
    if (!Object.hasOwn(fields, name) || !check(fields[name]))
      throw new HeReplyError(`the reply is no ${what}: its ${name} is impossible`);
  return fields;
}

/** @throws HeReplyError */
export function modelOf(value: unknown): ModelInfo {
  return fieldsOf(value, MODEL, 'description of a model') as unknown as ModelInfo;
}

/** @throws HeReplyError */
export function modelsOf(value: unknown): ModelInfo[] {
  const { models } = fieldsOf(
    value,
    { models: (list) => Array.isArray(list) && list.length <= MODELS_MOST },
    'list of models',
  );
  return (models as unknown[]).map(modelOf);
}

/** @throws HeReplyError */
export function keysOf(value: unknown): KeyInfo {
  const keys = fieldsOf(value, KEYS, 'state of keys') as unknown as KeyInfo;
  const { bytes, chunkBytes, chunks, received } = keys;
  const isThere = new Set(received).size === received.length && received.every((n) => n < chunks);
  if (chunks !== Math.ceil(bytes / chunkBytes) || !isThere)
    throw new HeReplyError('the reply is no state of keys: its chunks contradict each other');
  return keys;
}
