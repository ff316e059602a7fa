/** A folder as transformers.js loads it, with a stub in place of the model. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ArgumentError } from '@tacit/errors';
import { FileError, readWhole, stageFile } from '@tacit/files';
import { publicConfig } from '../transformers-config.js';

/** Files beside a model that hold no weights: settings, vocabularies, merges, templates. */
const PUBLIC = /\.(json|txt|jinja)$/;

/**
 * Writes a folder from the one that a model is in: `config.json`, the files of its tokenizer and its processor, and the stub
 * as `onnx/model.onnx`. `config.json` says that it is to be run in single precision on whatever there is.
 * @param model path of the model: in the folder itself, or in its folder `onnx`
 * @param folder where to
 * @param stub bytes of the stub
 * @param options whether files that are there may be replaced; permissions of the stub
 * @returns paths of the files that were written
 * @throws ArgumentError where there is no `config.json` beside the model, or the folders are the same; FileError
 */
export async function publishFolder(
  model: string,
  folder: string,
  stub: Uint8Array,
  { force, mode }: { readonly force: boolean; readonly mode?: number | undefined },
): Promise<string[]> {
  const own = dirname(resolve(model));
  const from = basename(own) === 'onnx' ? dirname(own) : own;
  const to = resolve(folder);
  if (to === from) throw new ArgumentError(`${folder} is the folder of the model: publish another one`);
  if (!existsSync(join(from, 'config.json')))
    throw new ArgumentError(`there is no config.json in ${from}, as transformers.js needs it`);
  const names = readdirSync(from, { withFileTypes: true })
    .filter((entry) => entry.isFile() && PUBLIC.test(entry.name))
    .map(({ name }) => name);
  const contents = new Map<string, Uint8Array>();
  for (const name of names) contents.set(join(to, name), await readWhole(join(from, name)));
  const config = contents.get(join(to, 'config.json')) ?? new Uint8Array();
  contents.set(join(to, 'config.json'), withPublicConfig(config, join(from, 'config.json')));
  contents.set(join(to, 'onnx', 'model.onnx'), stub);
  for (const path of contents.keys())
    if (!force && existsSync(path))
      throw new FileError('FILE_NOT_WRITABLE', path, `${path} is there already; --force replaces it`);
  mkdirSync(join(to, 'onnx'), { recursive: true });
  for (const [path, bytes] of contents)
    stageFile(path, bytes, { exclusive: !force, ...(bytes === stub && { mode }) }).commit();
  return [...contents.keys()].map((path) => join(folder, path.slice(to.length + 1)));
}

function withPublicConfig(bytes: Uint8Array, path: string): Uint8Array {
  let config: unknown;
  try {
    config = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new ArgumentError(`${path} is not JSON: ${(error as Error).message}`);
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw new ArgumentError(`${path} is not an object`);
  return new TextEncoder().encode(`${JSON.stringify(publicConfig(config), null, 2)}\n`);
}
