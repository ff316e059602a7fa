/** @packageDocumentation The errors that all packages share: the base class, and those of shapes and arguments. */
export { ArgumentError, ShapeError } from './argument-errors.js';
export type { ErrorCode } from './codes.js';
export { foreignCode, TacitError } from './tacit-error.js';
