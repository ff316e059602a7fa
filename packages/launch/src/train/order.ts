/** The public order of examples: from a seed, the same at all parties and in every run. */
import { createHash } from 'node:crypto';

/**
 * A permutation (Fisher, Yates; Durstenfeld 1964).
 * @param count how many numbers
 * @param seed public number
 * @param purpose what it is for: each has an order of its own
 * @returns the numbers 0 to count - 1
 */
export function publicOrder(count: number, seed: number, purpose: string): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const next = stream(`tacit order ${seed} ${purpose}`);
  for (let i = count - 1; i > 0; i--) {
    const j = below(i + 1, next);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** Words of 32 bits: SHA-256 of a counter. */
function stream(name: string): () => number {
  let words = new Uint32Array(0);
  let [at, block] = [0, 0];
  return () => {
    if (at === words.length) {
      const digest = createHash('sha256').update(`${name} ${block++}`).digest();
      words = Uint32Array.from({ length: 8 }, (_, i) => digest.readUInt32LE(4 * i));
      at = 0;
    }
    return words[at++];
  };
}

/** Uniform below a bound: words beyond its last multiple are drawn again. */
function below(bound: number, next: () => number): number {
  const limit = 2 ** 32 - (2 ** 32 % bound);
  for (;;) {
    const word = next();
    if (word < limit) return word % bound;
  }
}

/** Which rows are for training, and which for validation. */
export interface Split {
  readonly training: Int32Array;
  readonly validation: Int32Array;
}

/**
 * A random part of the rows for validation.
 * @param rows how many there are
 * @param part of them for validation, rounded down
 * @param seed public number
 * @returns both parts, each in the order of the file
 */
export function splitRows(rows: number, part: number, seed: number): Split {
  const held = Math.floor(rows * part);
  const order = publicOrder(rows, seed, 'validation');
  return { training: order.subarray(held).sort(), validation: order.subarray(0, held).sort() };
}
