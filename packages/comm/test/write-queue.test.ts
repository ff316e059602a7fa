/** What waits to be written to a stream: which bytes come out, and in which pieces. */
import { expect } from 'chai';
import fc from 'fast-check';
import { HEADER_BYTES, type Kind, writeHeader } from '../src/channel/stream-frames.js';
import { WRITE_BYTES, WriteQueue } from '../src/channel/write-queue.js';

const RECORD = 2 ** 14;
const EDGES = [0, RECORD, WRITE_BYTES, 2 * WRITE_BYTES].flatMap((edge) =>
  [-HEADER_BYTES - 1, -HEADER_BYTES, -1, 0, 1].map((by) => edge + by).filter((bytes) => bytes >= 0),
);

const message = fc.record({
  kind: fc.constantFrom<Kind>(0, 1),
  length: fc.oneof(fc.constantFrom(...EDGES), fc.nat(40_000)),
});

/** Bytes that tell where they are: all parts of this are different. */
const SOURCE = new Uint8Array(3 * WRITE_BYTES);
for (let i = 0; i < SOURCE.length; i++) SOURCE[i] = i ^ (i >> 8) ^ (i >> 16);
const filled = (length: number, seed: number): Uint8Array => SOURCE.subarray(seed, seed + length);

const written = (kind: Kind, body: Uint8Array): Buffer => {
  const head = Buffer.alloc(HEADER_BYTES);
  writeHeader(head, 0, kind, body.length);
  return Buffer.concat([head, body]);
};

describe('a queue of writes', () => {
  it('gives all bytes in order, as many at a time as go at once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(message, fc.nat(2)), { maxLength: 12 }),
        (steps: readonly (readonly [{ kind: Kind; length: number }, number])[]) => {
          const queue = new WriteQueue();
          const expected: Buffer[] = [];
          const taken: Buffer[] = [];
          const take = (): boolean => {
            const waiting = queue.bytes;
            const piece = queue.take();
            if (piece === undefined) {
              expect(waiting).to.equal(0);
              return false;
            }
            expect(piece.length).to.equal(Math.min(waiting, WRITE_BYTES));
            expect(queue.bytes).to.equal(waiting - piece.length);
            taken.push(Buffer.from(piece));
            return true;
          };
          for (const [i, [{ kind, length }, takes]] of steps.entries()) {
            const body = filled(length, i);
            queue.push(kind, body);
            expected.push(written(kind, body));
            for (let j = 0; j < takes; j++) take();
          }
          while (take());
          expect(Buffer.compare(Buffer.concat(taken), Buffer.concat(expected))).to.equal(0);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('cuts 8 MiB, a byte less and a byte more', () => {
    for (const length of [2 ** 23 - 1, 2 ** 23, 2 ** 23 + 1]) {
      const queue = new WriteQueue();
      const body = new Uint8Array(length);
      for (let at = 0; at < length; at += SOURCE.length)
        body.set(SOURCE.subarray(0, Math.min(SOURCE.length, length - at)), at);
      queue.push(0, body);
      const pieces: Buffer[] = [];
      for (let piece = queue.take(); piece; piece = queue.take()) pieces.push(Buffer.from(piece));
      expect(pieces.length).to.equal(Math.ceil((length + HEADER_BYTES) / WRITE_BYTES));
      expect(Buffer.compare(Buffer.concat(pieces), written(0, body))).to.equal(0);
    }
  });

  it('is empty after it was cleared in the middle of a message', () => {
    const queue = new WriteQueue();
    queue.push(0, filled(2 * WRITE_BYTES, 1));
    queue.take();
    queue.clear();
    expect(queue.bytes).to.equal(0);
    expect(queue.take()).to.equal(undefined);
    queue.push(1, Uint8Array.of(7));
    expect([...(queue.take() ?? [])]).to.deep.equal([1, 1, 0, 0, 0, 7]);
  });
});
