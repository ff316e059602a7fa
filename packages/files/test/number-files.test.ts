/** Files of numbers in other formats than .npy: what is read, and that nothing wrong is. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { zipSync } from 'fflate';
import { parseCsv } from '../src/csv.js';
import { encodeNpy, parseNpy, readNumbers, writeNumbers } from '../src/index.js';
import { parseNpz } from '../src/npz.js';
import { parseSafetensors } from '../src/safetensors.js';

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const refused = (read: () => unknown, text: string): void => {
  expect(read, text).throws(text).with.property('code', 'ARRAY_FILE');
};

describe('.npz files', () => {
  const a = encodeNpy([2], Float64Array.of(1.5, -2));
  const b = encodeNpy([300], new Float32Array(300).fill(0.25));
  const files = [0, 9].map((level) => zipSync({ 'a.npy': a, 'b.npy': b }, { level: level as 0 | 9 }));

  it('give the array of a name, stored or compressed', () => {
    for (const file of files) {
      expect(parseNpz(file, 'a')).deep.equal({ shape: [2], data: Float64Array.of(1.5, -2) });
      expect(parseNpz(file, 'b').data).deep.equal(new Float64Array(300).fill(0.25));
    }
    expect(parseNpz(zipSync({ 'only.npy': a })).shape).deep.equal([2]);
  });

  it('are refused without a key where there are several, and with one that is not there', () => {
    refused(() => parseNpz(files[0]), "say by key which one: 'a', 'b'");
    refused(() => parseNpz(files[0], 'c'), "no array 'c'; it has 'a', 'b'");
    refused(() => parseNpz(zipSync({}), 'c'), "no array 'c'");
  });

  it('are refused when they are cut off, and never give other numbers when a byte is changed', () => {
    for (const file of files) {
      for (let length = 0; length < file.length; length += 7)
        expect(() => parseNpz(file.slice(0, length), 'a'))
          .throws()
          .with.property('code', 'ARRAY_FILE');
      const right = parseNpz(file, 'a');
      for (let at = 0; at < file.length; at++) {
        const changed = file.slice();
        changed[at] ^= 1 << (at % 8);
        try {
          expect(parseNpz(changed, 'a')).deep.equal(right);
        } catch (error) {
          expect((error as { code?: string }).code, `byte ${at}: ${error}`).oneOf([
            'ARRAY_FILE',
            'NPY_FORMAT',
          ]);
        }
      }
    }
  });
});

describe('.safetensors files', () => {
  const made = (header: object | string, data: ArrayLike<number>): Uint8Array<ArrayBuffer> => {
    const text = bytes(typeof header === 'string' ? header : JSON.stringify(header));
    const file = new Uint8Array(8 + text.length + data.length);
    new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
    file.set(text, 8);
    file.set(data, 8 + text.length);
    return file;
  };
  const entry = (dtype: string, shape: readonly number[], begin: number, end: number) => ({
    dtype,
    shape,
    data_offsets: [begin, end],
  });

  it('give the tensor of a name, in every type', () => {
    const types: Readonly<Record<string, readonly [readonly number[], number]>> = {
      F64: [[0, 0, 0, 0, 0, 0, 0xf8, 0xbf], -1.5],
      F32: [[0, 0, 0xc0, 0xbf], -1.5],
      F16: [[0x00, 0xbe], -1.5],
      BF16: [[0xc0, 0xbf], -1.5],
      I64: [[0xfe, 255, 255, 255, 255, 255, 255, 255], -2],
      I32: [[0xfe, 255, 255, 255], -2],
      I16: [[0xfe, 255], -2],
      I8: [[0xfe], -2],
      U8: [[0xfe], 254],
      BOOL: [[1], 1],
    };
    for (const [dtype, [data, value]] of Object.entries(types)) {
      const header = {
        __metadata__: { a: 'b' },
        z: entry('I8', [], 0, 1),
        x: entry(dtype, [1], 1, 1 + data.length),
      };
      expect(parseSafetensors(made(header, [7, ...data]), 'x'), dtype).deep.equal({
        shape: [1],
        data: Float64Array.of(value),
      });
    }
    expect(parseSafetensors(made({ e: entry('F32', [0, 3], 0, 0) }, []))).deep.equal({
      shape: [0, 3],
      data: new Float64Array(0),
    });
  });

  it('are refused where the header and the bytes do not fit', () => {
    const x = entry('U8', [2], 0, 2);
    refused(
      () => parseSafetensors(made({ x, y: entry('U8', [2], 1, 3) }, [1, 2, 3]), 'x'),
      "'y' begins at byte 1",
    );
    refused(
      () => parseSafetensors(made({ x, y: entry('U8', [1], 3, 4) }, [1, 2, 3, 4]), 'x'),
      'begins at byte 3',
    );
    refused(() => parseSafetensors(made({ x }, [1, 2, 3])), '2 bytes, 3 are there');
    refused(() => parseSafetensors(made({ x: entry('U8', [3], 0, 2) }, [1, 2])), 'needs 3 bytes');
    refused(() => parseSafetensors(made({ x: entry('C64', [1], 0, 2) }, [1, 2])), 'of type C64');
    refused(() => parseSafetensors(made({ x: entry('toString', [1], 0, 2) }, [1, 2])), 'of type toString');
    refused(() => parseSafetensors(made({ x: entry('BOOL', [2], 0, 2) }, [1, 2])), 'neither 0 nor 1');
    refused(() => parseSafetensors(made({ x: { ...x, shape: [-2] } }, [1, 2])), "what 'x' is");
    refused(() => parseSafetensors(made({ x: { ...x, data_offsets: [2, 0] } }, [1, 2])), "what 'x' is");
    refused(() => parseSafetensors(made({ x: null }, [])), "what 'x' is");
    for (const header of ['[]', '3', 'null', '{'])
      refused(() => parseSafetensors(made(header, [])), 'the header');
    refused(() => parseSafetensors(made({ x }, [1, 2]), 'y'), "no array 'y'");
    refused(
      () => parseSafetensors(Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255)),
      'the header claims',
    );
  });

  it('are refused when they are cut off at any byte', () => {
    const file = made({ x: entry('U8', [2], 0, 2), y: entry('F32', [1], 2, 6) }, [1, 2, 0, 0, 0, 0]);
    for (let length = 0; length < file.length; length++)
      expect(() => parseSafetensors(file.slice(0, length), 'x'))
        .throws()
        .with.property('code', 'ARRAY_FILE');
  });
});

describe('.csv files', () => {
  it('are matrices, with or without names of columns', () => {
    const right = { shape: [2, 2], data: Float64Array.of(1, -2.5, 3e2, 0.125) };
    for (const text of [
      '1,-2.5\n3e2,.125\n',
      'a,b\n1,-2.5\n3e2,0.125',
      ',2019-20\n1,-2.5\n3e2,0.125',
      'none,missing_since\n1,-2.5\n3e2,0.125',
      '\ufeff"height, m",2\r\n 1 ,-2.5\r\n\r\n+3E+2,0.125\r\n',
    ])
      expect(parseCsv(bytes(text)), text).deep.equal(right);
    expect(parseCsv(bytes('5'))).deep.equal({ shape: [1, 1], data: Float64Array.of(5) });
  });

  it('are refused with line and column where a value is missing or not a number', () => {
    refused(() => parseCsv(bytes('a,b\n1,2\n3,\n')), 'line 3, column 2: a value is missing');
    refused(() => parseCsv(bytes('1,\n3,4\n')), 'line 1, column 2: a value is missing');
    refused(() => parseCsv(bytes('1,2\n\n3,x\n')), "line 3, column 2: 'x' is not a number");
    for (const word of ['NaN', 'Infinity', '1e999', '0x10', '1_000', '1 2'])
      refused(() => parseCsv(bytes(`1,2\n3,${word}\n`)), 'line 2, column 2');
    refused(() => parseCsv(bytes('1,2\n3\n')), 'line 2');
    // A first row that is damaged does not pass for names.
    for (const cell of ['nan', 'NA', 'N/A', 'null', '?', '-', '.', '-inf', '#N/A', '\u22125', '5%', '$5'])
      refused(() => parseCsv(bytes(`1,${cell}\n3,4\n`)), `line 1, column 2: '${cell}'`);
    refused(() => parseCsv(bytes('nan,NULL\n3,4\n')), "line 1, column 1: 'nan'");
    refused(() => parseCsv(bytes('5.1,3.5,setosa\n4.9,3,2\n')), "line 1, column 3: 'setosa'");
    refused(() => parseCsv(bytes('-1,x\n4,3\n')), "line 1, column 2: 'x'");
    refused(() => parseCsv(bytes('1;2\n3;4\n')), "line 2, column 1: '3;4'");
    for (const text of ['', '\n', 'a,b\n']) refused(() => parseCsv(bytes(text)), 'no numbers');
    refused(() => parseCsv(Uint8Array.of(0x31, 0xff)), 'UTF-8');
  });
});

describe('files of numbers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tacit-numbers-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string) => join(folder, name);

  it('are read by the ends of their names, and written', async () => {
    const numbers = { shape: [2, 2], data: Float64Array.of(1, 0.1, -1e-9, 4) };
    for (const name of ['x.npy', 'x.csv', 'x.CSV', 'x']) {
      writeNumbers(at(name), numbers, 'float64');
      expect(await readNumbers(at(name)), name).deep.equal(numbers);
    }
    writeNumbers(at('v.csv'), { shape: [3], data: Float64Array.of(1, 2, 0.1) }, 'float32');
    expect(readFileSync(at('v.csv'), 'utf8')).equal(`1\n2\n${Math.fround(0.1)}\n`);
    writeFileSync(at('x.npz'), zipSync({ 'k.npy': encodeNpy([], Float64Array.of(3)) }));
    expect(await readNumbers(at('x.npz'), 'k')).deep.equal({ shape: [], data: Float64Array.of(3) });
    refused(
      () => writeNumbers(at('y.csv'), { shape: [1, 1, 1], data: Float64Array.of(1) }, 'float64'),
      '[1,1,1]',
    );
    refused(() => writeNumbers(at('y.npz'), numbers, 'float64'), 'read and not written');
    const error = await readNumbers(at('x.npy'), 'k').catch((e) => e);
    expect(error).include({ code: 'ARRAY_FILE' });
  });

  it('of 16 bits are read exactly', () => {
    const npy = encodeNpy([8], new Float64Array(8));
    const text = Buffer.from(npy)
      .toString('latin1')
      .replace('<f8', '<f2')
      .slice(0, npy.length - 64);
    const bits = Uint16Array.of(0x3c00, 0xbe00, 0x0001, 0x8000, 0x7bff, 0x0400, 0x7c00, 0x7e00);
    const file = new Uint8Array([
      ...Array.from(text, (c) => c.charCodeAt(0)),
      ...new Uint8Array(bits.buffer),
    ]);
    const { dtype, data } = parseNpy(file);
    expect(dtype).equal('float16');
    expect(data).deep.equal(Float32Array.of(1, -1.5, 2 ** -24, -0, 65504, 2 ** -14, Infinity, NaN));
  });
});
