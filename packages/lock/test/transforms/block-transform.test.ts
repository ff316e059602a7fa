import { expect } from 'chai';
import fc from 'fast-check';
import {
  type BlockSize,
  blockTransform,
  keySpaceBits,
  type TransformKind,
  WeakTransformError,
  zeroToOne,
} from '../../src/transforms/index.js';
import { blocks, bytes, channelsLast, keys, kinds, shapeOf, sizes } from './arbitrary.js';

const key = Uint8Array.from({ length: 32 }, (_, i) => i);
const transform = <K extends TransformKind>(kind: K, block: BlockSize = 4, k: Uint8Array = key) =>
  blockTransform({ kind, block, key: k, weak: true });

/** A block transform written down from its definition, number by number. */
function reference(
  kind: TransformKind,
  block: BlockSize,
  k: Uint8Array,
  data: Uint8Array,
  [n, c, h, w]: number[],
): number[] {
  const own = transform(kind, block, k).blockKey(c);
  const out = new Array<number>(data.length);
  for (let image = 0; image < n; image++)
    for (let y = 0; y < h; y++)
      for (let x = 0; x < w; x++)
        for (let channel = 0; channel < c; channel++) {
          const at = (i: number, j: number, l: number) => ((image * c + l) * h + i) * w + j;
          const place = ((y % block) * block + (x % block)) * c + channel;
          const p = data[at(y, x, channel)];
          if (own.kind === 'shf') {
            const from = own.order[place];
            const pixel = Math.floor(from / c);
            const [top, left] = [y - (y % block), x - (x % block)];
            out[at(y, x, channel)] =
              data[at(top + Math.floor(pixel / block), left + (pixel % block), from % c)];
          } else if (own.kind === 'np') out[at(y, x, channel)] = own.mask[place] ? 255 - p : p;
          else out[at(y, x, channel)] = Math.fround((own.mask[place] ? own.forward[p] : p) / 999);
        }
  return out;
}

describe('keyed transforms of images', () => {
  it('are what they are defined to be, in both layouts and precisions, and are taken back', () =>
    fc.assert(
      fc.property(kinds, blocks, keys, sizes, fc.nat(), (kind, block, k, size, seed) => {
        const shape = [size.count, size.channels, size.down * block, size.across * block];
        const data = bytes(
          shape.reduce((a, b) => a * b),
          seed,
        );
        const [n, c, h, w] = shape;
        const t = transform(kind, block, k);
        const made = t.transform({ shape, data });
        expect(made.shape).deep.equal(shape);
        expect(Array.from(made.data)).deep.equal(reference(kind, block, k, data, shape));
        expect(Array.from(t.inverse(made).data)).deep.equal(Array.from(data));

        const last = t.transform({
          shape: shapeOf('HWC', n, c, h, w),
          data: channelsLast(data, shape),
          layout: 'HWC',
        });
        expect(Array.from(last.data)).deep.equal(Array.from(channelsLast(made.data, shape)));
        expect(Array.from(t.inverse(last).data)).deep.equal(Array.from(channelsLast(data, shape)));

        const floats = t.transform({ shape, data: zeroToOne(data) });
        const wanted = zeroToOne(made.data);
        floats.data.forEach((x, i) => {
          expect(Math.abs(x - wanted[i])).at.most(2 ** -24);
        });
        t.inverse(floats).data.forEach((x, i) => {
          expect(Math.round(kind === 'ffx' ? x : 255 * x)).equal(data[i]);
        });
      }),
      { numRuns: 25 },
    ));

  it('are the same for every image and every block, alone or in a batch', () =>
    fc.assert(
      fc.property(kinds, blocks, keys, fc.nat(), (kind, block, k, seed) => {
        const t = transform(kind, block, k);
        const one = bytes(3 * block * block, seed);
        const alone = t.transform({ shape: [3, block, block], data: one }).data;
        const [rows, columns] = [2 * block, 3 * block];
        const tiled = Uint8Array.from({ length: 2 * 3 * rows * columns }, (_, at) => {
          const [x, y] = [at % columns, Math.floor(at / columns) % rows];
          const channel = Math.floor(at / (columns * rows)) % 3;
          return one[(channel * block + (y % block)) * block + (x % block)];
        });
        const { data } = t.transform({ shape: [2, 3, rows, columns], data: tiled });
        data.forEach((x, at) => {
          const [column, row] = [at % columns, Math.floor(at / columns) % rows];
          const channel = Math.floor(at / (columns * rows)) % 3;
          expect(x).equal(alone[(channel * block + (row % block)) * block + (column % block)]);
        });
      }),
      { numRuns: 10 },
    ));

  it('take greyscale images without an axis of channels', () => {
    const data = bytes(2 * 8 * 12, 5);
    for (const kind of ['shf', 'np', 'ffx'] as const) {
      const t = transform(kind);
      const flat = t.transform({ shape: [2, 8, 12], data, layout: 'HW' });
      expect(flat.data).deep.equal(t.transform({ shape: [2, 1, 8, 12], data }).data);
      expect(flat.shape).deep.equal([2, 8, 12]);
      expect(t.inverse(flat).data).deep.equal(data);
      expect(t.transform({ shape: [8, 12], data: data.subarray(0, 96), layout: 'HW' }).data).deep.equal(
        flat.data.subarray(0, 96),
      );
    }
  });

  it('change about everything with one bit of the key, the kind, the block or the channels', () =>
    fc.assert(
      fc.property(kinds, keys, fc.nat(255), (kind, k, bit) => {
        const other = k.slice();
        other[bit >> 3] ^= 1 << (bit & 7);
        const shape = [1, 3, 32, 32];
        const data = bytes(3 * 32 * 32, bit + 1);
        const [a, b] = [k, other].map((one) => transform(kind, 8, one).transform({ shape, data }).data);
        const same = a.filter((x, i) => x === b[i]).length / a.length;
        // Shuffled: 1 of 192 and equal bytes; masks agree at half of the places on average.
        expect(same).below(kind === 'shf' ? 0.06 : 0.75);
      }),
      { numRuns: 10 },
    ));

  it('invert and encrypt half of the places', () => {
    for (const kind of ['np', 'ffx'] as const)
      for (const block of [2, 4, 8] as const)
        for (const channels of [1, 3, 4]) {
          const own = transform(kind, block).blockKey(channels);
          if (own.kind === 'shf') throw new Error('unreachable');
          expect(own.mask.reduce((a, b) => a + b, 0)).equal((channels * block * block) / 2);
        }
  });

  it('leave what they are given, copy the key, and keep bits of floats', () => {
    const own = key.slice();
    const t = blockTransform({ kind: 'shf', block: 4, key: own, weak: true });
    own.fill(0);
    const data = Float32Array.from({ length: 16 }, (_, i) => (i === 3 ? Number.NaN : i === 5 ? -0 : i - 7));
    const before = data.slice();
    const made = t.transform({ shape: [1, 4, 4], data });
    expect(data).deep.equal(before);
    expect(made.data).deep.equal(transform('shf').transform({ shape: [1, 4, 4], data }).data);
    const back = t.inverse(made).data;
    expect(new Uint32Array(back.buffer)).deep.equal(new Uint32Array(before.buffer));
    // A view that does not begin where its memory does.
    const odd = new Uint8Array(17).subarray(1);
    odd.set(bytes(16, 3));
    for (const kind of ['shf', 'np', 'ffx'] as const) {
      const [a, b] = [odd, odd.slice()].map(
        (x) => transform(kind).transform({ shape: [1, 4, 4], data: x }).data,
      );
      expect(a).deep.equal(b);
    }
  });

  it('refuse what they do not take', () => {
    const data = new Uint8Array(16);
    const image = { shape: [1, 4, 4], data };
    const t = transform('np');
    expect(() => t.transform({ shape: [1, 4, 6], data: new Uint8Array(24) })).throw(
      /width of 6: pad or crop/,
    );
    expect(() => t.transform({ shape: [1, 6, 4], data: new Uint8Array(24) })).throw(/height of 6/);
    expect(() => t.transform({ shape: [4, 4], data })).throw(/\[C, H, W\] or \[N, C, H, W\]/);
    expect(() => t.transform({ shape: [1, 4, 4.5], data })).throw(/layout/);
    expect(() => t.transform({ shape: [1, -4, -4], data })).throw(/layout/);
    expect(() => t.transform({ shape: [1, 4, 8], data })).throw(/16 pixels do not fill/);
    expect(() => t.transform({ shape: [0, 4, 4], data: new Uint8Array(0) })).throw(
      /not 0: is the layout right/,
    );
    expect(() => t.transform({ ...image, layout: 'WHC' as never })).throw(/CHW, HWC, HW/);
    expect(() => t.transform({ ...image, data: new Float64Array(16) as never })).throw(/Uint8Array/);
    expect(() => transform('shf', 3 as never)).throw(/2, 4, 8, not 3/);
    expect(() => transform('rot13' as never)).throw(/shf, np, ffx, not "rot13"/);
    expect(() => transform('shf', 4, key.subarray(1))).throw(/32 bytes, not 31/);
    expect(() => transform('shf', 4, 'secret' as never)).throw(/Uint8Array of 32/);
    for (const bad of [Number.NaN, -0.1, 1.5]) {
      const floats = { shape: [1, 4, 4], data: new Float32Array(16).fill(bad) };
      expect(() => t.transform(floats)).throw(/not from 0 to 1/);
      expect(() => transform('ffx').transform(floats)).throw(/not from 0 to 1/);
    }
    const between = { shape: [1, 4, 4], data: new Float32Array(16).fill(0.501) };
    expect(() => transform('ffx').transform(between)).throw(/no multiple of 1\/255/);
    expect(() => transform('ffx').inverse(image)).throw(/three digits/);
    const made = transform('ffx').transform({ shape: [1, 4, 4], data: bytes(16, 9) });
    expect(() => transform('ffx', 4, new Uint8Array(32).fill(9)).inverse(made)).throw(/makes of no pixel/);
  });

  it('refuse key spaces that can be searched, unless told otherwise', () => {
    const weak = blockTransform({ kind: 'shf', block: 4, key });
    const image = { shape: [1, 4, 4], data: new Uint8Array(16) };
    expect(() => weak.transform(image))
      .throw(WeakTransformError)
      .property('code', 'TRANSFORM_WEAK');
    expect(() =>
      blockTransform({ kind: 'shf', block: 2, key }).transform({
        shape: [3, 2, 2],
        data: new Uint8Array(12),
      }),
    ).throw(/2\^28\.8 keys/);
    expect(blockTransform({ kind: 'np', block: 4, key }).blockKey(2).kind).equal('np');
    expect(keySpaceBits('shf', 4, 3)).closeTo(202.9, 0.1);
    expect(keySpaceBits('np', 4, 1)).closeTo(Math.log2(12_870), 1e-9);
    expect(keySpaceBits('ffx', 8, 3)).equal(256);
    expect(keySpaceBits('shf', 8, 3)).equal(256);
  });
});
