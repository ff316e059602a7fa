// CKKS encoding: slot values to a polynomial with integer coefficients, see assembly/embedding.ts. Slot s belongs to the
// root exp(i pi / N)^(3^s), as in SEAL.
import type { Core } from './core.js';
import { RlweArgumentError } from './errors.js';
import { reverseBits } from './galois.js';

/** Coefficients of this size and more are reduced with integers instead of doubles. */
const SMALL = 2 ** 50;
/** Coefficients must stay below this. */
const LARGE = 2 ** 62;

export class Encoder {
  readonly #core: Core;
  readonly #slots: number;
  readonly #order: number;
  readonly #roots: number;

  constructor(core: Core) {
    const { n, memory } = core;
    const slots = n / 2;
    this.#core = core;
    this.#slots = slots;
    this.#order = memory.takeBlock(slots * 4);
    this.#roots = memory.takeBlock((slots / 2 + slots) * 16);
    const bits = Math.log2(slots);
    const order = new Map<number, number>();
    let exponent = 1;
    for (let slot = 0; slot < slots; slot++) {
      // The value at the conjugate root is the conjugate, and values are real.
      order.set(exponent % 4 === 1 ? exponent : 2 * n - exponent, slot);
      exponent = (exponent * 3) % (2 * n);
    }
    for (let k = 0; k < slots; k++)
      memory.words[this.#order / 4 + reverseBits(k, bits)] = order.get(4 * k + 1) ?? 0;
    const roots = this.#roots / 8;
    const turns = (at: number, part: number) => {
      memory.doubles[at] = Math.cos(2 * Math.PI * part);
      memory.doubles[at + 1] = -Math.sin(2 * Math.PI * part);
    };
    for (let i = 0; i < slots / 2; i++) turns(roots + 2 * i, i / slots);
    for (let i = 0; i < slots; i++) turns(roots + slots + 2 * i, i / (2 * n));
  }

  /**
   * Writes the encoded values to one row for each of the primes numbered. levelBits: log2 of the modulus; coefficients
   * must stay below half of it.
   */
  encode(
    values: Float64Array,
    scale: number,
    primes: readonly number[],
    rows: readonly number[],
    levelBits: number,
  ): void {
    const core = this.#core;
    const { kernels, memory, n } = core;
    if (values.length > this.#slots)
      throw new RlweArgumentError(`encode: ${values.length} values, there are ${this.#slots} slots`);
    if (!(Number.isFinite(scale) && scale > 0)) throw new RlweArgumentError(`encode: scale ${scale}`);
    memory.withBlock(32 * this.#slots + 8 * n, (work) => {
      // Coefficients take 8n bytes, then work space of 16 bytes a slot; the values lie where the coefficients come.
      const complex = work + 8 * n;
      const staged = complex + 16 * this.#slots;
      memory.doubles.fill(0, staged / 8, staged / 8 + this.#slots);
      memory.doubles.set(values, staged / 8);
      const largest = kernels.embed(work, staged, this.#slots, this.#order, this.#roots, complex, scale);
      if (!(largest < Math.min(LARGE, 2 ** (levelBits - 1)))) throw tooLarge(values, scale, levelBits);
      const reduce = largest < SMALL ? kernels.reduceSmall : kernels.reduceLarge;
      for (const [i, prime] of primes.entries()) {
        reduce(rows[i], work, n, core.moduli[prime].q);
        core.forward(rows[i], prime);
      }
    });
  }
}

function tooLarge(values: Float64Array, scale: number, levelBits: number): RlweArgumentError {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) return new RlweArgumentError(`encode: value ${values[bad]} in slot ${bad}`);
  return new RlweArgumentError(
    `encode: at scale 2^${Math.log2(scale).toFixed(2)} the values need coefficients of 2^62 or more, ` +
      `or more than the ${levelBits.toFixed(0)} bits of the level`,
  );
}

/** value * scale, rounded, for constants. */
export function integerOf(operation: string, value: number, scale: number): bigint {
  const product = Math.round(value * scale);
  if (!Number.isFinite(product))
    throw new RlweArgumentError(`${operation}: ${value} at scale ${scale} is not a finite number`);
  return BigInt(product);
}
