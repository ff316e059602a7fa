/**
 * An affine map between two layouts as rotations and products (Halevi and Shoup 2014; Juvekar, Vaikuntanathan and
 * Chandrakasan 2018 for the folds):
 *
 *   presums   if columns half a period apart are equal, x + rot(x, period / 2) halves the period first (this is how an
 *             average pool over interleaved planes becomes two rotations)
 *   diagonals every weight from input slot s to output slot t belongs to the rotation s - t
 *   folds     if the output has fewer slots than the input's period, several output slots each collect a part of the
 *             sum, so that fewer rotations are needed, and are added up at the end, which also repeats the result
 */
import type { SparseMatrix } from '../network/sparse-matrix.js';
import type { Layout } from './layout.js';

export interface Diagonal {
  readonly output: number;
  readonly input: number;
  /** In [0, period of the input). */
  readonly rotation: number;
  /** Index in `SlotTransform.entries*` of its first weight, and one past the last. */
  readonly start: number;
  readonly end: number;
}

export interface SlotTransform {
  /** Rotations to add to the input, one after the other: x += rot(x, step). */
  readonly presums: readonly number[];
  /** Period of the input after them. */
  readonly period: number;
  readonly rotations: readonly number[];
  readonly diagonals: readonly Diagonal[];
  /** Output slot (in its ciphertext, below `outputPeriod`) and weight of every entry, by diagonal. */
  readonly entrySlots: Int32Array;
  readonly entryWeights: Float64Array;
  /** The diagonals repeat with this period over the slots. */
  readonly outputPeriod: number;
  /** Rotations to add to the output, one after the other. */
  readonly folds: readonly number[];
}

/** Number of rotations of a transform, without building it. */
export interface TransformShape {
  readonly presums: readonly number[];
  readonly period: number;
  readonly rotations: readonly number[];
  readonly diagonals: number;
  readonly outputPeriod: number;
  readonly folds: readonly number[];
}

/** Groups of identical columns: equal numbers mean equal columns. */
export function columnGroups(matrix: SparseMatrix): Int32Array {
  const { rows, columns } = matrix;
  // Two 32-bit hashes of every column; equal hashes are then taken for equal columns only if the entries agree.
  const hashes = Array.from({ length: columns }, () => [0x811c9dc5, 0x1b873593] as [number, number]);
  const bits = new Int32Array(2);
  const real = new Float64Array(bits.buffer);
  const lists: number[][] = Array.from({ length: columns }, () => []);
  for (let r = 0; r < rows; r++)
    matrix.forRow(r, (column, value) => {
      const hash = hashes[column] as [number, number];
      real[0] = value;
      for (const word of [r, bits[0] as number, bits[1] as number]) {
        hash[0] = Math.imul(hash[0] ^ word, 0x01000193);
        hash[1] = Math.imul(hash[1] ^ word, 0x5bd1e995) ^ (hash[1] >>> 15);
      }
      lists[column]?.push(r, value);
    });
  const byHash = new Map<string, number[]>();
  const groups = new Int32Array(columns);
  for (let column = 0; column < columns; column++) {
    const key = (hashes[column] as [number, number]).join();
    const candidates = byHash.get(key) ?? [];
    const list = lists[column] as number[];
    const same = candidates.find((other) => {
      const theirs = lists[other] as number[];
      return theirs.length === list.length && theirs.every((entry, i) => entry === list[i]);
    });
    groups[column] = same ?? column;
    if (same === undefined) byHash.set(key, [...candidates, column]);
  }
  return groups;
}

/** The input's columns by slot after the presums; -1 where there is none. */
interface Source {
  readonly presums: number[];
  readonly period: number;
  readonly slotOf: Int32Array;
  /** Columns that are left out because an equal one stands for them. */
  readonly dropped: Uint8Array;
}

function presum(input: Layout, groups: Int32Array): Source {
  const slotOf = input.slotOf.slice();
  const dropped = new Uint8Array(slotOf.length);
  const presums: number[] = [];
  let { period } = input;
  if (input.ciphertexts > 1) return { presums, period, slotOf, dropped };
  const owner = new Int32Array(period).fill(-1);
  slotOf.forEach((slot, column) => {
    owner[slot] = column;
  });
  for (;;) {
    const half = period / 2;
    if (half < 1 || !pairsAreEqual(owner, groups, half)) break;
    for (let s = 0; s < half; s++) {
      const upper = owner[s + half] as number;
      if (upper < 0) continue;
      if ((owner[s] as number) < 0) {
        owner[s] = upper;
        slotOf[upper] = s;
      } else dropped[upper] = 1;
    }
    presums.push(half);
    period = half;
  }
  return { presums, period, slotOf, dropped };
}

/** Whether slots s and s + half may be added for all s: equal columns, or one of the two holds nothing. */
function pairsAreEqual(owner: Int32Array, groups: Int32Array, half: number): boolean {
  let merged = false;
  for (let s = 0; s < half; s++) {
    const a = owner[s] as number;
    const b = owner[s + half] as number;
    if (a < 0 || b < 0) continue;
    if (groups[a] !== groups[b]) return false;
    merged = true;
  }
  return merged;
}

export class TransformPlanner {
  private readonly groups: Int32Array;

  constructor(
    private readonly matrix: SparseMatrix,
    private readonly slots: number,
  ) {
    this.groups = columnGroups(matrix);
  }

  /** What a transform would cost. */
  shape(input: Layout, output: Layout): TransformShape {
    const pairs = output.ciphertexts * input.ciphertexts;
    const seen = new Uint8Array(input.period * pairs);
    const frame = this.visit(input, output, (rotation, from, to) => {
      seen[rotation * pairs + to * input.ciphertexts + from] = 1;
    });
    const rotations: number[] = [];
    let diagonals = 0;
    for (let rotation = 0; rotation < input.period; rotation++) {
      let count = 0;
      for (let pair = 0; pair < pairs; pair++) count += seen[rotation * pairs + pair] as number;
      if (count > 0) rotations.push(rotation);
      diagonals += count;
    }
    return { ...frame, diagonals, rotations };
  }

  /** The transform with its weights. */
  build(input: Layout, output: Layout): SlotTransform {
    const keys: number[] = [];
    const slots: number[] = [];
    const weights: number[] = [];
    const frame = this.visit(input, output, (rotation, from, to, slot, weight) => {
      keys.push((rotation * output.ciphertexts + to) * input.ciphertexts + from);
      slots.push(slot);
      weights.push(weight);
    });
    const order = Uint32Array.from(keys.keys()).sort((a, b) => (keys[a] as number) - (keys[b] as number));
    const diagonals: Diagonal[] = [];
    let previous = -1;
    order.forEach((entry, i) => {
      const key = keys[entry] as number;
      if (key !== previous) {
        const last = diagonals.at(-1);
        if (last !== undefined) diagonals[diagonals.length - 1] = { ...last, end: i };
        const pair = Math.floor(key / input.ciphertexts);
        diagonals.push({
          input: key % input.ciphertexts,
          output: pair % output.ciphertexts,
          rotation: Math.floor(pair / output.ciphertexts),
          start: i,
          end: keys.length,
        });
        previous = key;
      }
    });
    return {
      ...frame,
      rotations: [...new Set(diagonals.map(({ rotation }) => rotation))].sort((a, b) => a - b),
      diagonals,
      entrySlots: Int32Array.from(order, (entry) => slots[entry] as number),
      entryWeights: Float64Array.from(order, (entry) => weights[entry] as number),
    };
  }

  /** Calls `visit` for every weight: its rotation, input and output ciphertext, output slot. */
  private visit(
    input: Layout,
    output: Layout,
    visit: (rotation: number, from: number, to: number, slot: number, weight: number) => void,
  ): { presums: readonly number[]; period: number; outputPeriod: number; folds: readonly number[] } {
    const { slots, matrix } = this;
    const source = presum(input, this.groups);
    const { period } = source;
    const fold = output.ciphertexts === 1 && output.period < period;
    const modulus = fold ? output.period : period;
    for (let row = 0; row < matrix.rows; row++) {
      const target = output.slotOf[row] as number;
      const to = Math.floor(target / slots);
      const slot = target % slots;
      const end = matrix.rowStart[row + 1] as number;
      for (let k = matrix.rowStart[row] as number; k < end; k++) {
        const column = matrix.columnIndex[k] as number;
        if (source.dropped[column] === 1) continue;
        const at = source.slotOf[column] as number;
        const full = ((((at % slots) - slot) % period) + period) % period;
        const rotation = full % modulus;
        visit(rotation, Math.floor(at / slots), to, slot + full - rotation, matrix.values[k] as number);
      }
    }
    const folds: number[] = [];
    for (let step = output.period; fold && step < period; step *= 2) folds.push(step);
    return {
      presums: source.presums,
      period,
      outputPeriod: fold ? period : output.ciphertexts === 1 ? output.period : slots,
      folds,
    };
  }
}
