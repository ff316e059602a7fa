/**
 * Sine and cosine of all numbers. An angle is periodic, and so are words: x (in units of 2^-scale) times the public
 * K = 2^(64-scale) / (2 pi), rounded, is the part of a turn that x is, mod 2^64, whatever x is.
 *
 *     t = K x, plus a quarter of a turn for the cosine                        (local)
 *     open c = t + r mod 2^64                                               (r is a fresh free mask: c is uniform)
 *     sin(t) = sin(c) cos(r) - cos(c) sin(r)                                (sin(r), cos(r) dealt, sin(c), cos(c) public)
 *
 * Source: the angle-sum identity on a masked opening, as in Zheng, Zhang, Wei, Chen, Wang, Huang: "Secure Softmax/Sigmoid
 * for Machine-learning Computation", ACSAC 2023, section 4, for Fourier series; here the sine is what is wanted.
 *
 * Error: |x| pi 2^-(64-scale) of K, 2^-20 of sines and the rounding of the truncation. Rounds 1, and that of the truncation.
 * Bytes an element: 8, and those of the truncation; dealer 16.
 */

import { openMaskedInput } from '../compare/masked-input.js';
import { defineProtocol } from '../definition/protocol.js';
import { blockOf, type Field, Layout } from '../runtime/layout.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { sinesOfTurns } from '../sines/turns.js';
import { addScalar, mulScalar } from './local-maps.js';
import { truncate } from './truncate.js';

/** Fraction bits of public and of dealt sines. */
const BITS = 22;
/** Window of the truncation: what it truncates is below 2^(2 BITS + 1), whatever the session's window is. */
const FULL = 64;
const QUARTER_TURN = 1n << 62n;

interface Fields {
  readonly layout: Layout;
  readonly r: Field;
  readonly sine: Field;
  readonly cosine: Field;
}

/**
 * sin(x), or cos(x), of x with `scale` fraction bits, with the session's.
 * @throws RangeError unless there are 1 to 40 fraction bits
 */
export function sine(session: Session, kind: 'sin' | 'cos', x: Share, scale: number): Share {
  const { fractionBits } = session.config;
  if (!Number.isInteger(scale) || scale < 1 || scale > MOST_SCALE || fractionBits >= 2 * BITS - 1)
    throw new RangeError(`${kind} of ${scale} fraction bits, with ${fractionBits} of the result`);
  const turns = mulScalar(session, x, turnsOf(scale));
  const shifted = kind === 'cos' ? addScalar(session, turns, QUARTER_TURN) : turns;
  const y = sineProtocol.runOn(session, shifted, {});
  const result = truncate(session, y, 2 * BITS - fractionBits, FULL);
  for (const part of new Set([turns, shifted, y])) part.dispose();
  return result;
}

const MOST_SCALE = 40;
/** 2^72 / (2 pi), to the nearest. */
const TURN = 751587968840192313983n;
/** 2^(64 - scale) / (2 pi), to the nearest. */
const turnsOf = (scale: number): bigint => {
  const shift = BigInt(scale + 8);
  return (TURN + (1n << (shift - 1n))) >> shift;
};

const layout = new Layout();
const fields: Fields = {
  layout,
  r: layout.freeWords('r'),
  sine: layout.words('sin r'),
  cosine: layout.words('cos r'),
};

export const sineProtocol = defineProtocol<object, Fields>({
  kind: 'sine',
  elementwise: true,
  parameters: () => ({}),
  fields: () => fields,
  rounds: () => 1,
  opens: () => [{ bits: 64 }],
  async party(op, { inputs: [share], out, fields: own }) {
    const c = await openMaskedInput(op, own.r, 64, share);
    await op.dealt();
    op.eachBlock((block) => {
      const mark = op.scratch.mark();
      const [sines, cosines] = [op.scratch.words(block.length), op.scratch.words(block.length)];
      sinesOfTurns(blockOf(c, block), sines, cosines, BITS);
      const y = blockOf(out, block);
      op.ring.mul(cosines, cosines, op.shareInScratch(own.sine, block));
      op.ring.mul(sines, sines, op.shareInScratch(own.cosine, block));
      op.ring.sub(y, sines, cosines);
      op.scratch.release(mark);
    });
    op.pool.give(c);
  },
  dealer(op, _, own) {
    op.eachBlock((block) => {
      const masks = op.freeInScratch(own.r, block);
      const [sines, cosines] = [op.scratch.words(block.length), op.scratch.words(block.length)];
      sinesOfTurns(masks, sines, cosines, BITS);
      op.deal(own.sine, sines, block);
      op.deal(own.cosine, cosines, block);
    });
  },
  examples: {
    sine: (s, { x }) => sine(s, 'sin', x, 4),
  },
});
