/** @packageDocumentation Files that every side reads and writes: NumPy arrays, whole reads, atomic writes, a package's own files. */
export { cellNumber, encodeCsv, parseTable, type Table } from './csv.js';
export { ArrayFileError, FileError, NpyFormatError, SharesFormatError } from './errors.js';
export {
  readWhole,
  requireFile,
  requireFolder,
  type StagedFile,
  stageFile,
  systemReason,
  writeAtomically,
} from './files.js';
export { fromBfloat16, fromFloat16 } from './half.js';
export { type PackageFiles, packageFiles, tsxApi } from './location.js';
export { encodeNpy, type NpyArray, type NpyData, type NpyDtype, npyNumbers, parseNpy } from './npy.js';
export { readNumbers, writeNumbers } from './number-files.js';
export type { Numbers } from './numbers.js';
export {
  encodeShares,
  parseShares,
  type SharesEntry,
  type SharesFile,
  type SharesHeader,
  type SharesPart,
  type SharesRecord,
} from './shares-file.js';
export {
  encodeNpz,
  encodeSafetensors,
  type NamedNumbers,
  WEIGHTS_ENDINGS,
  writeWeights,
} from './weights-files.js';
export { yamlTooDeepAt } from './yaml-depth.js';
