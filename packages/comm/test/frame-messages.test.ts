import { expect } from 'chai';
import fc from 'fast-check';
import { encodeFrameHead } from '../src/frame/frame.js';
import { APART_BYTES, FrameAssembler, frameMessages } from '../src/frame/frame-messages.js';
import { MAX_FRAME_BYTES, ProtocolViolationError } from '../src/index.js';

const filled = (bytes: number, value: number): Uint8Array => new Uint8Array(bytes).fill(value);
const bufferOf = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

describe('frame messages', () => {
  it('small payloads travel in one message, large ones in pieces', () => {
    const sizes = (bytes: number[]): number[] =>
      frameMessages(bytes.map((length) => ({ key: 'k', payload: filled(length, 1) }))).map(
        (m) => m.byteLength,
      );
    expect(sizes([100, 0])).to.have.length(1);
    expect(sizes([APART_BYTES - 1])).to.have.length(1);
    expect(sizes([5, APART_BYTES, 7, 2 ** 20 + 1]).slice(1)).to.deep.equal([APART_BYTES, 2 ** 20, 1]);
  });

  it('come out as they went in, whatever the sizes', () => {
    const assembler = new FrameAssembler(MAX_FRAME_BYTES);
    const size = fc.constantFrom(0, 1, 9, 5000, APART_BYTES - 1, APART_BYTES, 2 ** 20, 2 ** 20 + 1, 2 ** 21);
    fc.assert(
      fc.property(fc.array(size, { maxLength: 4 }), (sizes) => {
        const messages = frameMessages(
          sizes.map((bytes, i) => ({ key: `${i}`, payload: filled(bytes, i + 1) })),
        );
        const results = messages.map((message) => assembler.push(bufferOf(message)));
        const entries = results.pop();
        expect(results.every((result) => result === undefined)).to.equal(true);
        expect(entries?.map(({ key, payload }) => [key, payload.byteLength])).to.deep.equal(
          sizes.map((bytes, i) => [`${i}`, bytes]),
        );
        for (const [i, { payload }] of (entries ?? []).entries()) {
          expect(payload.byteOffset % 8).to.equal(0);
          expect(payload.every((value) => value === i + 1)).to.equal(true);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('take whole buffers from their owner and copy parts', () => {
    const whole = filled(APART_BYTES, 1);
    const base = filled(2 * APART_BYTES, 2);
    frameMessages([
      { key: 'a', payload: whole },
      { key: 'b', payload: base.subarray(0, APART_BYTES) },
    ]);
    expect(whole.byteLength).to.equal(0);
    expect(base.byteLength).to.equal(2 * APART_BYTES);
  });

  it('refuse pieces of a wrong size and frames beyond the limit', () => {
    const head = encodeFrameHead([{ key: 'k', payload: filled(2_000_000, 1) }], APART_BYTES).buffer;
    for (const bytes of [0, 1, 2 ** 20 - 1, 2 ** 20 + 1, 2_000_000]) {
      const assembler = new FrameAssembler(MAX_FRAME_BYTES);
      expect(assembler.push(head)).to.equal(undefined);
      expect(() => assembler.push(new ArrayBuffer(bytes)), `${bytes}`).to.throw(ProtocolViolationError);
    }
    expect(() => new FrameAssembler(1_000_000).push(head)).to.throw(/exceeds the limit of 1000000/);
    const lying = new Uint8Array(head.slice(0));
    new DataView(lying.buffer).setUint32(8, 0xffff_ffff, true);
    expect(() => new FrameAssembler(MAX_FRAME_BYTES).push(lying.buffer)).to.throw(/exceeds the limit/);
    new DataView(lying.buffer).setUint32(8, 0, true);
    expect(() => new FrameAssembler(MAX_FRAME_BYTES).push(lying.buffer)).to.throw(/impossible flags/);
  });
});
