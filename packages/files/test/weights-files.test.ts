/** What is written is what the readers read. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { encodeNpz, encodeSafetensors, parseTable, readNumbers, writeWeights } from '../src/index.js';
import { parseNpz } from '../src/npz.js';
import { parseSafetensors } from '../src/safetensors.js';

describe('files of weights', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tacit-weights-'));
  after(() => rmSync(folder, { recursive: true }));

  it('are read back, whatever the names and shapes', () => {
    const array = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }).chain((shape) =>
      fc
        .array(fc.float({ noNaN: true }), {
          minLength: shape.reduce((a, b) => a * b, 1),
          maxLength: shape.reduce((a, b) => a * b, 1),
        })
        .map((data) => ({ shape, data: Float64Array.from(data) })),
    );
    const name = fc.constantFrom('0.weight', '0.bias', 'Gewicht für x', 'a"b', '層');
    fc.assert(
      fc.property(fc.dictionary(name, array, { maxKeys: 3, noNullPrototype: true }), (arrays) => {
        for (const [key, { shape, data }] of Object.entries(arrays))
          for (const read of [
            parseSafetensors(encodeSafetensors(arrays), key),
            parseNpz(encodeNpz(arrays), key),
          ])
            expect([read.shape, [...read.data]]).deep.equal([shape, [...data]]);
      }),
    );
  });

  it('end in .safetensors or .npz', async () => {
    const arrays = { w: { shape: [2], data: Float64Array.of(0.5, -1) } };
    for (const ending of ['safetensors', 'npz', 'NPZ']) {
      writeWeights(join(folder, `w.${ending}`), arrays);
      expect([...(await readNumbers(join(folder, `w.${ending}`), 'w')).data]).deep.equal([0.5, -1]);
    }
    expect(() => writeWeights(join(folder, 'w.pt'), arrays)).throw(/\.safetensors or \.npz/);
    expect(() => writeWeights(join(folder, 'no', 'w.npz'), arrays)).throw(/folder does not exist/);
    expect(readdirSync(folder).filter((file) => file.endsWith('.tmp'))).deep.equal([]);
  });
});

describe('tables as text', () => {
  const parse = (text: string) => parseTable(new TextEncoder().encode(text));
  it('have names where the first line is not all numbers, and lines with their numbers', () => {
    expect(parse('\uFEFFage,"a, b"\n\n1,x\n')).deep.equal({
      names: ['age', 'a, b'],
      rows: [{ line: 3, cells: ['1', 'x'] }],
    });
    expect(parse('1,2\n')).deep.equal({ names: undefined, rows: [{ line: 1, cells: ['1', '2'] }] });
    expect(parse('')).deep.equal({ names: undefined, rows: [] });
    expect(() => parse('a,b\n1\n')).throw(/lines of one length/);
  });
});
