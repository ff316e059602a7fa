/**
 * How large the noise of BFV ciphertexts can be, for whoever has no key to measure it. Bounds of the invariant noise v
 * (Fan and Vercauteren 2012; SEAL's convention: decryption is right while |v| < 1/2, the budget is -log2(2 |v|)), as
 * base-2 logarithms of its largest coefficient.
 *
 * Sums and plain products are bounded in the worst case. Products of ciphertexts use that ciphertexts look uniform:
 * a convolution with a uniform polynomial stays below 8 standard deviations, which fails with probability 2^-49 a
 * coefficient.
 */

/** Standard deviation of fresh noise in SEAL, and deviations over it that no coefficient reaches. */
const SIGMA = 3.2;
const DEVIATIONS = 8;

export class BfvNoise {
  private readonly logQ: number;
  private readonly logT: number;

  constructor(
    private readonly ringDegree: number,
    plainModulus: bigint,
    /** Data primes. */
    private readonly primes: readonly bigint[],
  ) {
    this.logQ = primes.reduce((sum, prime) => sum + Math.log2(Number(prime)), 0);
    this.logT = Math.log2(Number(plainModulus));
  }

  /** log2 of q / t: what a noise coefficient is divided by. */
  get logRatio(): number {
    return this.logQ - this.logT;
  }

  /** Encrypted with the public key (with the secret key it is less). */
  get fresh(): number {
    const deviation = SIGMA * Math.sqrt((4 * this.ringDegree) / 3 + 1);
    return Math.log2(DEVIATIONS * deviation + 1) - this.logRatio;
  }

  /** Σ weights · noises; weights are the sums of the absolute digits of the plaintexts. */
  sum(terms: Iterable<readonly [number, number]>): number {
    let [top, total] = [Number.NEGATIVE_INFINITY, 0];
    for (const [weight, noise] of terms) {
      if (noise > top) {
        total = total * 2 ** (top - noise);
        top = noise;
      }
      total += weight * 2 ** (noise - top);
    }
    return top + Math.log2(total);
  }

  /** A product of ciphertexts, relinearised. */
  product(a: number, b: number): number {
    const { ringDegree: n, logT } = this;
    // v (m' + t k'): k' is the part of c(s) above q, uniform coefficients times a ternary secret.
    const convolution = logT + Math.log2(DEVIATIONS * n * (1 / Math.sqrt(18) + 1 / Math.sqrt(12)));
    const rounding = Math.log2(DEVIATIONS * n) - this.logRatio;
    return logAdd(a + convolution, b + convolution, rounding, this.keySwitch);
  }

  /** Noise of one key switch; the special prime is at least as large as the digits' primes in SEAL's defaults. */
  private get keySwitch(): number {
    const digits = Math.sqrt((this.primes.length * this.ringDegree) / 12) * SIGMA * DEVIATIONS * 4;
    return Math.log2(digits + this.ringDegree) - this.logRatio;
  }

  /** Standard deviation of a fresh encryption with the secret key. */
  get expectedFresh(): number {
    return Math.log2(SIGMA) - this.logRatio;
  }

  /** Standard deviation after a square, for planning; `product` is the bound. */
  expectedSquare(deviation: number): number {
    return logAdd(
      deviation + 1 + this.logT + Math.log2(this.ringDegree / Math.sqrt(18)),
      this.keySwitch - Math.log2(DEVIATIONS),
    );
  }

  budget(noise: number): number {
    return Math.max(0, -noise - 1);
  }
}

function logAdd(...logs: number[]): number {
  const top = Math.max(...logs);
  return top === Number.NEGATIVE_INFINITY
    ? top
    : top + Math.log2(logs.reduce((sum, log) => sum + 2 ** (log - top), 0));
}
