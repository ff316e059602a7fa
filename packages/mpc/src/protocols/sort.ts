/**
 * Sorting: the rows are shuffled (shuffle.ts), then compared, and the results of the comparisons are told to all; with
 * them every party orders its shares by itself. After K. Hamada, R. Kikuchi, D. Ikarashi, K. Chida and K. Takahashi,
 * "Practically efficient multi-party sorting protocols from comparison sort algorithms" (ICISC 2012).
 *
 * What is compared are keys x 2^k + i, i < 2^k the place of x before it was shuffled: no two are equal, and equal numbers
 * keep their order. (To break ties by the place after shuffling would tell where they are.) From the largest on, the keys
 * are -x 2^k + i.
 *
 * Why the comparisons tell nothing: the order of distinct keys that nobody knows the order of is a uniform permutation,
 * whatever the keys are. All that is told, and which rows are compared because of it, is a function of that permutation.
 * A simulator draws one. It says where the rows of the result are among the shuffled ones, not what they were before, nor
 * what the numbers are, nor whether some are equal. That needs |x| < 2^bits: of greater numbers comparisons are wrong, and
 * what is told of them may depend on them.
 *
 * Rounds: those of a shuffle, and those of a comparison for each stage of the plan (sorting/plan.ts). How many
 * comparisons there are depends on sizes only; so everything can be issued at once, and costs are known without running.
 */
import { sizeOf, type Words } from '@tacit/ring';
import { checkSorting } from '../checks.js';
import type { SortOptions } from '../engine.js';
import { halvesOf, moveRows } from '../permutation/move-rows.js';
import type { PartyOp } from '../runtime/party-op.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { Lists } from '../sorting/lists.js';
import { order } from '../sorting/ordering.js';
import { planOrder } from '../sorting/plan.js';
import type { Comparisons, Stages } from '../sorting/stages.js';
import { gather, mapWhole } from './local-maps.js';
import { openSigns } from './opened-sign.js';
import { shuffle } from './shuffle.js';

/**
 * The first elements of each lane of x, of shape [lanes, n], in order, and their places in x at scale 0; equal ones in the
 * order of x.
 * @throws ShapeError for another shape, RangeError where there are not as many, or the keys do not fit into 64 bits
 */
export function sort(
  session: Session,
  x: Share,
  options: SortOptions = {},
): { readonly values: Share; readonly indices: Share } {
  const { keep, largest, indexBits, l } = checkSorting(x.shape, options, session.config.window);
  const [lanes, n] = x.shape;
  const numbered = mapWhole(session, 'sort-rows', [x], [lanes, n, 2], (op, [a], out) => {
    const [to, from] = [halvesOf(out), halvesOf(a)];
    for (let i = 0; i < a.length; i++) {
      to[4 * i] = from[2 * i];
      to[4 * i + 1] = from[2 * i + 1];
      to[4 * i + 2] = op.first ? i % n : 0;
      to[4 * i + 3] = 0;
    }
  });
  const rows = shuffle(session, numbered);
  numbered.dispose();
  const keys = keysOf(session, rows, indexBits, largest);
  const comparing = new Comparing(session, rows, keys, l);
  const found = order(comparing, Lists.all(lanes, n), keep, planOrder(lanes, n, keep));
  const first = comparing.finish(found);
  const column = (offset: number) =>
    gather(session, first, { shape: [lanes, keep], strides: [2 * keep, 2], offset });
  const [values, indices] = [column(0), column(1)];
  for (const share of [rows, keys, first]) share.dispose();
  return { values, indices };
}

const keysOf = (session: Session, rows: Share, indexBits: number, largest: boolean): Share => {
  const shape = rows.shape.slice(0, 2);
  const factor = (largest ? -1n : 1n) << BigInt(indexBits);
  return mapWhole(
    session,
    'sort-keys',
    [rows],
    shape,
    (op, [a], out) => {
      const column = (to: Words, offset: number) => op.ring.gather(to, a, [out.length], [2], offset);
      const places = op.pool.take(out.length);
      column(places, 1);
      column(out, 0);
      op.ring.mulScalar(out, out, BigInt.asUintN(64, factor));
      op.ring.add(out, out, places);
      op.pool.give(places);
    },
    { factor: `${factor}` },
  );
};

/** Issues the stages of an ordering, each behind the bits that the one before has told. */
class Comparing implements Stages {
  readonly #lanes: number;
  #bits: Share | undefined;
  /** What is to do when they are there. */
  #waiting: ((bits: Words | undefined) => void)[] = [];

  constructor(
    readonly session: Session,
    readonly rows: Share,
    readonly keys: Share,
    /** Window of the comparisons. */
    readonly l: number,
  ) {
    this.#lanes = keys.shape[0];
  }

  afterwards(work: () => void): void {
    this.#waiting.push(work);
  }

  compare(parts: readonly Comparisons[]): void {
    const { session, keys } = this;
    const lanes = this.#lanes;
    const count = parts.reduce((sum, part) => sum + part.count, 0);
    if (count === 0) return;
    const n = lanes * count;
    const differences = this.#behindBits('sort-differences', keys, [n], (op, words, out) => {
      const [left, right] = [new Int32Array(n), new Int32Array(n)];
      eachPart(parts, lanes, (part, lane, from) => part.pairs(lane, left, right, from));
      const others = op.pool.take(n);
      moveRows(out, words, left, lanes, 1);
      moveRows(others, words, right, lanes, 1);
      op.ring.sub(out, out, others);
      op.pool.give(others);
    });
    this.#bits?.dispose();
    this.#bits = openSigns(session, differences, this.l);
    differences.dispose();
    const tell = (bits: Words | undefined) => {
      if (!bits) throw new Error('comparisons have told nothing');
      const halves = halvesOf(bits);
      const less = new Uint8Array(n);
      for (let i = 0; i < n; i++) less[i] = halves[2 * i];
      eachPart(parts, lanes, (part, lane, from) => part.told(lane, less, from));
    };
    this.#waiting = [tell];
  }

  /** The rows of a list, of shape [lanes, rows, 2]. */
  finish(found: Lists): Share {
    const shape = [this.#lanes, found.sizes[0], 2];
    const first = this.#behindBits('sorted', this.rows, shape, (_, words, out) =>
      moveRows(out, words, found.at, this.#lanes, 2),
    );
    this.#bits?.dispose();
    return first;
  }

  /** A local map of x that depends on what the last stage has told. */
  #behindBits(
    kind: string,
    x: Share,
    shape: readonly number[],
    body: (op: PartyOp, words: Words, out: Words) => void,
  ): Share {
    const waiting = this.#waiting;
    const inputs = this.#bits ? [x, this.#bits] : [x];
    return mapWhole(this.session, kind, inputs, shape, (op, [words, bits], out) => {
      for (const work of waiting) work(bits);
      if (sizeOf(shape) > 0) body(op, words, out);
    });
  }
}

/** Visits all comparisons of a stage: by lanes, and in a lane part by part. */
function eachPart(
  parts: readonly Comparisons[],
  lanes: number,
  visit: (part: Comparisons, lane: number, from: number) => void,
): void {
  let from = 0;
  for (let lane = 0; lane < lanes; lane++)
    for (const part of parts) {
      visit(part, lane, from);
      from += part.count;
    }
}
