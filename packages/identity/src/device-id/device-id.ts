/**
 * Fingerprints as people read, write and compare them: 256 bits in base32 (RFC 4648), in four blocks of 13 characters and
 * a check character each; written as eight groups of seven. The same form, and the same alphabet, as the device ids of
 * Syncthing, with check characters that find more (check.ts).
 */
import { ArgumentError } from '@tacit/errors';
import { DeviceIdError } from '../errors.js';
import { checkOf, isCorrect } from './check.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const FINGERPRINT = /^[0-9a-f]{64}$/;
/** Digits that are not in the alphabet, and the letters that they are taken for. */
const LOOK_ALIKES: Readonly<Record<string, string>> = { '0': 'O', '1': 'I', '8': 'B' };
const BLOCKS = 4;
const BLOCK = 13;
const GROUP = 7;
const LENGTH = BLOCKS * (BLOCK + 1);

/**
 * The device id of a certificate: what people compare.
 * @param fingerprint SHA-256 of the certificate's DER, 64 lower-case hexadecimal digits
 * @returns eight groups of seven characters, with dashes between
 * @throws ArgumentError where it is not a fingerprint
 * @example
 * deviceIdOf(identity.fingerprint) // 'MFZWI3D-…'
 */
export function deviceIdOf(fingerprint: string): string {
  if (!FINGERPRINT.test(fingerprint))
    throw new ArgumentError('a fingerprint is 64 lower-case hexadecimal digits');
  // Four bits of 0 fill the last character.
  const bits = BigInt(`0x${fingerprint}`) << 4n;
  const numbers = Array.from({ length: BLOCKS * BLOCK }, (_, i) =>
    Number((bits >> BigInt(5 * (BLOCKS * BLOCK - 1 - i))) & 31n),
  );
  let text = '';
  for (let i = 0; i < numbers.length; i += BLOCK) {
    const block = numbers.slice(i, i + BLOCK);
    for (const number of [...block, checkOf(block)]) text += ALPHABET[number];
  }
  return groupsOf(text).join('-');
}

/**
 * The fingerprint that a device id stands for. Lower case, missing or additional dashes and spaces, and 0, 1 and 8 for
 * O, I and B are understood.
 * @param text as somebody typed it
 * @returns 64 lower-case hexadecimal digits
 * @throws DeviceIdError that names the groups with a typing error. One wrong character in a block of two groups is always
 *   found, and so are two characters of it that changed places; anything else is found with a probability of 31/32 a block
 * @example
 * fingerprintOfDeviceId('mfzwi3d-…') // '6173…'
 */
export function fingerprintOfDeviceId(text: string): string {
  const plain = text
    .slice(0, 2 * LENGTH)
    .replaceAll(/[\s\u2010-\u2015-]/g, '')
    .toUpperCase()
    .replaceAll(/[018]/g, (digit) => LOOK_ALIKES[digit] ?? digit);
  const foreign = [...plain].find((character) => !ALPHABET.includes(character));
  if (foreign !== undefined)
    throw new DeviceIdError(
      `${JSON.stringify(foreign)} is in no device id; it has letters from A to Z and digits from 2 to 7`,
    );
  if (plain.length !== LENGTH || text.length > 2 * LENGTH)
    throw new DeviceIdError(
      `a device id has ${LENGTH} characters in ${LENGTH / GROUP} groups, this has ${text.length > 2 * LENGTH ? 'more' : plain.length}; copy all of it`,
    );
  const groups = groupsOf(plain);
  let bits = 0n;
  const wrong: string[] = [];
  for (let i = 0; i < BLOCKS; i++) {
    const block = [...plain.slice(i * (BLOCK + 1), (i + 1) * (BLOCK + 1))].map((c) => ALPHABET.indexOf(c));
    if (!isCorrect(block)) wrong.push(`${2 * i + 1} or ${2 * i + 2} (${groups[2 * i]}-${groups[2 * i + 1]})`);
    for (const number of block.slice(0, BLOCK)) bits = (bits << 5n) | BigInt(number);
  }
  if (wrong.length > 0)
    throw new DeviceIdError(`the device id has a typing error in group ${wrong.join(', and in group ')}`);
  if ((bits & 15n) !== 0n) throw new DeviceIdError('this is not a device id: its last group cannot be');
  return (bits >> 4n).toString(16).padStart(64, '0');
}

const groupsOf = (text: string): string[] => text.match(/.{7}/g) ?? [];
