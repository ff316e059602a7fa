/**
 * Loads Microsoft SEAL 4.1 compiled to WebAssembly (node-seal 6.0.3). No other file imports it.
 *
 * `#seal` (package.json, "imports") is the build for Node or for browsers and their workers. Both are the variant that
 * allows transparent ciphertexts: a product with zero is a zero, not an exception. The other variant protects nobody
 * here, and its exceptions leak stack (see `NativeCalls`).
 */
import type { HeLibrary } from './library.js';
import { SealLibrary } from './seal-library.js';
import type { Seal } from './seal-module.js';

let loaded: Promise<HeLibrary> | undefined;

/**
 * The library, compiled on the first call (about 40 ms) and shared by everything in this thread.
 *
 * In a page with a content security policy it needs 'wasm-unsafe-eval' and 'unsafe-eval' for scripts.
 */
export function loadHeLibrary(): Promise<HeLibrary> {
  loaded ??= load().catch((cause) => {
    loaded = undefined;
    throw cause;
  });
  return loaded;
}

async function load(): Promise<HeLibrary> {
  const module: unknown = await import('#seal');
  return new SealLibrary(await factoryOf(module)());
}

/** The function of a CommonJS module, an ES module, or either inside the other, as loaders and bundlers make them. */
function factoryOf(module: unknown): () => Promise<Seal> {
  let found = module;
  while (typeof found === 'object' && found !== null && 'default' in found) found = found.default;
  if (typeof found !== 'function') throw new TypeError('the module of SEAL exports no function');
  return found as () => Promise<Seal>;
}
