/** How much memory members need at most, from sizes alone. */
import type { ConcreteGraph } from '@tacit/graph';
import type { OperationCost } from '@tacit/mpc';
import { sizeOf } from '@tacit/ring';

/** Peak memory in bytes. */
export interface MemoryEstimate {
  /** By rank. */
  readonly parties: readonly number[];
  readonly dealer: number;
}

/** A process of Node.js with all that a member loads, before it has a tensor (measured: bench/explain.mjs). */
const PROCESS = 90e6;
/** The engine lets garbage and pooled buffers lie: in multiples of what is in use. */
const SLACK = 1.5;
/** Corrections that are under way or wait, at both ends. */
const WINDOW = 32 * 2 ** 20;
/** The dealer keeps masks of that size in all. */
const MASKS = 64 * 2 ** 20;

/**
 * Peak memory of each member in a process of its own.
 * @param graph with weights, which only their owner has
 * @param setup masked weights
 * @param operations of an inference
 * @param options parties, and whose the model is
 * @returns bytes
 */
export function memoryOf(
  graph: ConcreteGraph,
  setup: readonly OperationCost[],
  operations: readonly OperationCost[],
  { parties, modelOwner }: { readonly parties: number; readonly modelOwner: number },
): MemoryEstimate {
  const words = (costs: readonly OperationCost[]) => costs.reduce((sum, { n }) => sum + 8 * n, 0);
  let weights = 0;
  for (const { shape } of graph.parameters.values()) weights += 4 * sizeOf(shape);
  const masked = words(setup);
  const widest = widestPlace(operations, setup.length);
  const dealt = Math.min(
    WINDOW,
    operations.reduce((sum, { dealerBytes }) => sum + dealerBytes, 0),
  );
  return {
    parties: Array.from({ length: parties }, (_, rank) => {
      const file = rank === modelOwner ? 2 * weights : 0;
      const corrections = rank === parties - 1 ? dealt : 0;
      return Math.round(PROCESS + file + masked + SLACK * (widest + corrections));
    }),
    dealer: Math.round(PROCESS + Math.min(MASKS, masked * parties) + SLACK * dealt),
  };
}

/** Bytes of results and messages where most of them live at the same time. */
function widestPlace(operations: readonly OperationCost[], first: number): number {
  const lastUse = operations.map((_, i) => i);
  for (const [i, { inputs }] of operations.entries())
    for (const input of inputs) if (input >= first) lastUse[input - first] = i;
  let [live, most] = [0, 0];
  const ending: number[][] = operations.map(() => []);
  for (const [i, last] of lastUse.entries()) ending[last].push(i);
  for (const [i, { shape, sent }] of operations.entries()) {
    live += 8 * sizeOf(shape);
    most = Math.max(most, live + 2 * Math.max(0, ...sent));
    for (const done of ending[i]) live -= 8 * sizeOf(operations[done].shape);
  }
  return most;
}
