/**
 * The container in which ciphertexts, keys and artefacts travel and lie on disk. Little-endian.
 *
 *     0   8  magic 54 43 48 45 0d 0a 1a 0a ("TCHE", and what transfers in text mode would change)
 *     8   2  version, 1
 *     10  2  kind
 *     12  4  number of payloads
 *     16  32 SHA-256 of the parameters that the contents were made under; zeros: of none
 *     48  16 checksum: the first half of SHA-256(bytes 0 to 47, SHA-256(bytes from 64 on))
 *     64     length of each payload as u64, then the payloads
 *
 * The checksum finds damage and mix-ups. It is no authentication: whoever changes the bytes can compute it anew.
 */
import { bytesToHex } from '@noble/hashes/utils.js';
import { HeArgumentError, HeForeignError, HeFormatError } from '../errors.js';
import { sha256 } from './sha256.js';

const KIND_NUMBERS = {
  ciphertext: 1,
  'evaluation keys': 2,
  'public key': 3,
  'secret key': 4,
  'server artefact': 5,
  'client artefact': 6,
} as const;

/** What an envelope holds. */
export type EnvelopeKind = keyof typeof KIND_NUMBERS;

export interface Envelope {
  readonly kind: EnvelopeKind;
  /** Hexadecimal SHA-256 of the encryption parameters, in 64 digits; empty if there are none. */
  readonly parametersId: string;
  readonly payloads: readonly Uint8Array[];
}

/** What an envelope must be. */
export interface EnvelopeExpectation {
  readonly kind: EnvelopeKind;
  /** Default: any. */
  readonly parametersId?: string;
  /** Most payloads; default 16. */
  readonly maxPayloads?: number;
}

export const ENVELOPE_VERSION = 1;
const MAGIC = [0x54, 0x43, 0x48, 0x45, 0x0d, 0x0a, 0x1a, 0x0a];
const CHECKSUM_AT = 48;
const CHECKSUM_BYTES = 16;
const HEADER_BYTES = 64;
const DEFAULT_MAX_PAYLOADS = 16;

/** Bytes of an envelope round payloads of these lengths. */
export function envelopeBytes(...payloadLengths: readonly number[]): number {
  return payloadLengths.reduce((total, length) => total + 8 + length, HEADER_BYTES);
}

/** Puts payloads into an envelope. Copies them once. */
export async function sealEnvelope({
  kind,
  parametersId,
  payloads,
}: Envelope): Promise<Uint8Array<ArrayBuffer>> {
  if (!/^([0-9a-f]{64})?$/.test(parametersId))
    throw new HeArgumentError(`a parameters id is 64 hexadecimal digits or empty, not "${parametersId}"`);
  const bytes = new Uint8Array(envelopeBytes(...payloads.map(({ length }) => length)));
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint16(8, ENVELOPE_VERSION, true);
  view.setUint16(10, KIND_NUMBERS[kind], true);
  view.setUint32(12, payloads.length, true);
  for (let i = 0; i < parametersId.length; i += 2)
    bytes[16 + i / 2] = Number.parseInt(parametersId.slice(i, i + 2), 16);
  let at = HEADER_BYTES + payloads.length * 8;
  for (const [i, payload] of payloads.entries()) {
    view.setBigUint64(HEADER_BYTES + i * 8, BigInt(payload.length), true);
    bytes.set(payload, at);
    at += payload.length;
  }
  bytes.set(await checksum(bytes), CHECKSUM_AT);
  return bytes;
}

/**
 * Opens an envelope; the payloads are views of `bytes`.
 * @param bytes from anybody
 * @param expected kind and parameters that it has to be of, and how many payloads it may hold
 * @returns what is in it
 * @throws HeFormatError for bytes that are no complete, undamaged envelope of this version and kind; HeForeignError
 *   for one under other parameters
 */
export async function openEnvelope(
  bytes: Uint8Array,
  { kind, parametersId, maxPayloads = DEFAULT_MAX_PAYLOADS }: EnvelopeExpectation,
): Promise<Envelope> {
  const head = peekEnvelope(bytes);
  if (head.kind !== kind) throw new HeFormatError(`this envelope holds ${aOf(head.kind)}, not ${aOf(kind)}`);
  if (parametersId !== undefined && head.parametersId !== parametersId)
    throw new HeForeignError(
      `this ${kind} was made under other encryption parameters (${brief(head.parametersId)}, not ` +
        `${brief(parametersId)}): for another model, or another version of it`,
    );
  const payloads = payloadsOf(bytes, maxPayloads);
  const found = bytes.subarray(CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_BYTES);
  const expected = await checksum(bytes);
  if (found.some((byte, at) => byte !== expected[at]))
    throw new HeFormatError(`this ${kind} is damaged: its checksum is wrong`);
  return { ...head, payloads };
}

/** Kind and parameters of what claims to be an envelope, from its first 64 bytes. Nothing else is checked. */
export function peekEnvelope(bytes: Uint8Array): Omit<Envelope, 'payloads'> {
  if (bytes.length < HEADER_BYTES || MAGIC.some((byte, at) => byte !== bytes[at]))
    throw new HeFormatError(`these ${bytes.length} bytes are not an envelope`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint16(8, true);
  if (version !== ENVELOPE_VERSION)
    throw new HeFormatError(`this envelope has version ${version}; only ${ENVELOPE_VERSION} is read`);
  const number = view.getUint16(10, true);
  const kind = KINDS.find((name) => KIND_NUMBERS[name] === number);
  if (kind === undefined) throw new HeFormatError(`this envelope holds something unknown (kind ${number})`);
  const id = bytes.subarray(16, 48);
  return { kind, parametersId: id.every((byte) => byte === 0) ? '' : bytesToHex(id) };
}

const KINDS = Object.keys(KIND_NUMBERS) as EnvelopeKind[];

function payloadsOf(bytes: Uint8Array, maxPayloads: number): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(12, true);
  if (count > maxPayloads)
    throw new HeFormatError(`this envelope has ${count} payloads, where ${maxPayloads} can be`);
  let at = HEADER_BYTES + count * 8;
  if (at > bytes.length) throw new HeFormatError('this envelope is cut off');
  const payloads: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const length = view.getBigUint64(HEADER_BYTES + i * 8, true);
    if (length > BigInt(bytes.length - at)) throw new HeFormatError('this envelope is cut off');
    payloads.push(bytes.subarray(at, at + Number(length)));
    at += Number(length);
  }
  if (at !== bytes.length)
    throw new HeFormatError(`${bytes.length - at} bytes follow after the end of this envelope`);
  return payloads;
}

async function checksum(bytes: Uint8Array): Promise<Uint8Array> {
  const both = new Uint8Array(CHECKSUM_AT + 32);
  both.set(bytes.subarray(0, CHECKSUM_AT));
  both.set(await sha256(bytes.subarray(HEADER_BYTES)), CHECKSUM_AT);
  return (await sha256(both)).subarray(0, CHECKSUM_BYTES);
}

function aOf(kind: EnvelopeKind): string {
  return kind === 'evaluation keys' ? kind : `a ${kind}`;
}

function brief(parametersId: string): string {
  return parametersId === '' ? 'none' : `${parametersId.slice(0, 12)}…`;
}
