/**
 * What a tape says about itself, the same in the files of all its members: canonical JSON, so that equal headers have
 * equal bytes. SHA-256 of these bytes is the tape's id, by which members name it and ledgers remember it.
 */
import { createHash } from 'node:crypto';
import { TapeError } from '@tacit/mpc';
import { isPublicKey } from './keys.js';

/** One of those who compute. */
export interface TapeMember {
  readonly name: string;
  /** Its public key: `tape-…`. */
  readonly key: string;
}

/** What is public about a tape. */
export interface TapeHeader {
  readonly format: 1;
  /** Hash of the plan that it was dealt for. */
  readonly plan: string;
  /** What people call the program. */
  readonly program: string;
  /** Settings of the protocols, as the members of a session compare them. */
  readonly settings: string;
  /** By rank. */
  readonly members: readonly TapeMember[];
  /** The dealer's public key. */
  readonly dealer: string;
  /** The only session that may use it; empty for any one session of the members. */
  readonly session: string;
  /** Grows from tape to tape of a dealer. */
  readonly serial: number;
  /** When it was dealt, by the dealer's clock: an ISO date. */
  readonly dealt: string;
  /** 128 random bits: no two tapes have one header. */
  readonly nonce: string;
  /** Operations of the plan. */
  readonly operations: number;
  /** Corrections of the last party, in bytes. */
  readonly bytes: number;
  /** SHA-256 of each member's seed, with its purpose before it. */
  readonly seeds: readonly string[];
}

/** No header is longer. */
export const MAX_HEADER = 2 ** 16;
const MAX_TEXT = 1000;
/** Of all corrections: a pebibyte. */
const MAX_BYTES = 2 ** 50;
const MAX_OPERATIONS = 2 ** 22;

const HASH = /^[0-9a-f]{64}$/;

/** Without control characters, which could write on a terminal. */
const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MAX_TEXT && !/\p{Cc}/u.test(value);

const isWhole = (value: unknown, high: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= high;

const matches = (value: unknown, pattern: RegExp): value is string =>
  typeof value === 'string' && pattern.test(value);

/**
 * The bytes of a header.
 * @param header of a tape
 * @returns canonical JSON
 */
export function encodeHeader(header: TapeHeader): Uint8Array<ArrayBuffer> {
  const { format, plan, program, settings, members, dealer, session, serial, dealt, nonce } = header;
  const { operations, bytes, seeds } = header;
  return new TextEncoder().encode(
    JSON.stringify({
      format,
      plan,
      program,
      settings,
      members: members.map(({ name, key }) => ({ name, key })),
      dealer,
      session,
      serial,
      dealt,
      nonce,
      operations,
      bytes,
      seeds,
    }),
  );
}

/**
 * Reads a header.
 * @param encoded its bytes
 * @returns the header
 * @throws TapeError TAPE_FORMAT where it is not one, or not in its canonical form
 */
export function parseHeader(encoded: Uint8Array): TapeHeader {
  const fail = (what: string): never => {
    throw new TapeError('TAPE_FORMAT', `the header of the tape is wrong: ${what}`);
  };
  if (encoded.length > MAX_HEADER) return fail('it is too long');
  let header: TapeHeader;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(encoded));
  } catch {
    return fail('it is not JSON');
  }
  if (typeof header !== 'object' || header === null || header.format !== 1)
    return fail('it is of another version');
  const { plan, program, settings, members, dealer, session, serial, dealt, nonce } = header;
  if (!matches(plan, HASH)) return fail('plan');
  for (const [name, text] of Object.entries({ program, settings, session, dealt }))
    if (!isText(text)) return fail(name);
  if (!Array.isArray(members) || members.length < 2 || members.length > 64) return fail('members');
  for (const member of members as readonly Partial<TapeMember>[])
    if (!isText(member?.name) || typeof member.key !== 'string' || !isPublicKey(member.key))
      return fail('members');
  if (typeof dealer !== 'string' || !isPublicKey(dealer)) return fail('dealer');
  if (!isWhole(serial, Number.MAX_SAFE_INTEGER)) return fail('serial');
  if (!matches(nonce, /^[0-9a-f]{32}$/)) return fail('nonce');
  if (!isWhole(header.operations, MAX_OPERATIONS)) return fail('operations');
  if (!isWhole(header.bytes, MAX_BYTES) || header.bytes % 8 !== 0) return fail('bytes');
  const { seeds } = header;
  if (!Array.isArray(seeds) || seeds.length !== members.length || !seeds.every((s) => matches(s, HASH)))
    return fail('seeds');
  if (Buffer.compare(encodeHeader(header), encoded) !== 0) return fail('it is not in its canonical form');
  return header;
}

/**
 * What names a tape.
 * @param encoded bytes of its header
 * @returns 64 hexadecimal digits
 */
export const tapeId = (encoded: Uint8Array): string =>
  createHash('sha256').update('tacit/v1/tape/id\n').update(encoded).digest('hex');

/**
 * What a header tells of a seed: enough to recognise it.
 * @param seed of a member
 * @returns 64 hexadecimal digits
 */
export const seedHash = (seed: Uint8Array): string =>
  createHash('sha256').update('tacit/v1/tape/seed\n').update(seed).digest('hex');
