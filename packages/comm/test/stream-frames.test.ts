/** Messages in a stream of bytes. */
import { expect } from 'chai';
import fc from 'fast-check';
import type { Place } from '../src/channel/channel.js';
import {
  FrameError,
  FrameReader,
  HEADER_BYTES,
  type Kind,
  writeHeader,
} from '../src/channel/stream-frames.js';

interface Message {
  readonly kind: Kind;
  readonly body: Uint8Array;
}

const written = (messages: readonly Message[]): Buffer =>
  Buffer.concat(
    messages.flatMap(({ kind, body }) => {
      const head = Buffer.alloc(HEADER_BYTES);
      writeHeader(head, 0, kind, body.length);
      return [head, body];
    }),
  );

function reader(
  got: Message[],
  maxBytes = 1_000_000,
  place: (bytes: number) => Place | undefined = () => undefined,
) {
  const receiver = {
    onMessage: (kind: Kind, body: ArrayBuffer) => void got.push({ kind, body: new Uint8Array(body) }),
    place,
  };
  return new FrameReader(maxBytes, receiver);
}

const message = fc.record({
  kind: fc.constantFrom<Kind>(0, 1),
  body: fc.uint8Array({ maxLength: 20_000, size: 'max' }),
});

describe('frames in a stream', () => {
  for (const placed of [false, true])
    it(`come out as they went in, however the stream is cut${placed ? ', at their places' : ''}`, () => {
      fc.assert(
        fc.property(fc.array(message), fc.infiniteStream(fc.integer({ min: 1, max: 9000 })), (sent, cuts) => {
          const got: Message[] = [];
          const place = (bytes: number): Place | undefined => {
            if (!placed || bytes % 2 === 0) return undefined;
            const target = new Uint8Array(bytes);
            return { target, done: () => void got.push({ kind: 0, body: target }) };
          };
          const frames = reader(got, 1_000_000, place);
          const stream = written(sent);
          let turn = 0;
          for (let at = 0; at < stream.length; ) {
            const length = cuts.next().value as number;
            frames.push(stream.subarray(at, at + length));
            at += length;
            // Every now and then the listener changes.
            if (turn++ % 3 === 0) frames.displace();
          }
          expect(got.length).to.equal(sent.length);
          for (const [i, { kind, body }] of got.entries()) {
            expect(kind).to.equal(sent[i].kind);
            expect(Buffer.compare(body, sent[i].body)).to.equal(0);
            expect(body.byteLength).to.equal(body.buffer.byteLength);
          }
        }),
        { numRuns: 100 },
      );
    });

  it('are refused above the limit, of no kind, and with long control messages, before anything is allocated', () => {
    for (const [kind, length] of [
      [0, 1_000_001],
      [1, 2 ** 32 - 1],
      [2, 257],
      [3, 2 ** 31],
      [5, 0],
      [255, 1],
    ]) {
      const head = Buffer.alloc(HEADER_BYTES);
      writeHeader(head, 0, kind as Kind, length);
      expect(() => reader([]).push(head), `${kind} ${length}`).to.throw(FrameError);
    }
  });

  it('an announcement alone takes no memory', () => {
    const head = Buffer.alloc(HEADER_BYTES);
    writeHeader(head, 0, 0, 2 ** 31 - 1);
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 200 }, () => reader([], 2 ** 31 - 1));
    for (const one of readers) one.push(Buffer.concat([head, Buffer.alloc(100)]));
    expect(process.memoryUsage().arrayBuffers - before).to.be.below(200 * 20_000);
  });

  it('any bytes are messages or an error', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (chunks) => {
        const frames = reader([], 100);
        try {
          for (const chunk of chunks) frames.push(chunk);
        } catch (error) {
          expect(error).to.be.instanceOf(FrameError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('nothing comes after the end that a listener makes', () => {
    const got: Message[] = [];
    const frames: FrameReader = new FrameReader(100, {
      onMessage: (kind, body) => {
        got.push({ kind, body: new Uint8Array(body) });
        frames.stop();
      },
      place: () => undefined,
    });
    frames.push(written([1, 2, 3].map((n) => ({ kind: 0 as Kind, body: Uint8Array.of(n) }))));
    expect(got).to.have.length(1);
  });
});
