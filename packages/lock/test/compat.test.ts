/** Files of the public implementation of Deep-Lock; the vectors were computed by its rules in Python. */
import { encodeNpy, encodeNpz, encodeSafetensors } from '@tacit/files';
import { expect } from 'chai';
import { compatKey, unlockCompat, unlockCompatFile } from '../src/deep-lock/index.js';
import { modelOf } from './helpers/models.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const counting = (n: number): Uint8Array => Uint8Array.from({ length: n }, (_, i) => i);

/** By bytes of the key 0, 1, 2 …: what 40 bytes 7 i + 3 and then 4 bytes 0, 1, 2, 3 are locked to. */
const LOCKED = {
  16: ['03e04dd9bda7cf8bf869c73239ed7ffb5121ec3d5807554ce0f4c8e81f2eb966c309976bbb7701ca', '76636363'],
  32: ['24b66617ae531e914f27172e8971068cb4d4edc531e1cbebc9c1851ab9661f2ee1e90d0f4ca31f73', '0a40bade'],
} as const;
const PLAIN = [counting(40).map((i) => 7 * i + 3), counting(4)];
const PICKLES = [
  '80034310000102030405060708090a0b0c0d0e0f71002e',
  '80049514000000000000004310000102030405060708090a0b0c0d0e0f942e',
  '80049524000000000000004320000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f942e',
];

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(error.code);
    throw error;
  }
  return 'nothing';
}

describe('what the public implementation of Deep-Lock locked', () => {
  it('opens, with keys that run on from one tensor to the next', () => {
    for (const length of [16, 32] as const)
      expect(unlockCompat(LOCKED[length].map(bytes), counting(length)).map(hex)).deep.equal(PLAIN.map(hex));
    expect(codeOf(() => unlockCompat([], counting(24)))).equal('ARGUMENT');
  });

  it('repeats its keys every 204 and 408 blocks, which is why nothing is locked like that here', () => {
    for (const [length, period] of [
      [16, 204],
      [32, 408],
    ]) {
      const [opened] = unlockCompat(
        [new Uint8Array(length * period * 2)],
        counting(length).map((i) => i * 31 + 7),
      );
      expect(hex(opened.subarray(0, length * period))).equal(hex(opened.subarray(length * period)));
      const ends = new Set(
        Array.from({ length: period }, (_, i) =>
          hex(opened.subarray((i + 1) * length - 4, (i + 1) * length)),
        ),
      );
      expect(ends.size).equal(1);
    }
  });

  it('has keys as pickles, bytes or digits, and nothing of a pickle is run', () => {
    for (const pickle of PICKLES) expect(hex(compatKey(bytes(pickle)))).match(/^000102.*(0f|1f)$/);
    expect(hex(compatKey(counting(16)))).equal(hex(counting(16)));
    expect(hex(compatKey(Buffer.from(`${hex(counting(32))}\n`)))).equal(hex(counting(32)));
    for (const bad of [
      '',
      '80',
      PICKLES[0].slice(2),
      PICKLES[1].slice(0, -2),
      `${PICKLES[0]}2e`,
      '6300',
      '00'.repeat(24),
    ])
      expect(codeOf(() => compatKey(bytes(bad)))).equal('LOCK_KEY_FORMAT');
  });

  it('opens in files of every kind, in any order of names', () => {
    const numbers = (text: string): Float32Array => new Float32Array(bytes(text).buffer);
    // "b" comes first in the model, and second in the file.
    const [first, second] = LOCKED[16];
    const arrays = {
      a: { shape: [1], data: numbers(second) },
      b: { shape: [2, 5], data: numbers(first) },
    };
    const onnx = modelOf([
      { name: 'a', dataType: 1, shape: [1], bytes: bytes(second) },
      { name: 'i', dataType: 7, shape: [1], bytes: new Uint8Array(8) },
      { name: 'b', dataType: 1, shape: [2, 5], bytes: bytes(first), storage: 'packed' },
    ]);
    const key = counting(16);
    // Numbers of JavaScript keep the bits of all of these, of which none is a NaN.
    const files: [string, Uint8Array][] = [
      ['.onnx', onnx],
      ['.safetensors', encodeSafetensors(arrays)],
      ['.npz', encodeNpz(arrays)],
    ];
    for (const [ending, file] of files) {
      const { file: opened, names } = unlockCompatFile(file, ending, key, ['b', 'a']);
      expect(names).deep.equal(['b', 'a']);
      const text = hex(opened);
      for (const plain of PLAIN) expect(text, ending).contain(hex(plain));
      const { names: all } = unlockCompatFile(file, ending, key);
      expect(all).deep.equal(['a', 'b']);
      expect(codeOf(() => unlockCompatFile(file, ending, key, ['c']))).equal('ARGUMENT');
      expect(codeOf(() => unlockCompatFile(file, ending, key, ['a', 'a']))).equal('ARGUMENT');
      for (let length = 0; length < Math.min(file.length, 60); length++)
        expect(codeOf(() => unlockCompatFile(file.subarray(0, length), ending, key, ['b']))).match(
          /^(ARRAY_FILE|MODEL_FORMAT|ARGUMENT)$/,
        );
    }
    const { file: npy } = unlockCompatFile(encodeNpy([10], numbers(first)), '.npy', key);
    expect(hex(npy)).contain(hex(PLAIN[0]));
    expect(codeOf(() => unlockCompatFile(onnx, '.pt', key))).equal('ARGUMENT');
  });
});
