import { createHash } from 'node:crypto';
import { ArgumentError } from '@tacit/errors';
import { expect } from 'chai';
import fc from 'fast-check';
import { checkOf, isCorrect } from '../src/device-id/check.js';
import { deviceIdOf, fingerprintOfDeviceId } from '../src/index.js';
import { fingerprint } from './fuzzing.js';
import { thrown } from './helpers.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const BLOCK = 14;
const sample = deviceIdOf(createHash('sha256').update('a certificate').digest('hex')).replaceAll('-', '');
const swapped = (text: string, i: number, j: number): string => {
  const characters = [...text];
  [characters[i], characters[j]] = [characters[j], characters[i]];
  return characters.join('');
};

describe('device ids', () => {
  it('are eight groups of seven, and lead back', () => {
    fc.assert(
      fc.property(fingerprint, (print) => {
        const id = deviceIdOf(print);
        expect(id).match(/^([A-Z2-7]{7}-){7}[A-Z2-7]{7}$/);
        expect(fingerprintOfDeviceId(id)).equal(print);
      }),
    );
    for (const digit of ['0', 'f']) {
      const print = digit.repeat(64);
      expect(fingerprintOfDeviceId(deviceIdOf(print))).equal(print);
    }
  });

  it('stay what they are: peers have them on paper', () => {
    expect(deviceIdOf('0'.repeat(64))).equal('AAAAAAA-'.repeat(7).concat('AAAAAAA'));
    expect(deviceIdOf('0123456789abcdef'.repeat(4))).equal(
      'AERUKZ4-JVPG66K-AJDIVTY-TK6N54V-ASGRLHR-GV433YY-BENCWPC-NLZXXQK',
    );
  });

  it('are the base32 of RFC 4648 with four characters more', () => {
    // By Python: base64.b32encode(bytes.fromhex('0123456789abcdef' * 4))
    const python = 'AERUKZ4JVPG66AJDIVTYTK6N54ASGRLHRGV433YBENCWPCNLZXXQ';
    const id = deviceIdOf('0123456789abcdef'.repeat(4)).replaceAll('-', '');
    expect([0, 1, 2, 3].map((i) => id.slice(i * BLOCK, i * BLOCK + 13)).join('')).equal(python);
  });

  it('are read in lower case, with other dashes, spaces, and digits for letters', () => {
    fc.assert(
      fc.property(fingerprint, (print) => {
        const id = deviceIdOf(print);
        for (const text of [
          id.toLowerCase(),
          id.replaceAll('-', ''),
          id.replaceAll('-', ' '),
          ` ${id.replaceAll('-', '\u2013')}\n`,
          id.replaceAll('O', '0').replaceAll('I', '1').replaceAll('B', '8'),
        ])
          expect(fingerprintOfDeviceId(text)).equal(print);
      }),
    );
  });

  it('show every wrong character: all places, all characters', () => {
    for (let i = 0; i < sample.length; i++)
      for (const other of ALPHABET)
        if (other !== sample[i]) {
          const error = thrown(() => fingerprintOfDeviceId(sample.slice(0, i) + other + sample.slice(i + 1)));
          expect(error.code).equal('DEVICE_ID');
          const block = Math.floor(i / BLOCK);
          expect(error.message).match(new RegExp(`group ${2 * block + 1} or ${2 * block + 2} \\(`));
        }
  });

  it('show any two different characters within two groups that changed places, and any two neighbours', () => {
    fc.assert(
      fc.property(fingerprint, (print) => {
        const id = deviceIdOf(print).replaceAll('-', '');
        for (let i = 0; i < id.length; i++)
          for (let j = i + 1; j < id.length && (j === i + 1 || j < (Math.floor(i / BLOCK) + 1) * BLOCK); j++)
            if (id[i] !== id[j])
              expect(thrown(() => fingerprintOfDeviceId(swapped(id, i, j))).code).equal('DEVICE_ID');
      }),
      { numRuns: 30 },
    );
  });

  it('check characters: all pairs in all places of a block, exhaustively', () => {
    const block = Array.from({ length: 13 }, () => 0);
    for (let i = 0; i < 13; i++)
      for (let a = 0; a < 32; a++) {
        const one = block.with(i, a);
        const correct = [...one, checkOf(one)];
        expect(isCorrect(correct)).equal(true);
        // The check is linear, so errors in a block of zeros are those in any block.
        if (a > 0) expect(isCorrect(block.concat(0).with(i, a))).equal(false);
        for (let j = i + 1; j < 14; j++)
          if (a > 0) expect(isCorrect(block.concat(0).with(i, a).with(j, a))).equal(false);
      }
  });

  it('find a random error in a block in 31 cases of 32', () => {
    let found = 0;
    for (let a = 0; a < 32; a++)
      for (let b = 0; b < 32; b++) if (!isCorrect([...Array(12).fill(0), a, b])) found++;
    expect(found).equal(32 * 32 - 32);
  });

  it('refuse what is too short, too long, of other characters, or has bits too many', () => {
    for (const text of [
      '',
      '-',
      'A',
      sample.slice(1),
      `${sample}A`,
      `${sample}${sample}`,
      'A'.repeat(10_000),
    ])
      expect(thrown(() => fingerprintOfDeviceId(text)).message).match(/56 characters in 8 groups/);
    for (const text of [`${sample.slice(1)}9`, `${sample.slice(1)}ä`, `${sample.slice(1)}💥`])
      expect(thrown(() => fingerprintOfDeviceId(text)).message).match(/is in no device id/);
    const last = [...sample.slice(42, 55)].map((c) => ALPHABET.indexOf(c));
    const more = last.with(12, last[12] ^ 1);
    const text = [...more, checkOf(more)].map((x) => ALPHABET[x]).join('');
    expect(thrown(() => fingerprintOfDeviceId(sample.slice(0, 42) + text)).message).match(/cannot be/);
  });

  it('are made of fingerprints only', () => {
    for (const print of [
      '',
      'a',
      'A'.repeat(64),
      'g'.repeat(64),
      '0'.repeat(63),
      '0'.repeat(65),
      `${'0'.repeat(64)}\n`,
    ])
      expect(() => deviceIdOf(print)).throw(ArgumentError);
  });
});
