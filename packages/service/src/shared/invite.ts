/**
 * Invites to a model as text: `tacit:1:` and, in base64url,
 *
 *   bytes      what
 *   1          0, where invites of organisations have their length
 *   1          1: an invite to a model
 *   1          flags; the lowest bit: the dealer is the service's own, for trying out only
 *   32         the key by which the client knows the service
 *   32         the key by which it knows the dealer
 *   16         secret of the invite
 *   4          when it expires, in seconds since 1970; 0 for never
 *   1 + n      name of the model
 *   1 + n      address of the service
 *   4          checksum: the beginning of the SHA-256 of all bytes before
 *
 * Numbers are big-endian, texts are ASCII. Runs in Node.js and in browsers.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { ArgumentError } from '@tacit/errors';
import { ServiceInviteError } from '../errors.js';

/** What an invite to a model says. */
export interface ModelInvite {
  readonly model: string;
  /** Where the service is, `ws:` or `wss:`. */
  readonly address: string;
  /** Public keys, 32 bytes each. */
  readonly serviceKey: Uint8Array;
  readonly dealerKey: Uint8Array;
  /** 16 bytes that only the service and those whom it has invited know. */
  readonly secret: Uint8Array;
  /** By the clock of the service; undefined for never. */
  readonly expires?: Date | undefined;
  /** The service deals, too, and so can see everything: for trying out. */
  readonly ownDealer: boolean;
}

const PREFIX = 'tacit:1:';
const KIND = 1;
const OWN_DEALER = 1;
const CHECKSUM = 4;
const HEAD = 3 + 32 + 32 + 16 + 4;
const MOST_CHARACTERS = 500;
/** What a model may be called: as programs are. */
export const MODEL_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * An invite as text. It is a secret: whoever has it may ask the model, within its quota.
 * @param invite what it says
 * @returns one line
 * @throws ArgumentError where the address or the name cannot be
 */
export function encodeModelInvite(invite: ModelInvite): string {
  const { model, address, serviceKey, dealerKey, secret, expires, ownDealer } = invite;
  if (!MODEL_NAME.test(model)) throw new ArgumentError(`${JSON.stringify(model)} is no name of a model`);
  if (!isAddress(address)) throw new ArgumentError(`${JSON.stringify(address)} is no address of a service`);
  const seconds = expires === undefined ? 0 : Math.floor(expires.getTime() / 1000);
  const payload = Uint8Array.from([
    0,
    KIND,
    ownDealer ? OWN_DEALER : 0,
    ...serviceKey,
    ...dealerKey,
    ...secret,
    ...[24, 16, 8, 0].map((shift) => (seconds >>> shift) & 255),
    ...short(model),
    ...short(address),
  ]);
  const checksum = sha256(payload).subarray(0, CHECKSUM);
  return PREFIX + toBase64Url(Uint8Array.from([...payload, ...checksum]));
}

const short = (text: string): number[] => [text.length, ...Array.from(text, (c) => c.charCodeAt(0))];

/**
 * Reads an invite. Spaces, line ends and quotes that copying added are left out. Whether it has expired the service says.
 * @param text as it was pasted
 * @returns what it says
 * @throws ServiceInviteError that says whether it was cut off, damaged, or is something else; it quotes nothing of it
 */
export function parseModelInvite(text: string): ModelInvite {
  const plain = text.slice(0, 4096).replaceAll(/[\s"'`<>\u2018-\u201f\u200b]/g, '');
  const [, version, encoded = ''] = /^tacit:(\d+):(.*)$/is.exec(plain) ?? [];
  if (version === undefined)
    throw new ServiceInviteError("this is not an invite, which begins with 'tacit:1:'; copy all of it");
  if (version !== '1')
    throw new ServiceInviteError(
      `this invite is of version ${version}; it takes a newer version of Tacit to read it`,
    );
  const bytes = fromBase64Url(encoded);
  if (bytes === undefined || text.length > 4096 || plain.length > MOST_CHARACTERS)
    throw new ServiceInviteError(
      'there is something within the invite, or after it, that is not of it; copy the invite alone',
    );
  if (bytes.length > 0 && bytes[0] !== 0)
    throw new ServiceInviteError(
      "this is an invite to an organisation, which 'tacit join' takes; ask for an invite to a model",
    );
  const end = bytes.length - CHECKSUM;
  const whole =
    end >= HEAD && sha256(bytes.subarray(0, end)).every((b, i) => i >= CHECKSUM || b === bytes[end + i]);
  if (!whole)
    throw new ServiceInviteError(
      'the invite was cut off or damaged on its way; copy all of it again, or ask for a new one',
    );
  return readPayload(bytes.subarray(0, end));
}

function readPayload(bytes: Uint8Array): ModelInvite {
  let at = HEAD;
  const next = (): string => {
    const length = bytes[at++] ?? 0;
    const text = String.fromCharCode(...bytes.subarray(at, at + length));
    at += length;
    return text;
  };
  const [model, address] = [next(), next()];
  const seconds = new DataView(bytes.buffer, bytes.byteOffset).getUint32(HEAD - 4);
  if (bytes[1] !== KIND || at !== bytes.length || !MODEL_NAME.test(model) || !isAddress(address))
    throw new ServiceInviteError('this invite is of a kind that this version of Tacit does not know');
  return {
    model,
    address,
    serviceKey: bytes.slice(3, 35),
    dealerKey: bytes.slice(35, 67),
    secret: bytes.slice(67, 83),
    ...(seconds > 0 && { expires: new Date(seconds * 1000) }),
    ownDealer: ((bytes[2] ?? 0) & OWN_DEALER) !== 0,
  };
}

const isAddress = (text: string): boolean =>
  text.length <= 127 &&
  /^[\x21-\x7e]+$/.test(text) &&
  URL.canParse(text) &&
  /^wss?:$/.test(new URL(text).protocol);

/**
 * What the service finds an invite by; says nothing about its secret.
 * @param secret of the invite
 * @returns 16 hexadecimal digits
 */
export function inviteId(secret: Uint8Array): string {
  const domain = new TextEncoder().encode('tacit invite to a model, id\0');
  return toHex(sha256(Uint8Array.from([...domain, ...secret])).subarray(0, 8));
}

/** Bytes as hexadecimal digits. */
export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');

/** And back; the text is one. */
export const fromHex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

const toBase64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

function fromBase64Url(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return undefined;
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) =>
      c.charCodeAt(0),
    );
    return toBase64Url(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}
