/** Inputs of the engine suite: signed numbers of all magnitudes, with the edges, repeatable from a seed. */

/** A tensor in the clear, of numbers read as signed words of Z/2^64. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly values: readonly bigint[];
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
export const wrap = (v: bigint): bigint => BigInt.asIntN(64, v);
export const wordsOf = (values: readonly bigint[]): BigUint64Array<ArrayBuffer> =>
  BigUint64Array.from(values, (v) => BigInt.asUintN(64, v));
export const signed = (words: BigUint64Array): bigint[] => Array.from(words, wrap);

/** Draws tensors; the same seed draws the same ones. */
export class Draw {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 32 random bits (mulberry32). */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** Numbers from -2^limit to 2^limit - 1 of all magnitudes; the edges come first. */
  tensor(shape: readonly number[], limit: number): Numbers {
    const top = 1n << BigInt(limit);
    const edges = [0n, 1n, -1n, top - 1n, -top, 2n, -2n];
    const values = Array.from({ length: sizeOf(shape) }, (_, i) => {
      const bits = (BigInt(this.#next()) << 32n) | BigInt(this.#next());
      return edges[i] ?? BigInt.asIntN(1 + (i % (limit + 1)), bits);
    });
    return { shape, values };
  }
}

/** Each element changed, mod 2^64. */
export const map = ({ shape, values }: Numbers, f: (v: bigint, i: number) => bigint): Numbers => ({
  shape,
  values: values.map((v, i) => wrap(f(v, i))),
});
