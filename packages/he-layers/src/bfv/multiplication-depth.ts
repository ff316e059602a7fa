/** How many products in a row encryption parameters stand: measured, not estimated. */
import type { BfvContext, Ciphertext } from '@tacit/he/backend';

/** What is measured: of `Bfv`, the part that multiplies and sees what comes out. */
interface Multiplier {
  readonly context: Pick<BfvContext, 'scope'>;
  encryptFraction(value: number): Ciphertext;
  multiply(a: Ciphertext, b: Ciphertext): Ciphertext;
  decryptFraction(ciphertext: Ciphertext, options: { readonly evenIfNoisy: true }): number;
  /** Bits left. */
  noiseLevel(ciphertext: Ciphertext): number;
}

export interface MultiplicationDepthOptions {
  /** Stop after so many products. Default 64. */
  readonly maxDepth?: number;
  /** Largest difference from the expected value that counts as right. Default 0.1. */
  readonly delta?: number;
  /** The product begins with the first, and is multiplied by the second and the third in turn. Default [1, 10, 0.1]. */
  readonly factors?: readonly [number, number, number];
  /** Called after each product. */
  readonly observe?: (step: MultiplicationStep) => void;
}

export interface MultiplicationStep {
  readonly multiplications: number;
  /** Bits left. */
  readonly noiseBudget: number;
  readonly value: number;
  readonly expected: number;
  readonly right: boolean;
}

export interface MultiplicationDepth {
  /** Products in a row whose value was right. */
  readonly depth: number;
  /** All products that were tried; the last is the one that failed, unless maxDepth was reached. */
  readonly steps: readonly MultiplicationStep[];
}

export function measureMultiplicationDepth(
  bfv: Multiplier,
  { maxDepth = 64, delta = 0.1, factors: [x, y, z] = [1, 10, 0.1], observe }: MultiplicationDepthOptions = {},
): MultiplicationDepth {
  const steps: MultiplicationStep[] = [];
  bfv.context.scope(() => {
    const [first, second] = [bfv.encryptFraction(y), bfv.encryptFraction(z)];
    let product = bfv.encryptFraction(x);
    let expected = x;
    while (steps.length < maxDepth && (steps.at(-1)?.right ?? true)) {
      const odd = steps.length % 2 === 0;
      product = replace(product, bfv.multiply(product, odd ? first : second));
      expected *= odd ? y : z;
      const value = bfv.decryptFraction(product, { evenIfNoisy: true });
      const step = {
        multiplications: steps.length + 1,
        noiseBudget: bfv.noiseLevel(product),
        value,
        expected,
        right: Math.abs(value - expected) <= delta,
      };
      steps.push(step);
      observe?.(step);
    }
  });
  return { depth: steps.filter(({ right }) => right).length, steps };
}

function replace(old: Ciphertext, next: Ciphertext): Ciphertext {
  old.dispose();
  return next;
}
