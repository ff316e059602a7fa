import { expect } from 'chai';
import fc from 'fast-check';
import { FramingError } from '../../src/service-client/errors.js';
import {
  encodeErrorFrame,
  encodeFrames,
  FrameParser,
  framedBytes,
  type Parsed,
} from '../../src/service-client/framing.js';

const limits = { frameBytes: 100, frames: 10 };

/** Parses a body that arrives in chunks of the given sizes, over and over. */
function parse(body: Uint8Array, sizes: readonly number[], errorsAllowed = false): Parsed[] {
  const parser = new FrameParser(limits, errorsAllowed);
  const parsed: Parsed[] = [];
  for (let at = 0, i = 0; at < body.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    parsed.push(...parser.push(body.subarray(at, at + size)));
    at += size;
  }
  parser.end();
  return parsed;
}

const frames = fc.array(fc.uint8Array({ minLength: 1, maxLength: 100 }), { maxLength: 10 });
const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 });

describe('framing of ciphertexts', () => {
  it('brings frames back, however they are cut', () => {
    fc.assert(
      fc.property(frames, sizes, (sent, cuts) => {
        const body = encodeFrames(sent);
        expect(body.length).to.equal(framedBytes(sent));
        expect(parse(body, cuts)).to.deep.equal(sent.map((frame) => Uint8Array.from(frame)));
      }),
    );
  });

  it('notices every cut within a frame', () => {
    fc.assert(
      fc.property(frames, fc.nat(), (sent, seed) => {
        const body = encodeFrames(sent);
        const ends = sent.map((_, i) => framedBytes(sent.slice(0, i)));
        const cut = body.length === 0 ? 0 : seed % body.length;
        const run = () => parse(body.subarray(0, cut), [17]);
        if (ends.includes(cut) || cut === 0) run();
        else expect(run).to.throw(FramingError, /ends within frame/);
      }),
    );
  });

  it('takes errors in replies only, and only one', () => {
    const good = encodeFrames([Uint8Array.of(1, 2)]);
    const error = encodeErrorFrame('QUEUE_FULL', 'später');
    const body = Uint8Array.from([...good, ...error]);
    const parsed = parse(body, [3], true);
    expect(parsed[0]).to.deep.equal(Uint8Array.of(1, 2));
    expect(JSON.parse((parsed[1] as { text: string }).text)).to.deep.equal({
      code: 'QUEUE_FULL',
      message: 'später',
    });
    expect(() => parse(body, [3])).to.throw(FramingError, /4294967295 bytes/);
    expect(() => parse(body.subarray(0, good.length + 4), [3], true)).to.throw(FramingError, /ends within/);
    expect(() => parse(new Uint8Array(8).fill(255), [8], true)).to.throw(FramingError);
  });

  it('refuses what exceeds its limits before it allocates', () => {
    expect(() => parse(Uint8Array.of(101, 0, 0, 0), [4])).to.throw(FramingError, /at most 100/);
    expect(() => parse(new Uint8Array(4), [4])).to.throw(FramingError, /no bytes/);
    const many = encodeFrames(Array.from({ length: 11 }, () => Uint8Array.of(1)));
    expect(() => parse(many, [9])).to.throw(FramingError, /more than 10/);
    expect(() => encodeFrames([new Uint8Array(0)])).to.throw(FramingError);
  });
});
