/**
 * Files of this package that are not imported but started or read. The build joins modules, so where a module's own
 * code lies says nothing about where the others are; they are found from the root of the package.
 */

/** Sources under a loader such as tsx, or what was built from them. */
const [, root, folder] = /^(.*\/)(src|dist)\/.*?$/.exec(import.meta.url) as RegExpExecArray;

/** A file of this package, by its path from the root. */
export const packageFile = (path: string): URL => new URL(path, root);

/** A module that can be started or imported, by its path in the sources without extension. */
export const entryModule = (path: string): URL =>
  packageFile(`${folder}/${path}.${folder === 'src' ? 'ts' : 'js'}`);
