/** Random tensors of all types and storages, for fast-check. */
import fc from 'fast-check';
import { bitsOf, DATA_TYPES_IN_TESTS, type Storage, type TestTensor } from './models.js';

/** Bits that tests of floats like to get wrong: quiet and signalling NaNs with payloads, -0, denormals, infinities. */
const NASTY_FLOATS = [0x7fc00001, 0x7f800001, 0xffffffff, 0x80000000, 1, 0x807fffff, 0x7f800000, 0xff800000];

/** A tensor of a type in `types`, without a name. */
export const anyTensor = (
  types: readonly number[] = DATA_TYPES_IN_TESTS,
): fc.Arbitrary<Omit<TestTensor, 'name'>> =>
  fc
    .record({
      dataType: fc.constantFrom(...types),
      shape: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 3 }),
      storage: fc.constantFrom<Storage>('raw', 'packed', 'single', 'halves'),
      seed: fc.uint8Array({ minLength: 16, maxLength: 16 }),
      nasty: fc.boolean(),
    })
    .map(({ dataType, shape, storage, seed, nasty }) => {
      const length = Math.ceil((shape.reduce((a, b) => a * b, 1) * bitsOf(dataType)) / 8);
      const bytes = Uint8Array.from({ length }, (_, i) => seed[i % 16] ^ ((i * 167) & 0xff));
      if (nasty && dataType === 1)
        new Uint32Array(bytes.buffer).forEach((_, i, words) => {
          words[i] = NASTY_FLOATS[(i + seed[0]) % NASTY_FLOATS.length];
        });
      return { dataType, shape, bytes, storage };
    });

/** A few tensors, named by their place. */
export const anyTensors = (types?: readonly number[]): fc.Arbitrary<TestTensor[]> =>
  fc
    .array(anyTensor(types), { maxLength: 5 })
    .map((tensors) => tensors.map((tensor, i) => ({ ...tensor, name: `weight ${i} ü` })));
