import { expect } from 'chai';
import fc from 'fast-check';
import { decodeFrame, encodeFrame, frameBytes } from '../src/frame/frame.js';
import { ProtocolViolationError } from '../src/index.js';

const entries = fc.array(
  fc.record({
    key: fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'binary' }),
      fc.string({ maxLength: 300 }),
    ),
    payload: fc.uint8Array({ maxLength: 40 }),
  }),
  { maxLength: 8 },
);

const bufferOf = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

/** Decodes, or says that the frame was refused in the one way allowed. */
function tryDecode(buffer: ArrayBuffer): ReturnType<typeof decodeFrame> | undefined {
  try {
    return decodeFrame(buffer);
  } catch (error) {
    if (error instanceof ProtocolViolationError) return undefined;
    throw error;
  }
}

const frame = (): Uint8Array => encodeFrame([{ key: 'ab', payload: new Uint8Array([1, 2, 3]) }]);

describe('frame', () => {
  it('decodes what it encoded, aligned and without overlap', () => {
    fc.assert(
      fc.property(entries, (sent) => {
        const encoded = encodeFrame(sent);
        expect(encoded.byteLength).to.equal(frameBytes(sent));
        const got = decodeFrame(encoded.buffer);
        expect(got.map(({ key, payload }) => [key, [...payload]])).to.deep.equal(
          sent.map(({ key, payload }) => [key, [...payload]]),
        );
        let end = 0;
        for (const { payload } of got) {
          expect(payload.byteOffset % 8).to.equal(0);
          expect(payload.byteOffset).to.be.at.least(end);
          end = payload.byteOffset + payload.byteLength;
        }
      }),
    );
  });

  it('has the layout that the header of the file says', () => {
    expect(Buffer.from(frame()).toString('hex')).to.equal(
      ['5401000001000000', '0300000002000000', '6162000000000000', '0102030000000000'].join(''),
    );
    expect(Buffer.from(encodeFrame([])).toString('hex')).to.equal('5401000000000000');
  });

  it('refuses noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        const bytes = new Uint8Array(noise);
        bytes.set([0x54, 1, 0, 0].slice(0, bytes.length));
        tryDecode(bytes.buffer);
        tryDecode(bufferOf(noise));
      }),
      { numRuns: 1000 },
    );
  });

  it('a frame with one byte changed is refused or is the canonical encoding of something else', () => {
    fc.assert(
      fc.property(entries, fc.nat(), fc.integer({ min: 1, max: 255 }), (sent, position, change) => {
        const bytes = encodeFrame(sent);
        const at = position % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ change;
        const got = tryDecode(bufferOf(bytes));
        if (got !== undefined) expect([...encodeFrame(got)]).to.deep.equal([...bytes]);
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses every cut and every extension', () => {
    const bytes = frame();
    for (let length = 0; length < bytes.length; length++)
      expect(tryDecode(bufferOf(bytes.subarray(0, length))), `${length} bytes`).to.equal(undefined);
    for (const extra of [1, 7, 8, 16]) {
      const longer = new Uint8Array(bytes.length + extra);
      longer.set(bytes);
      expect(tryDecode(longer.buffer), `${extra} bytes more`).to.equal(undefined);
    }
  });

  it('refuses each field that lies', () => {
    for (const [at, value] of [
      [0, 0x55],
      [1, 2],
      [2, 1],
      [4, 2],
      [7, 0xff],
      [8, 9],
      [11, 0xff],
      [12, 1],
      [13, 0xff],
      [14, 1],
      [16, 0xff],
      [18, 1],
      [31, 1],
    ] as const) {
      const bytes = frame();
      bytes[at] = value;
      expect(tryDecode(bufferOf(bytes)), `byte ${at}`).to.equal(undefined);
    }
  });

  it('refuses keys that UTF-8 cannot carry or that are too long', () => {
    const payload = new Uint8Array(0);
    expect(() => encodeFrame([{ key: 'a\udc00', payload }])).to.throw(/surrogate/);
    expect(() => encodeFrame([{ key: 'é'.repeat(32_768), payload }])).to.throw(/65536 bytes/);
    expect(decodeFrame(encodeFrame([{ key: 'é'.repeat(32_767), payload }]).buffer)).to.have.length(1);
  });

  it('refuses frames above 2 GiB before it allocates', () => {
    const payload = new Uint8Array(0);
    Object.defineProperty(payload, 'byteLength', { value: 2 ** 31 });
    expect(() => encodeFrame([{ key: 'k', payload }]))
      .to.throw()
      .with.property('code', 'FRAME_TOO_LARGE');
  });
});
