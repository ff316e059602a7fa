/**
 * Levels and scales that layers lead to in CKKS: what `CkksArithmetic` does, and what can be said of a network before
 * anything is encrypted.
 */
import { HeLevelError } from '@tacit/he';
import { activationDepth, boundOf, type Interval } from '@tacit/he/network';
import type { PolynomialForm } from './polynomial-form.js';

export interface LevelAndScale {
  /** Data primes that are left. */
  readonly level: number;
  readonly scale: number;
}

export interface AffineStep extends LevelAndScale {
  readonly weightScale: number;
  /** Whether a prime is dropped after it. */
  readonly rescale: boolean;
}

export interface PolynomialStep extends LevelAndScale {
  /** Whether a prime is dropped after the last product. */
  readonly rescale: boolean;
}

/** Weights and products need at least this many bits of scale. */
const LEAST_SCALE_BITS = 12;
/** More bits of a weight's scale make nothing more precise. */
const MOST_WEIGHT_BITS = 30;

export class CkksLevels {
  constructor(
    /** Data primes, the last dropped first. */
    readonly primes: readonly number[],
    /** Scale that affine layers lead to. */
    readonly target: number,
  ) {}

  logModulus(level: number): number {
    let sum = 0;
    for (let i = 0; i < level; i++) sum += Math.log2(this.primes[i]);
    return sum;
  }

  /** Whether values up to `bound` stay below a quarter of the modulus. */
  fits(scale: number, bound: number, level: number): boolean {
    return Math.log2(scale * Math.max(bound, 1)) + 2 <= this.logModulus(level);
  }

  /** @throws HeLevelError (HE_LEVEL) naming the layer, where no level is left */
  affine({ level, scale }: LevelAndScale, output: Interval, layer: string): AffineStep {
    const { target, primes } = this;
    const bound = boundOf(output);
    if (level > 1) {
      const weightScale = (target * primes[level - 1]) / scale;
      if (this.fits(target, bound, level - 1) && Math.log2(weightScale) >= LEAST_SCALE_BITS)
        return { weightScale, rescale: true, level: level - 1, scale: target };
    }
    const room = Math.floor(this.logModulus(level) - 2 - Math.log2(Math.max(bound, 1) * scale));
    if (room < LEAST_SCALE_BITS) throw exhausted(layer, level, bound);
    const weightScale = 2 ** Math.min(room, MOST_WEIGHT_BITS);
    return { weightScale, rescale: false, level, scale: scale * weightScale };
  }

  /** @throws HeLevelError */
  polynomial(
    { level, scale }: LevelAndScale,
    { shift, activation, factor, constant }: PolynomialForm,
    range: { readonly input: Interval; readonly output: Interval },
    layer: string,
  ): PolynomialStep {
    const argument = boundOf(mapped(range.input, (x) => x + shift));
    const value = boundOf(mapped(range.output, (y) => (y - constant) / factor));
    const depth = activationDepth(activation);
    if (level < depth || !this.fits(scale * scale, argument * argument, level))
      throw exhausted(layer, level, argument * argument);
    let at = { level, scale: scale * scale };
    if (depth === 2) {
      const square = at.scale / this.primes[level - 1];
      at = { level: level - 1, scale: activation.kind === 'cubic' ? scale * square : square * square };
    }
    if (!this.fits(at.scale, value, at.level)) throw exhausted(layer, at.level, value);
    const after = at.scale / this.primes[at.level - 1];
    const rescale =
      at.level > 1 && Math.log2(after) >= LEAST_SCALE_BITS && this.fits(after, value, at.level - 1);
    if (rescale) at = { level: at.level - 1, scale: after };
    return { level: at.level, scale: at.scale / Math.abs(factor), rescale };
  }
}

const mapped = ({ low, high }: Interval, f: (x: number) => number): Interval => ({
  low: low.map(f),
  high: high.map(f),
});

function exhausted(layer: string, level: number, bound: number): HeLevelError {
  return new HeLevelError(
    `Layer ${layer}: ${level} ${level === 1 ? 'prime is' : 'primes are'} left, too little for its products (values up to ${bound.toPrecision(3)}). ` +
      'Take more primes or a smaller scale, or re-encrypt before it (reencryptAt).',
  );
}
