/**
 * The search for layouts: for every tensor of the network some layouts are tried, every affine map is costed between
 * all pairs, and the cheapest chain is taken (dynamic programming). To be quick, a first pass counts rotations on a
 * sample of the rows; the best chains are then costed exactly.
 */
import { type AffineStage, sizeOf } from '../network/network.js';
import type { NormalNetwork } from '../network/normalize.js';
import { SparseMatrix } from '../network/sparse-matrix.js';
import { splitRotations } from './baby-giant.js';
import { decompositionCost, plainProductCost, rotationCost, stepCosts } from './costs.js';
import { flatLayout, gridLayout, type Layout, powerOfTwo } from './layout.js';
import { TransformPlanner, type TransformShape } from './slot-transform.js';

/** Rows that the first pass looks at. */
const SAMPLE_ROWS = 48;
/** Chains that are costed exactly. */
const FINALISTS = 6;

export interface LayoutChoice {
  /** Layout of the input and of the result of every affine map, in order. */
  readonly layouts: readonly Layout[];
  /** In units of one transform of one residue polynomial. */
  readonly cost: number;
}

/** @param levels the level (number of primes left) at which each affine map is computed */
export function chooseLayouts(
  network: NormalNetwork,
  slots: number,
  levels: readonly number[],
): LayoutChoice {
  const affine = network.stages.filter((stage) => stage.kind === 'affine');
  const shapes = [network.input.shape, ...affine.map((stage) => stage.shape)].map(withoutBatch);
  const exact = affine.map((stage) => new TransformPlanner(stage.matrix, slots));
  const sampled = affine.map((stage) => new TransformPlanner(sampleRows(stage), slots));
  const finalists: LayoutChoice[] = [];
  for (const strides of strideChoices(shapes[0] as readonly number[], slots)) {
    const candidates = shapes.map((shape, i) =>
      candidatesFor(shape, strides, slots, i === shapes.length - 1),
    );
    finalists.push(
      cheapestChain(candidates, (i, from, to) => {
        const rows = (affine[i] as AffineStage).matrix.rows;
        const planner = sampled[i] as TransformPlanner;
        return transformCost(planner.shape(from, sampleLayout(to, rows)), levels[i] as number, from, to);
      }),
    );
  }
  finalists.sort((a, b) => a.cost - b.cost);
  let best: LayoutChoice | undefined;
  for (const { layouts } of finalists.slice(0, FINALISTS)) {
    let cost = 0;
    exact.forEach((planner, i) => {
      const [from, to] = [layouts[i] as Layout, layouts[i + 1] as Layout];
      cost += transformCost(planner.shape(from, to), levels[i] as number, from, to);
    });
    if (best === undefined || cost < best.cost) best = { layouts, cost };
  }
  return best as LayoutChoice;
}

/** Cost of one affine map at a level with k primes. */
function transformCost(shape: TransformShape, k: number, input: Layout, output: Layout): number {
  const split = splitRotations(
    shape.rotations,
    shape.period,
    stepCosts(k, input.ciphertexts, output.ciphertexts),
  );
  return (
    split.cost +
    (split.babySteps.length > 1 ? decompositionCost(k) * input.ciphertexts : 0) +
    shape.presums.length * rotationCost(k) +
    shape.folds.length * rotationCost(Math.max(k - 1, 1)) +
    shape.diagonals * plainProductCost(k)
  );
}

function cheapestChain(
  candidates: readonly (readonly Layout[])[],
  cost: (stage: number, from: Layout, to: Layout) => number,
): LayoutChoice {
  const [first = [], ...rest] = candidates;
  let chains: LayoutChoice[] = first.map((layout) => ({ layouts: [layout], cost: inputCost(layout) }));
  rest.forEach((next, stage) => {
    chains = next.map((to) => {
      const options = chains.map((chain) => ({
        layouts: [...chain.layouts, to],
        cost: chain.cost + cost(stage, chain.layouts.at(-1) as Layout, to),
      }));
      return options.reduce((a, b) => (b.cost < a.cost ? b : a));
    });
  });
  return chains.reduce((a, b) => (b.cost < a.cost ? b : a));
}

/** Every ciphertext of the input costs the client a megabit or two, so fewer are better than a little less work. */
const inputCost = (layout: Layout): number => layout.ciphertexts * 1000;

const withoutBatch = (shape: readonly number[]): readonly number[] =>
  shape.length > 1 && shape[0] === 1 ? shape.slice(1) : shape;

interface Strides {
  readonly row: number;
  readonly plane: number;
}

/** Pairs of row and plane strides that fit the input at some sub-sampling. */
function strideChoices(input: readonly number[], slots: number): Strides[] {
  if (input.length < 2) return [{ row: 1, plane: 1 }];
  const [height, width] =
    input.length === 2 ? [1, input[1] as number] : [input[1] as number, input[2] as number];
  const choices = new Map<string, Strides>();
  for (const phases of [1, 2, 4]) {
    const h = Math.ceil(height / (height === 1 ? 1 : phases));
    const w = Math.ceil(width / phases);
    if (w < 2) continue;
    for (const row of new Set([w, powerOfTwo(w)]))
      for (const plane of new Set([powerOfTwo(row * h), row * h]))
        if (plane <= slots) choices.set(`${row}/${plane}`, { row, plane });
  }
  return choices.size > 0 ? [...choices.values()] : [{ row: width, plane: powerOfTwo(width * height) }];
}

function candidatesFor(shape: readonly number[], strides: Strides, slots: number, last: boolean): Layout[] {
  if (shape.length < 2 || last) {
    const size = sizeOf(shape);
    const layouts: Layout[] = [];
    // A slot of the result stays free: the client looks there for values that left their room.
    for (let period = Math.min(powerOfTwo(last ? size + 1 : size), slots); period <= slots; period *= 2)
      layouts.push(flatLayout(size, slots, period));
    return layouts;
  }
  const [height, width] =
    shape.length === 2 ? [1, shape[1] as number] : [shape[1] as number, shape[2] as number];
  const layouts: Layout[] = [];
  for (const phases of [1, 2, 4]) {
    const h = Math.ceil(height / (height === 1 ? 1 : phases));
    const w = Math.ceil(width / phases);
    if (w > strides.row || (h - 1) * strides.row + w > strides.plane) continue;
    for (const order of ['phase-channel', 'channel-phase'] as const) {
      if (phases === 1 && order === 'channel-phase') continue;
      const sampling = shape.length === 2 ? [phases] : [phases, phases];
      layouts.push(
        gridLayout(
          shape,
          { phases: sampling, rowStride: strides.row, planeStride: strides.plane, order },
          slots,
        ),
      );
    }
  }
  const single = layouts.filter((layout) => layout.ciphertexts === 1);
  if (single.length > 0) return single;
  const fewest = Math.min(...layouts.map((layout) => layout.ciphertexts));
  if (layouts.length > 0) return layouts.filter((layout) => layout.ciphertexts === fewest);
  return [flatLayout(sizeOf(shape), slots)];
}

const sampleIndices = (rows: number): Int32Array => {
  const count = Math.min(rows, SAMPLE_ROWS);
  // A stride that is prime to most sizes visits all phases and channels.
  return Int32Array.from({ length: count }, (_, i) => Math.floor((i * rows * 0.6180339887) % rows));
};

const sampleRows = (stage: AffineStage): SparseMatrix =>
  stage.matrix.rows <= SAMPLE_ROWS
    ? stage.matrix
    : SparseMatrix.selectRows(stage.matrix, sampleIndices(stage.matrix.rows));

/** The layout as the sampled matrix sees it. */
const sampleLayout = (layout: Layout, rows: number): Layout =>
  rows <= SAMPLE_ROWS
    ? layout
    : { ...layout, slotOf: Int32Array.from(sampleIndices(rows), (row) => layout.slotOf[row] as number) };
