/**
 * Files of a package that are not imported but started or read. The build joins modules, so where a module's own code
 * lies says nothing about where the others are; they are found from the root of the package.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** Where the files of one package are. */
export interface PackageFiles {
  /** A file of the package, by its path from the root. */
  packageFile(path: string): URL;
  /** A module that can be imported, by its path in the sources without extension. */
  entryModule(path: string): URL;
  /** A module that a worker thread can start from, by the same path. */
  threadModule(path: string): URL;
}

/**
 * @param moduleUrl `import.meta.url` of any module of the package, in `src` (under a loader such as tsx) or `dist`
 * @returns functions that find the package's files and modules
 * @example const { entryModule } = packageFiles(import.meta.url);
 */
export function packageFiles(moduleUrl: string): PackageFiles {
  const [, root, folder] = /^(.*\/)(src|dist)\/.*?$/.exec(moduleUrl) as RegExpExecArray;
  const packageFile = (path: string) => new URL(path, root);
  const entryModule = (path: string) => packageFile(`${folder}/${path}.${folder === 'src' ? 'ts' : 'js'}`);
  const threadModule = (path: string) =>
    folder === 'src' ? underLoader(entryModule(path), moduleUrl) : entryModule(path);
  return { packageFile, entryModule, threadModule };
}

/** Sources in a thread: on Node 20 tsx registers its loader in the main thread only. */
function underLoader(module: URL, from: string): URL {
  const code = `import { register } from ${JSON.stringify(tsxApi(from))}; register(); await import(${JSON.stringify(module.href)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}

/**
 * The module of tsx with `register`.
 * @param from path or URL from which `tsx` resolves
 * @returns its URL
 */
export function tsxApi(from: string): string {
  // Its `import` condition, which `require.resolve` does not know.
  const manifestPath = createRequire(from).resolve('tsx/package.json');
  const manifest = JSON.parse(readFileSync(manifestPath, 'utf8')) as {
    exports: { './esm/api': { import: { default: string } } };
  };
  return new URL(manifest.exports['./esm/api'].import.default, pathToFileURL(manifestPath)).href;
}
