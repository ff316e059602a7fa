/** Keys of AdvParams from and to JSON and bytes, whole and damaged. */
import { expect } from 'chai';
import fc from 'fast-check';
import { type AdvParamsBody, advParamsKey } from '../src/adv-params/key-body.js';
import { FLOAT_BYTES, type FloatType } from '../src/adv-params/number-bits.js';

const TYPES: readonly FloatType[] = ['float', 'float16', 'double'];

const change = (size: number) => {
  const bits = fc.bigInt({ min: 0n, max: (1n << BigInt(8 * size)) - 1n });
  return fc.record({ original: bits, locked: bits }).filter(({ original, locked }) => original !== locked);
};
const body: fc.Arbitrary<AdvParamsBody> = fc
  .uniqueArray(
    fc.constantFrom(...TYPES).chain((type) =>
      fc.record({
        name: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
        type: fc.constant(type),
        shape: fc.constantFrom([9], [3, 3], [1, 9, 1]),
        changes: fc
          .uniqueArray(fc.nat(8), { minLength: 1, maxLength: 9 })
          .chain((indices) =>
            fc.tuple(
              ...indices
                .sort((a, b) => a - b)
                .map((index) => change(FLOAT_BYTES[type]).map((bits) => ({ index, ...bits }))),
            ),
          ),
      }),
    ),
    { minLength: 1, maxLength: 4, selector: ({ name }) => name },
  )
  .map((layers) => ({ layers }));

describe('keys of AdvParams', () => {
  it('come back from JSON and from bytes', () => {
    fc.assert(
      fc.property(body, (key) => {
        expect(advParamsKey.fromBytes(advParamsKey.toBytes(key))).deep.equal(key);
        expect(advParamsKey.fromJson(JSON.parse(JSON.stringify(advParamsKey.toJson(key))))).deep.equal(key);
      }),
    );
  });

  it('are refused where they are cut off, go on, or are damaged', () => {
    fc.assert(
      fc.property(body, fc.nat(), fc.integer({ min: 1, max: 255 }), (key, where, by) => {
        const bytes = advParamsKey.toBytes(key);
        const refused = (wrong: Uint8Array) =>
          expect(() => advParamsKey.fromBytes(wrong))
            .throw()
            .include({ code: 'LOCK_KEY_FORMAT' });
        refused(bytes.subarray(0, where % bytes.length));
        refused(Buffer.concat([bytes, Buffer.of(0)]));
        const damaged = Uint8Array.from(bytes);
        damaged[where % bytes.length] ^= by;
        try {
          advParamsKey.fromBytes(damaged);
        } catch (error) {
          expect(error).include({ code: 'LOCK_KEY_FORMAT' });
        }
      }),
    );
  });

  it('are refused in JSON where anything is not as it should be', () => {
    const good = { name: 'w', type: 'float16', shape: [3], changes: [[0, '3c00', '3c01']] };
    const read = (...layers: object[]) => advParamsKey.fromJson({ layers } as never);
    expect(read(good).layers[0].changes).deep.equal([{ index: 0, original: 0x3c00n, locked: 0x3c01n }]);
    const wrong: object[] = [
      { ...good, name: 7 },
      { ...good, type: 'int8' },
      { ...good, type: 'toString' },
      { ...good, shape: [-3] },
      { ...good, shape: [1.5] },
      { ...good, shape: new Array(33).fill(1) },
      { ...good, more: 1 },
      { ...good, changes: [] },
      { ...good, changes: 'all' },
      { ...good, changes: [[3, '3c00', '3c01']] },
      { ...good, changes: [[0, '3C00', '3c01']] },
      { ...good, changes: [[0, '3c00', '3c0']] },
      { ...good, changes: [[0, '3c00', '3c00']] },
      { ...good, changes: [[0, '3c00', '3c01', 0]] },
      {
        ...good,
        changes: [
          [1, '3c00', '3c01'],
          [0, '3c00', '3c01'],
        ],
      },
      {
        ...good,
        changes: [
          [0, '3c00', '3c01'],
          [0, '3c00', '3c01'],
        ],
      },
    ];
    for (const one of wrong)
      expect(() => read(one), JSON.stringify(one))
        .throw()
        .include({ code: 'LOCK_KEY_FORMAT' });
    expect(() => read(good, good)).throw('twice');
    expect(() => read()).throw('no layer');
    for (const json of [null, 7, [], 'x', {}, { layers: 3 }, { layers: [], more: 1 }])
      expect(() => advParamsKey.fromJson(json as never))
        .throw()
        .include({ code: 'LOCK_KEY_FORMAT' });
  });
});
