/**
 * Changes weights in an ONNX file and nothing else: order and spelling of all other fields, and fields that are not known
 * here, stay bit for bit. Where lengths do not change the file is patched in place; where integers are stored as varints
 * of other lengths, the lengths of what encloses them are written anew.
 */
import { WeightsError } from '../errors.js';
import { type Layout, layoutOf, type Piece, type Place, type Site } from './layout.js';
import { bytesAt } from './read.js';
import { encodeVarints, varint } from './varints.js';

/** What else to change. */
export interface WriteOptions {
  /** Entries of `metadata_props` to set at the end of the file, or to remove (undefined). */
  readonly metadata?: Readonly<Record<string, string | undefined>>;
}

/** A part of the file and what takes its place. */
interface Edit {
  readonly from: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/**
 * A file in which only some weights have other bytes.
 * @param file the bytes of an ONNX file; not changed
 * @param replacements bytes by name of the weight, as many as it has, as `readWeights` gives them
 * @param options metadata to change with them
 * @returns the new file. Changing weights back gives the same file bit for bit, except that integers stored as varints are
 * written as short as they can be
 * @throws as readWeights; WeightsError (`WEIGHTS_REPLACEMENT`) for a name that is not there or another number of bytes
 * @example const locked = writeWeights(file, new Map([['fc1.weight', bytes]]));
 */
export function writeWeights(
  file: Uint8Array,
  replacements: ReadonlyMap<string, Uint8Array>,
  options: WriteOptions = {},
): Uint8Array {
  const layout = layoutOf(file);
  const sites = new Map(layout.sites.map((site) => [site.name, site]));
  const edits: Edit[] = [];
  let grown = 0;
  for (const [name, bytes] of replacements) {
    const site = sites.get(name);
    if (!site)
      throw new WeightsError('WEIGHTS_REPLACEMENT', `the model has no weight ${JSON.stringify(name)}`);
    if (bytes.length !== site.byteLength)
      throw new WeightsError(
        'WEIGHTS_REPLACEMENT',
        `${JSON.stringify(name)} has ${site.byteLength} bytes, not ${bytes.length}`,
      );
    const inside = pieceEdits(file, site, bytes);
    const difference = growth(inside);
    edits.push(...inside);
    if (difference !== 0) edits.push(lengthEdit(site.place, difference));
    grown += difference + (difference === 0 ? 0 : growth([lengthEdit(site.place, difference)]));
  }
  if (grown !== 0) edits.push(lengthEdit(layout.graph, grown));
  edits.push(...metadataEdits(file, layout, options.metadata ?? {}));
  return edited(file, edits);
}

const growth = (edits: readonly Edit[]): number =>
  edits.reduce((sum, { from, end, bytes }) => sum + bytes.length - (end - from), 0);

/** The length in front of what a place holds. */
function lengthEdit({ from, start, end }: Place, difference: number): Edit {
  return { from, end: start, bytes: varint(end - start + difference) };
}

function pieceEdits(file: Uint8Array, site: Site, bytes: Uint8Array): Edit[] {
  const before = bytesAt(file, site);
  const edits: Edit[] = [];
  let at = 0;
  for (const piece of site.pieces) {
    const length = heldBy(file, piece, site);
    const part = bytes.subarray(at, at + length);
    // What does not change keeps its spelling.
    if (!equal(part, before.subarray(at, at + length))) edits.push(pieceEdit(piece, part, site));
    at += length;
  }
  return edits;
}

function heldBy(file: Uint8Array, { start, end, varints }: Piece, { type }: Site): number {
  if (!varints) return end - start;
  let count = 0;
  for (let i = start; i < end; i++) if (file[i] < 0x80) count++;
  return count * type.entryBytes;
}

function pieceEdit({ from, start, end, varints }: Piece, part: Uint8Array, { type }: Site): Edit {
  if (!varints) return { from: start, end, bytes: part };
  const entries = encodeVarints(part, type.entryBytes, type.signed);
  if (from === start || entries.length === end - start) return { from: start, end, bytes: entries };
  const length = varint(entries.length);
  const bytes = new Uint8Array(length.length + entries.length);
  bytes.set(length);
  bytes.set(entries, length.length);
  return { from, end, bytes };
}

const equal = (a: Uint8Array, b: Uint8Array): boolean =>
  Buffer.compare(Buffer.from(a.buffer, a.byteOffset, a.length), b) === 0;

function metadataEdits(
  file: Uint8Array,
  { metadata }: Layout,
  wanted: Readonly<Record<string, string | undefined>>,
): Edit[] {
  const none = new Uint8Array(0);
  const removed = metadata
    .filter(({ key }) => Object.hasOwn(wanted, key))
    .map(({ from, end }) => ({ from, end, bytes: none }));
  const entries = Object.entries(wanted).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const added = entries.map(([key, value]) => field(14, Buffer.concat([text(1, key), text(2, value)])));
  if (added.length === 0) return removed;
  return [...removed, { from: file.length, end: file.length, bytes: Buffer.concat(added) }];
}

const text = (number: number, value: string): Uint8Array => field(number, Buffer.from(value, 'utf8'));
const field = (number: number, contents: Uint8Array): Uint8Array =>
  Buffer.concat([varint(number * 8 + 2), varint(contents.length), contents]);

function edited(file: Uint8Array, edits: Edit[]): Uint8Array {
  edits.sort((a, b) => a.from - b.from || a.end - b.end);
  const out = new Uint8Array(file.length + growth(edits));
  let at = 0;
  let from = 0;
  for (const edit of edits) {
    out.set(file.subarray(from, edit.from), at);
    at += edit.from - from;
    out.set(edit.bytes, at);
    at += edit.bytes.length;
    from = edit.end;
  }
  out.set(file.subarray(from), at);
  return out;
}
