import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { NpyFormatError } from '../src/errors.js';
import { encodeNpy, npyNumbers, parseNpy } from '../src/npy.js';

const fixture = (path: string) => new URL(`../../../fixtures/${path}`, import.meta.url);

/** A .npy file with any header and body. */
function file(header: string, body: readonly number[] | Uint8Array, version = [1, 0]): Uint8Array {
  const text = new TextEncoder().encode(header);
  const length =
    version[0] === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, text.length >> 8, 0, 0];
  return Uint8Array.from([
    0x93,
    ...new TextEncoder().encode('NUMPY'),
    ...version,
    ...length,
    ...text,
    ...body,
  ]);
}

const header = (descr: string, shape: string, fortran = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;

const rejects = (bytes: Uint8Array, message: RegExp): void => {
  expect(() => parseNpy(bytes))
    .to.throw(NpyFormatError, message)
    .with.property('code', 'NPY_FORMAT');
};

describe('npy', () => {
  it('reads what it writes', () => {
    const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
    fc.assert(
      fc.property(shapes, fc.constantFrom('f4', 'f8', 'i8'), fc.integer(), (shape, type, seed) => {
        const size = shape.reduce((a, b) => a * b, 1);
        const numbers = Array.from(
          { length: size },
          (_, i) => ((seed % 1000) + i * 7) / (type === 'i8' ? 1 : 8),
        );
        const data =
          type === 'f4'
            ? Float32Array.from(numbers)
            : type === 'f8'
              ? Float64Array.from(numbers)
              : BigInt64Array.from(numbers, BigInt);
        const bytes = encodeNpy(shape, data);
        expect(bytes.indexOf(10) % 64).to.equal(63); // numpy aligns the data to 64 bytes
        const array = parseNpy(bytes);
        expect(array.shape).to.deep.equal(shape);
        expect(array.data).to.deep.equal(data);
        expect(Array.from(npyNumbers(array))).to.deep.equal(numbers);
      }),
      { numRuns: 60 },
    );
  });

  it('reads files of numpy', () => {
    const images = parseNpy(readFileSync(fixture('mnist_test_1000/images.npy')));
    expect([images.dtype, images.shape]).to.deep.equal(['uint8', [1000, 28, 28]]);
    const input = parseNpy(readFileSync(fixture('mlp_50_20_2/input.npy')));
    expect([input.dtype, input.shape]).to.deep.equal(['float32', [32, 50]]);
  });

  it('reads every type in both byte orders', () => {
    const cases: [string, number, (view: DataView, little: boolean) => void, unknown][] = [
      ['f4', 4, (v, l) => v.setFloat32(0, -1.5, l), Float32Array.of(-1.5)],
      ['f8', 8, (v, l) => v.setFloat64(0, 1e300, l), Float64Array.of(1e300)],
      ['i2', 2, (v, l) => v.setInt16(0, -300, l), Int16Array.of(-300)],
      ['i4', 4, (v, l) => v.setInt32(0, -70000, l), Int32Array.of(-70000)],
      ['i8', 8, (v, l) => v.setBigInt64(0, -5n, l), BigInt64Array.of(-5n)],
      ['u2', 2, (v, l) => v.setUint16(0, 60000, l), Uint16Array.of(60000)],
      ['u4', 4, (v, l) => v.setUint32(0, 4e9, l), Uint32Array.of(4e9)],
      ['u8', 8, (v, l) => v.setBigUint64(0, 7n, l), BigUint64Array.of(7n)],
    ];
    for (const [type, bytes, write, expected] of cases)
      for (const little of [true, false]) {
        const body = new Uint8Array(bytes);
        write(new DataView(body.buffer), little);
        expect(parseNpy(file(header(`${little ? '<' : '>'}${type}`, '(1,)'), body)).data).to.deep.equal(
          expected,
        );
      }
    expect(parseNpy(file(header('|i1', '(1,)'), [255])).data).to.deep.equal(Int8Array.of(-1));
    expect(parseNpy(file(header('|b1', '(2,)'), [1, 0]))).to.deep.include({
      dtype: 'bool',
      data: Uint8Array.of(1, 0),
    });
  });

  it('reads Fortran order, scalars, empty arrays and versions 2 and 3', () => {
    const columns = parseNpy(file(header('|u1', '(2, 3)', 'True'), [0, 1, 2, 3, 4, 5]));
    expect(Array.from(npyNumbers(columns))).to.deep.equal([0, 2, 4, 1, 3, 5]);
    const cube = parseNpy(file(header('|u1', '(2, 2, 2)', 'True'), [0, 1, 2, 3, 4, 5, 6, 7]));
    expect(Array.from(npyNumbers(cube))).to.deep.equal([0, 4, 2, 6, 1, 5, 3, 7]);
    expect(parseNpy(file(header('|u1', '()'), [9])).shape).to.deep.equal([]);
    expect(parseNpy(file(header('|u1', '(0, 3)'), [])).shape).to.deep.equal([0, 3]);
    for (const major of [2, 3])
      expect(parseNpy(file(header('|u1', '(1L,)'), [9], [major, 0])).shape).to.deep.equal([1]);
    expect(parseNpy(file(`{"shape":(1,),"fortran_order":False,"descr":"|u1"}`, [3])).shape).to.deep.equal([
      1,
    ]);
  });

  it('rejects everything else', () => {
    const good = encodeNpy([2, 2], new Float32Array(4));
    rejects(new Uint8Array(0), /not a \.npy file/);
    rejects(new TextEncoder().encode('PK zip of an npz'), /not a \.npy file/);
    for (let length = 6; length < good.length; length++) rejects(good.subarray(0, length), /cut off/);
    rejects(Uint8Array.from([...good, 0]), /too long/);
    rejects(file(header('<f4', '(1,)'), [0, 0, 0, 0], [4, 0]), /version 4\.0/);
    rejects(file(header('<c8', '(1,)'), new Uint8Array(8)), /type '<c8'/);
    rejects(file(header('|O', '(1,)'), new Uint8Array(8)), /type '\|O'/);
    rejects(file(`{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }`, []), /records/);
    rejects(file(header('<f4', '(-1,)'), []), /malformed/);
    rejects(file(header('<f4', '(1)'), new Uint8Array(4)), /not a tuple/);
    rejects(file(header('<f4', '(99999999999, 99999999999)'), []), /more elements/);
    rejects(file(header('<f4', `(${'1,'.repeat(100)})`), []), /axes/);
    rejects(file(`{'descr': '<f4', 'shape': (1,), }`, []), /lacks/);
    rejects(file(`{'descr': '<f4', 'descr': '<f4', }`, []), /twice/);
    rejects(file(`{'evil': __import__('os'), }`, []), /unknown key/);
    rejects(file(`${header('<f4', '()')} + more`, new Uint8Array(4)), /nothing after/);
    rejects(file(header('|b1', '(1,)'), [2]), /neither 0 nor 1/);
    const large = parseNpy(encodeNpy([1], BigInt64Array.of(2n ** 60n)));
    expect(() => npyNumbers(large)).to.throw(NpyFormatError, /2\^53/);
    expect(() => encodeNpy([3], new Float32Array(2))).to.throw(NpyFormatError);
  });

  it('never does anything but parse or reject, whatever the header', () => {
    const good = header('<f4', '(2, 2)');
    const edits = fc.array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 127 })), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(edits, (changes) => {
        const text = [...good];
        for (const [at, code] of changes) text[at] = String.fromCharCode(code);
        try {
          const { shape, data } = parseNpy(file(text.join(''), new Uint8Array(16)));
          expect(shape.reduce((a, b) => a * b, 1)).to.equal(data.length);
        } catch (error) {
          expect(error).to.be.instanceOf(NpyFormatError);
        }
      }),
    );
  });
});
