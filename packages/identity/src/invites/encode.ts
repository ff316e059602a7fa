/**
 * Invites as text: `tacit:1:` and, in base64url,
 *
 *   bytes      what
 *   1          length of all that follows but the checksum
 *   32         fingerprint of whoever invites
 *   16         secret
 *   4          when the invite expires, in seconds since 1970
 *   1 + n      name of whoever invites
 *   1 + n      address; one that ends with /to/FINGERPRINT, of the same fingerprint, without it, and with the highest bit
 *              of its length set
 *   1 + n      program, or nothing
 *   4          checksum: the beginning of the SHA-256 of all bytes before
 *
 * Numbers are big-endian, texts are ASCII. An invite has less than 300 characters.
 */
import { createHash } from 'node:crypto';
import { ArgumentError } from '@tacit/errors';
import { addressProblem, relayOf } from '../address.js';
import { InviteError } from '../errors.js';
import { NAME, requireName } from '../names.js';

/** What an invite says. */
export interface Invite {
  /** Of its format. */
  readonly version: 1;
  /** Where whoever invites is reached. */
  readonly address: string;
  /** Of whoever invites. */
  readonly fingerprint: string;
  /** What whoever invites is called by itself. */
  readonly name: string;
  /** 16 bytes that nobody else knows. */
  readonly secret: Uint8Array;
  /** The program that the invite is for. */
  readonly program?: string;
  /** Until when the invite can be used, by the clock of whoever invites. */
  readonly expires: Date;
}

const PREFIX = 'tacit:1:';
const MOST_CHARACTERS = 299;
const FIXED = 32 + 16 + 4;
const CHECKSUM = 4;
const AT_RELAY = 0x80;

/**
 * An invite as text.
 * @param invite what it says
 * @returns one line
 * @throws ArgumentError where names, address and program are too long together, or not correct
 */
export function encodeInvite(invite: Omit<Invite, 'version'>): string {
  const { address, fingerprint, name, secret, program, expires } = invite;
  const problem = addressProblem(address);
  if (problem) throw new ArgumentError(`the address ${JSON.stringify(address)} ${problem}`);
  const relay = relayOf(address);
  const own = relay?.fingerprint === fingerprint;
  const payload = Buffer.concat([
    Buffer.from(fingerprint, 'hex'),
    secret,
    uint32(Math.floor(expires.getTime() / 1000)),
    short(requireName(name, 'an organisation')),
    short(own && relay ? relay.relay : address, own ? AT_RELAY : 0),
    short(program === undefined ? '' : requireName(program, 'a program')),
  ]);
  const bytes = Buffer.concat([Buffer.of(Math.min(payload.length, 255)), payload]);
  const text = PREFIX + Buffer.concat([bytes, checksumOf(bytes)]).toString('base64url');
  if (text.length > MOST_CHARACTERS)
    throw new ArgumentError(
      `the invite would have ${text.length} characters, ${text.length - MOST_CHARACTERS} too many; shorten the address, the name or the program`,
    );
  return text;
}

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** At most 127 characters, so that the highest bit is free. */
function short(text: string, flag = 0): Buffer {
  if (text.length > 127) throw new ArgumentError(`${JSON.stringify(text)} is too long for an invite`);
  return Buffer.concat([Buffer.of(text.length | flag), Buffer.from(text, 'ascii')]);
}

const checksumOf = (bytes: Uint8Array): Buffer =>
  createHash('sha256').update(bytes).digest().subarray(0, CHECKSUM);

/**
 * Reads an invite. Spaces, line ends and quotes that copying added are left out. Whether it has expired is not checked:
 * the clock of whoever invited decides.
 * @param text as it was pasted
 * @returns what it says
 * @throws InviteError INVITE_FORMAT that says whether it was cut off, damaged, or is something else; it quotes nothing of it
 * @example
 * const { name, address, fingerprint } = parseInvite('tacit:1:…');
 */
export function parseInvite(text: string): Invite {
  const plain = text.slice(0, 4096).replaceAll(/[\s"'`<>\u2018-\u201f\u200b]/g, '');
  const [, version, encoded] = /^tacit:(\d+):(.*)$/is.exec(plain) ?? [];
  if (version === undefined)
    throw fail("this is not an invite, which begins with 'tacit:1:'; copy all of it");
  if (version !== '1')
    throw fail(`this invite is of version ${version}; it takes a newer version of Tacit to read it`);
  const bytes = Buffer.from(encoded, 'base64url');
  // Where invites of organisations have their length.
  if (bytes.length > 1 && bytes[0] === 0)
    throw fail(
      "this is an invite to a model: 'tacit ask' and connect() of tacit/client take it, not 'tacit join'",
    );
  const expected = 1 + (bytes[0] ?? FIXED) + CHECKSUM;
  if (bytes.length < expected) {
    const whole = bytes.length === 0 ? '' : ` of ${PREFIX.length + Math.ceil((expected * 4) / 3)}`;
    throw fail(`the invite was cut off: ${plain.length}${whole} characters are there; copy all of it`);
  }
  if (bytes.length > expected || bytes.toString('base64url') !== encoded || text.length > 4096)
    throw fail('there is something after the invite, or within it, that is not of it; copy the invite alone');
  const end = expected - CHECKSUM;
  if (!checksumOf(bytes.subarray(0, end)).equals(bytes.subarray(end)))
    throw fail(
      'the invite was damaged on its way: a character is not what it was; copy it again, or ask for a new one',
    );
  return readPayload(bytes.subarray(1, end));
}

const fail = (message: string): InviteError => new InviteError('INVITE_FORMAT', message);

function readPayload(payload: Buffer): Invite {
  let at = FIXED;
  const next = (): { readonly text: string; readonly flag: boolean } => {
    const head = payload[at++] ?? 0;
    const text = payload.toString('latin1', at, at + (head & ~AT_RELAY));
    at += head & ~AT_RELAY;
    return { text, flag: head >= AT_RELAY };
  };
  const fingerprint = payload.toString('hex', 0, 32);
  const [name, address, program] = [next(), next(), next()];
  const where = address.flag ? `${address.text}/to/${fingerprint}` : address.text;
  if (
    payload.length < FIXED + 3 ||
    at !== payload.length ||
    name.flag ||
    program.flag ||
    !NAME.test(name.text) ||
    addressProblem(where) !== undefined ||
    (program.text !== '' && !NAME.test(program.text))
  )
    throw fail('this invite was not made by Tacit: what it says cannot be');
  return {
    version: 1,
    address: where,
    fingerprint,
    name: name.text,
    secret: Uint8Array.from(payload.subarray(32, 48)),
    ...(program.text === '' ? {} : { program: program.text }),
    expires: new Date(payload.readUInt32BE(48) * 1000),
  };
}
