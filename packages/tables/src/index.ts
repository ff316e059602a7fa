/** @packageDocumentation Tables of several parties: private record linkage, and statistics of secret columns. */
export { LinkKeyError, LinkPlacementError } from './linkage/errors.js';
export type { Key, KeyKind, KeyPart } from './linkage/keys.js';
export { type LinkOptions, type LinkTables, linkTables } from './linkage/link-tables.js';
export { LinkedColumns, LinkedTable } from './linkage/linked-table.js';
export type { LinkTable } from './linkage/table.js';
export * from './statistics.js';
