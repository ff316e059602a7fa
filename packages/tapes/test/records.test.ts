/** The body of a tape: any part of it can be read, and nothing but what was written, where it was written. */
import { randomBytes, randomInteger } from '@tacit/testing';
import { expect } from 'chai';
import fc from 'fast-check';
import { tapeId } from '../src/header.js';
import {
  encodeHead,
  fileBytes,
  HEAD,
  RECORD,
  RecordReader,
  RecordWriter,
  type TapeBytes,
} from '../src/records.js';

const TAG = 16;
const key = randomBytes(32);
const id = tapeId(randomBytes(8));

async function written(
  plain: Uint8Array,
  pieces: number[] = [plain.length],
  own = { key, id },
): Promise<Buffer> {
  const parts: Uint8Array[] = [encodeHead(own.id)];
  const writer = new RecordWriter(own.key, own.id, async (bytes) => void parts.push(bytes));
  let at = 0;
  for (const length of [...pieces, plain.length]) {
    await writer.add(plain.subarray(at, Math.min(plain.length, at + length)));
    at = Math.min(plain.length, at + length);
  }
  await writer.end();
  return Buffer.concat(parts);
}

/** A file in memory, which counts what is read. */
function memory(bytes: Uint8Array): TapeBytes & { closed: number; reads: number } {
  return {
    closed: 0,
    reads: 0,
    async read(into, offset, length, position) {
      this.reads++;
      // As the system does: sometimes less than was asked for.
      const part = bytes.subarray(
        position,
        position + Math.max(1, Math.min(length, randomInteger(2 * length))),
      );
      into.set(part, offset);
      return { bytesRead: part.length };
    },
    async close() {
      this.closed++;
    },
  };
}

const readAll = async (file: Uint8Array, length: number, own = { key, id }): Promise<Buffer> => {
  const all = Buffer.alloc(length);
  const reader = new RecordReader(memory(file), own.key, own.id, length);
  await reader.checkHead();
  await reader.read(0, all);
  return all;
};

const codeOf = (attempt: Promise<unknown>): Promise<string | undefined> =>
  attempt.then(
    () => undefined,
    (error) => error.code,
  );

describe('records of a tape', function () {
  this.timeout(30_000);

  it('hold what was written, of any length and in any pieces', async () => {
    for (const length of [0, 1, 8, RECORD - 1, RECORD, RECORD + 1, 3 * RECORD, 3 * RECORD + 72]) {
      const plain = Buffer.from(randomBytes(length));
      const pieces = Array.from({ length: 5 }, () => randomInteger(RECORD));
      const file = await written(plain, pieces);
      expect(file.length).equal(fileBytes(length));
      expect((await readAll(file, length)).equals(plain)).equal(true);
    }
  });

  it('are read from anywhere, many at a time', async () => {
    const plain = Buffer.from(randomBytes(5 * RECORD + 12345));
    const reader = new RecordReader(memory(await written(plain)), key, id, plain.length);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(plain.length), { minLength: 1, maxLength: 20 }), async (starts) => {
        await Promise.all(
          starts.map(async (start) => {
            const into = Buffer.alloc(randomInteger(Math.min(plain.length - start, 2 * RECORD) + 1));
            await reader.read(start, into);
            expect(into.equals(plain.subarray(start, start + into.length))).equal(true);
          }),
        );
      }),
      { numRuns: 30 },
    );
    expect(await codeOf(reader.read(plain.length - 1, Buffer.alloc(2)))).equal('TAPE_FORMAT');
    expect(await codeOf(reader.read(-1, Buffer.alloc(1)))).equal('TAPE_FORMAT');
  });

  it('cannot be changed, exchanged, repeated, left out, cut off, or belong to another tape', async () => {
    const plain = Buffer.from(randomBytes(3 * RECORD));
    const file = await written(plain);
    const whole = RECORD + TAG;
    const record = (number: number) => file.subarray(HEAD + number * whole, HEAD + (number + 1) * whole);
    const head = file.subarray(0, HEAD);
    const join = (...parts: Uint8Array[]): Buffer => Buffer.concat(parts);
    const damaged: [string, Buffer, number?][] = [
      ['exchanged', join(head, record(1), record(0), record(2))],
      ['repeated', join(head, record(0), record(0), record(2))],
      ['the last one left out', join(head, record(0), record(1)), 2 * RECORD],
      ['one left out', join(head, record(0), record(2)), 2 * RECORD],
      ['one more', join(file, record(2)), 4 * RECORD],
      ['cut off', file.subarray(0, -1)],
      ['without most of a tag', file.subarray(0, -12)],
      ['without a tag', file.subarray(0, -TAG)],
      ['nothing', head],
    ];
    for (const [what, bytes, length = plain.length] of damaged)
      expect(await codeOf(readAll(bytes, length)), what).equal('TAPE_DAMAGED');
    const otherKey = { key: randomBytes(32), id };
    expect(await codeOf(readAll(file, plain.length, otherKey))).equal('TAPE_DAMAGED');
    const otherId = { key, id: tapeId(randomBytes(9)) };
    expect(await codeOf(readAll(file, plain.length, otherId))).equal('TAPE_FORMAT');
    const renamed = join(encodeHead(otherId.id), file.subarray(HEAD));
    expect(await codeOf(readAll(renamed, plain.length, otherId))).equal('TAPE_DAMAGED');
  });

  it('keep a bounded number of records, and nothing after their end', async () => {
    const plain = Buffer.alloc(40 * RECORD);
    const file = memory(await written(plain));
    const reader = new RecordReader(file, key, id, plain.length);
    const one = Buffer.alloc(8);
    for (let number = 0; number < 40; number++) await reader.read(number * RECORD, one);
    expect(reader.kept).to.be.at.most(12);
    await reader.close();
    await reader.close();
    expect([reader.kept, file.closed]).deep.equal([0, 1]);
    expect(await codeOf(reader.read(0, one))).equal('TAPE_FORMAT');
  });
});
