/** Measures what operations cost by running them at two parties: the figures that docs/protocols.md states. */
import {
  AdditiveEngine,
  Binary,
  clip,
  isZero,
  maskOnce,
  multiplyMasked,
  nonNegative,
  relu,
  type Session,
  type Share,
  shareInput,
  sigmoid,
  squareMasked,
  type TreeShape,
  tanh,
  truncate,
  truncateExact,
} from '@tacit/mpc';
import { simulate } from '@tacit/testing';

export interface Cost {
  readonly rounds: number;
  /** Payload bytes from each party to each other one, an element. */
  readonly bytes: number;
  /** Payload bytes from the dealer to the last party, an element. */
  readonly dealer: number;
}

const drop = { f: 16, l: 64 };

/** Each takes x, and y where it needs one; what it costs is counted from there on, masks not included. */
const operations: Readonly<Record<string, (s: Session, x: Share, y: Share) => Share>> = {
  'product, kept at double scale': (s, x, y) => multiplyMasked(s, maskOnce(s, x), maskOnce(s, y)),
  'product, truncated at once': (s, x, y) => multiplyMasked(s, maskOnce(s, x), maskOnce(s, y), drop),
  'square, truncated at once': (s, x) => squareMasked(s, maskOnce(s, x), drop),
  truncation: (s, x) => truncate(s, x, 16),
  'exact floor': (s, x) => truncateExact(s, x, 16),
  'comparison (<, <=, >, >=)': (s, x) => nonNegative(s, x),
  equality: (s, x) => isZero(s, x),
  ReLU: (s, x) => relu(s, x),
  'ReLU of a product, truncated': (s, x) => relu(s, x, { truncate: 16 }),
  'clip, two bounds': (s, x) => clip(s, x, { low: -65536n, high: 65536n }),
  sigmoid: (s, x) => sigmoid(s, x),
  tanh: (s, x) => tanh(s, x),
  'bits of a number': (s, x) => new AdditiveEngine(s).toBits(x).words,
  // Any words are shares of some bits: what an operation costs does not depend on them.
  'and of 64 bits, or': (s, x, y) => new AdditiveEngine(s).andBits(new Binary(x), new Binary(y)).words,
  'number of its bits': (s, x) => new AdditiveEngine(s).fromBits(new Binary(x)),
};

const N = 4096;

export async function measureCosts(tree: TreeShape): Promise<Map<string, Cost>> {
  const costs = new Map<string, Cost>();
  for (const [name, run] of Object.entries(operations)) {
    const {
      results,
      dealerBytes,
      operations: stats,
    } = await simulate({ parties: 2, config: { tree } }, async (session) => {
      const values = () => new BigUint64Array(N).fill(3n << 16n);
      const x = shareInput(session, 0, [N], values());
      const y = shareInput(session, 0, [N], values());
      const result = run(session, x, y);
      await result.value;
      return result.depth - (x.forms.all?.depth ?? 0);
    });
    const online = stats[0].filter((o) => o.name !== 'mask').reduce((sum, o) => sum + o.bytesSent, 0);
    costs.set(name, { rounds: results[0], bytes: online / N, dealer: dealerBytes / N });
  }
  return costs;
}
