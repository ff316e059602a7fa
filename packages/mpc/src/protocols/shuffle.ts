/**
 * Shuffling: the rows of each lane of a tensor [lanes, n, width] in an order that nobody knows, unless all parties tell
 * each other theirs. After M. Chase, E. Ghosh and O. Poburinnaya, "Secret-shared shuffle" (ASIACRYPT 2020), with a dealer
 * in place of oblivious transfers. Party i has a uniform permutation pi_i of each lane, and the order is that of
 *
 *     pi = pi_(P-1) ... pi_1 pi_0
 *
 * From party to party goes the whole tensor under masks:
 *
 *     to party 0:        x_i - r_i             from each other party; it adds them up with its own share: z_0
 *     to party i + 1:    pi_i(z_i) + b_i       from party i; what comes is z_(i+1)
 *     at the end:        y_i = d_i             and y_(P-1) = pi_(P-1)(z_(P-1)) + d_(P-1)
 *
 * with r_i (of all parties but the first) and b_i (of all but the last) free, and dealt shares d_i of
 *
 *     D = pi(r_1 + ... + r_(P-1)) - sum of pi_(P-1) ... pi_(i+1)(b_i)
 *
 * so that the y_i add up to pi(x). Exact for every word.
 *
 * Rounds: one a party. Bytes: 8 a word from the first and from the last party, 16 from each other one. Dealer: 8 a word.
 *
 * Why nobody learns anything: let party j be one that does not collude. The others get from it x_j - r_j and
 * pi_j(z_j) + b_j, and the last party may get d_(P-1). Neither r_j, b_j nor d_j (where j is last, all d_i but its own) is
 * in anything else that they see: D, of which r_j and b_j are summands, is known up to d_j only. So all messages are
 * uniform and independent of each other, of x, and of pi_j, which a simulator does not need to know. As pi_j is uniform,
 * so is pi, whatever the others chose or know; and the shares of the result are uniform with the sum pi(x). Without b_j
 * the parties j - 1 and j + 1 would see z_j and pi_j(z_j), and know pi_j.
 */
import type { Words } from '@tacit/ring';
import { checkRows } from '../checks.js';
import { defineProtocol } from '../definition/protocol.js';
import { moveRows } from '../permutation/move-rows.js';
import { randomPermutations } from '../permutation/random-permutation.js';
import { blockOf, type Field, Layout } from '../runtime/layout.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';

interface Parameters {
  /** Rows of a lane. */
  readonly rows: number;
  /** Words of a row. */
  readonly width: number;
}

interface Fields {
  readonly layout: Layout;
  /** Where a party's permutations come from: a word a row. */
  readonly order: Field;
  readonly r: Field;
  readonly b: Field;
  readonly D: Field;
}

/** The rows of each lane of x, of shape [lanes, rows, width], shuffled. @throws ShapeError for another shape */
export function shuffle(session: Session, x: Share): Share {
  checkRows('shuffle', x.shape);
  const [lanes, rows, width] = x.shape;
  // One row, or none, has one order.
  if (rows < 2 || lanes * width === 0) return x.reshaped(x.shape);
  return shuffleProtocol.runOn(session, x, { rows, width });
}

const layout = new Layout();
const fields: Fields = {
  layout,
  order: layout.freeWords('order'),
  r: layout.freeWords('r'),
  b: layout.freeWords('b'),
  D: layout.words('D'),
};

export const shuffleProtocol = defineProtocol<Parameters, Fields>({
  kind: 'shuffle',
  elementwise: false,
  output: 'overwritten',
  parameters(request) {
    const n = request.whole('n', 0, request.limits.maxElements);
    const rows = request.whole('rows', 2, request.limits.maxElements);
    const width = request.whole('width', 1, request.limits.maxElements);
    if (n % (rows * width) !== 0) request.fail(`${n} words are no lanes of ${rows} rows of ${width}`);
    return { rows, width };
  },
  fields: () => fields,
  rounds: (_parameters, _fields, parties) => parties,
  sends: ({ rank, parties, n }) => (rank === 0 || rank === parties - 1 ? 8 * n : 16 * n),
  async party(op, { inputs: [share], out, parameters: { rows, width } }) {
    const { rank, ring } = op;
    const lanes = op.n / (rows * width);
    if (!op.first)
      op.tellWords(0, `x${rank}`, (block, t) => {
        t.set(blockOf(share, block));
        op.subtractShare(fields.r, t, block);
      });
    const mark = op.scratch.mark();
    const sources = randomPermutations(lanes, rows, (run) => {
      op.scratch.release(mark);
      const words = op.scratch.words(run.length);
      op.share(fields.order, words, run);
      return words;
    });
    op.scratch.release(mark);
    const z = op.pool.take(op.n);
    if (op.first) {
      z.set(share);
      for (const peer of op.peers()) await op.hearWords(peer, `x${peer}`, (theirs) => ring.add(z, z, theirs));
    } else await op.hearWords(rank - 1, `z${rank}`, (theirs) => z.set(theirs));
    moveRows(out, z, sources, lanes, width);
    op.pool.give(z);
    if (!op.last)
      op.tellWords(rank + 1, `z${rank + 1}`, (block, t) => {
        op.share(fields.b, t, block);
        ring.add(t, t, blockOf(out, block));
      });
    await op.dealt();
    op.eachBlock((block) => {
      const [part, d] = [blockOf(out, block), op.shareInScratch(fields.D, block)];
      if (op.last) ring.add(part, part, d);
      else part.set(d);
    });
  },
  dealer(op, { rows, width }) {
    const { ring, streams } = op;
    const lanes = op.n / (rows * width);
    const last = streams.length - 1;
    let [D, moved]: Words[] = [op.pool.take(op.n), op.pool.take(op.n)];
    const each = (field: Field, rank: number, fold: (sum: Words, part: Words) => void) =>
      op.eachBlock((block) => {
        const part = op.scratch.words(block.length);
        op.part(field, rank, part, block);
        fold(blockOf(D, block), part);
      });
    ring.fill(D, 0n);
    for (let rank = 1; rank <= last; rank++) each(fields.r, rank, (sum, part) => ring.add(sum, sum, part));
    for (let rank = 0; rank <= last; rank++) {
      const mark = op.scratch.mark();
      const sources = randomPermutations(lanes, rows, (run) => {
        op.scratch.release(mark);
        const words = op.scratch.words(run.length);
        op.part(fields.order, rank, words, run);
        return words;
      });
      op.scratch.release(mark);
      moveRows(moved, D, sources, lanes, width);
      [D, moved] = [moved, D];
      if (rank < last) each(fields.b, rank, (sum, part) => ring.sub(sum, sum, part));
    }
    op.eachBlock((block) => {
      const value = op.scratch.words(block.length);
      value.set(blockOf(D, block));
      op.deal(fields.D, value, block);
    });
    op.pool.give(D);
    op.pool.give(moved);
  },
  examples: {
    'shuffle, a word of a row': (s, { x }) => shuffle(s, x.reshaped([1, x.size / 2, 2])).reshaped(x.shape),
  },
});
