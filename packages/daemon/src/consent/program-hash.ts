/**
 * The hash of a program: what two owners compare before their copies run together.
 *
 * It covers the program's file and, whatever file that imports by a relative name (`./…`, `../…`), these files, to the
 * end. It does not cover packages (`node:fs`, `tacit`, anything in node_modules), which are each owner's own
 * installation, nor files that the program opens when it runs. What cannot be covered is refused: imports whose name is
 * computed, and absolute ones.
 *
 * The hash of a program of one file is the SHA-256 of the file, as `sha256sum` prints it. That of several is the SHA-256
 * of a list: a first line that no module could have, then for each file its SHA-256, two spaces and its path relative to
 * the folder of the program, the program itself as `.`, in the order of the paths' bytes.
 */
import { createHash } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { dirname, extname, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { init, parse } from 'es-module-lexer';
import { ProgramHashError } from '../errors.js';

/** A program's hash, and what it covers. */
export interface ProgramHash {
  /** 64 hexadecimal digits. */
  readonly hash: string;
  /** The files that it covers, the program first as `.`, others by their path relative to its folder. */
  readonly files: readonly { readonly path: string; readonly hash: string }[];
  /** What is imported from packages, which it does not cover. */
  readonly packages: readonly string[];
}

/** No ordinary module, so that no single file has the hash of several. */
const HEAD = '@@ tacit program 1\n';
const MOST_FILES = 1000;
const MOST_BYTES = 64 * 2 ** 20;
/** Files with imports, and files without any. Of others it is not known what Node.js would make of them. */
const MODULES = new Set(['.js', '.mjs']);
const LEAVES = new Set(['.json', '.wasm']);

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/**
 * Hashes a program.
 * @param file its module
 * @returns the hash and what it covers
 * @throws ProgramHashError if a file is missing, is no module, or imports what cannot be covered
 * @example
 * const { hash } = await hashProgram('score.mjs'); // as `sha256sum score.mjs`, if it imports no files
 */
export async function hashProgram(file: string): Promise<ProgramHash> {
  await init();
  const entry = await real(file, file);
  const folder = dirname(entry);
  const named = (path: string): string =>
    path === entry ? '.' : relative(folder, path).split(sep).join('/');
  const hashes = new Map<string, string>();
  const packages = new Set<string>();
  const waiting = [entry];
  const seen = new Set(waiting);
  let total = 0;
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const bytes = await readFile(path).catch((cause: unknown) => {
      throw new ProgramHashError(`${file}: cannot read ${path}: ${codeOf(cause)}`, { cause });
    });
    total += bytes.length;
    if (seen.size > MOST_FILES || total > MOST_BYTES)
      throw new ProgramHashError(`${file} imports more than ${MOST_FILES} files or ${MOST_BYTES} bytes`);
    hashes.set(named(path), sha256(bytes));
    if (path !== entry && LEAVES.has(extname(path))) continue;
    if (!MODULES.has(extname(path)))
      throw new ProgramHashError(`${path} is no JavaScript module: programs are .mjs and .js files`);
    for (const specifier of importsOf(bytes, path)) {
      const next = await localFile(specifier, path);
      if (next === undefined) packages.add(specifier);
      else if (!seen.has(next)) {
        seen.add(next);
        waiting.push(next);
      }
    }
  }
  const files = [...hashes]
    .map(([path, hash]) => ({ path, hash }))
    .sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  const first = hashes.get('.') as string;
  const list = files.map(({ path, hash }) => `${hash}  ${path}\n`).join('');
  return {
    hash: files.length === 1 ? first : sha256(HEAD + list),
    files: [{ path: '.', hash: first }, ...files.filter(({ path }) => path !== '.')],
    packages: [...packages].sort(),
  };
}

/** The names that a module imports. */
function importsOf(bytes: Uint8Array, path: string): string[] {
  const names: string[] = [];
  let imports: ReturnType<typeof parse>[0];
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const parsed = parse(text, path);
    [imports] = parsed;
    const isModule = parsed[3];
    if (!isModule && /\brequire\b/.test(text))
      throw new ProgramHashError(
        `${path} uses require(): programs are ES modules, whose imports the hash covers`,
      );
  } catch (cause) {
    if (cause instanceof ProgramHashError) throw cause;
    throw new ProgramHashError(`${path} is not a correct module: ${(cause as Error).message}`, { cause });
  }
  for (const one of imports) {
    if (one.type === 'import-meta') continue;
    if (one.specifier === undefined || (one.type === 'dynamic' && one.glob))
      throw new ProgramHashError(
        `${path} computes what it imports (import(…) of something that is not a text): no hash covers that`,
      );
    names.push(one.specifier);
  }
  return names;
}

/** The file of a relative import; undefined for a package. */
async function localFile(specifier: string, from: string): Promise<string | undefined> {
  if (/^\.{1,2}\//.test(specifier)) {
    let path: string;
    try {
      path = fileURLToPath(new URL(specifier, pathToFileURL(from)));
    } catch (cause) {
      throw new ProgramHashError(`${from} imports '${specifier}', which is no path`, { cause });
    }
    return real(path, from);
  }
  // The text of a data: address is a part of the file; a package has no colon but node:.
  if (specifier.startsWith('data:') || specifier.startsWith('node:')) return undefined;
  if (/^[/#.]|^[a-z][a-z+.-]*:|\\/i.test(specifier))
    throw new ProgramHashError(
      `${from} imports '${specifier}': programs import files by relative names, and packages by theirs`,
    );
  return undefined;
}

async function real(path: string, from: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (cause) {
    throw new ProgramHashError(
      path === from ? `cannot read ${path}: ${codeOf(cause)}` : `${from} imports ${path}: ${codeOf(cause)}`,
      { cause },
    );
  }
}

const codeOf = (cause: unknown): string => {
  const { code } = cause as NodeJS.ErrnoException;
  return code === 'ENOENT' ? 'the file does not exist' : String(code);
};
