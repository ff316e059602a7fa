/** @packageDocumentation Files that every side reads and writes: NumPy arrays, whole reads, atomic writes, a package's own files. */
export { FileError, NpyFormatError } from './errors.js';
export { readWhole, requireFile, requireFolder, writeAtomically } from './files.js';
export { type PackageFiles, packageFiles, tsxApi } from './location.js';
export { encodeNpy, type NpyArray, type NpyData, type NpyDtype, npyNumbers, parseNpy } from './npy.js';
