/** @packageDocumentation The base class of every error that a package of Tacit throws on purpose. */
export { TacitError } from './tacit-error.js';
