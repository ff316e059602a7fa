/** Model files by path, address or bytes, in Node.js and in browsers. */
import { ArgumentError } from '@tacit/errors';

/** A file, or where it is. */
export type FileSource = string | Uint8Array;

/** A file, unless it is larger than what is asked for. */
export interface LoadedFile {
  readonly bytes: Uint8Array | undefined;
  /** How it is called in errors. */
  readonly label: string;
}

/**
 * Reads a file.
 * @param source its bytes; in Node.js its path; or an address, which is fetched
 * @param largest in bytes; of what is larger nothing is returned
 * @returns the bytes, and a name for errors
 * @throws ArgumentError where nothing can be read there
 */
export async function loadFile(source: FileSource, largest: number): Promise<LoadedFile> {
  if (typeof source !== 'string')
    return { bytes: source.length > largest ? undefined : source, label: 'the model' };
  const label = JSON.stringify(source);
  const path = pathOf(source);
  try {
    const bytes = path === undefined ? await fetched(source, largest) : await readPath(path, largest);
    return { bytes, label };
  } catch (error) {
    throw new ArgumentError(`the model ${label} cannot be read: ${(error as Error).message}`);
  }
}

/** Modules of Node.js without an import, which bundlers for browsers would follow. */
const builtin = <T>(name: string): T | undefined =>
  (globalThis as { process?: { getBuiltinModule?: (name: string) => T } }).process?.getBuiltinModule?.(name);

function pathOf(source: string): string | undefined {
  const url = builtin<typeof import('node:url')>('node:url');
  if (!url || /^(https?|blob|data):/.test(source)) return undefined;
  return source.startsWith('file:') ? url.fileURLToPath(source) : source;
}

async function readPath(path: string, largest: number): Promise<Uint8Array | undefined> {
  const fs = builtin<typeof import('node:fs/promises')>('node:fs/promises');
  if (!fs) throw new Error('there are no files here');
  const { size } = await fs.stat(path);
  return size > largest ? undefined : new Uint8Array(await fs.readFile(path));
}

async function fetched(address: string, largest: number): Promise<Uint8Array | undefined> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`status ${response.status}`);
  const length = Number(response.headers.get('content-length') ?? 0);
  if (length > largest) {
    await response.body?.cancel();
    return undefined;
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  return bytes.length > largest ? undefined : bytes;
}
