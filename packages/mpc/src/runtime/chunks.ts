/**
 * Runs an operation whose elements are independent in chunks that overlap in time. A chunk starts when its part of the
 * inputs is there; between chunks other events are let in, so what has arrived for earlier chunks is worked on first.
 */
import type { Words } from '@tacit/ring';
import { nextTurn } from './next-turn.js';
import { type OpContext, PartyOp } from './party-op.js';
import { type Filling, InputFailure, type Underway } from './underway.js';

/** Computes one chunk: inputs and output are views on its elements. */
export type ChunkBody = (op: PartyOp, inputs: Words[], out: Words) => Promise<void> | void;

/** Elements [index * size, ...) of n. */
const chunkAt = (index: number, size: number, n: number) => {
  const start = index * size;
  return { index: n > size ? index : undefined, start, n: Math.min(size, n - start) };
};

/** Fills `filling` from inputs of the same length, whole or still under way. */
export async function runInChunks(
  context: OpContext,
  op: PartyOp,
  size: number,
  inputs: readonly (Words | Underway)[],
  filling: Filling,
  body: ChunkBody,
): Promise<void> {
  const tasks: Promise<void>[] = [];
  const words = inputs.map((input) => (isUnderway(input) ? input.words : input));
  const waited = inputs.filter(isUnderway);
  try {
    for (let index = 0; index < filling.chunks; index++) {
      if (index > 0) await nextTurn();
      const part = new PartyOp(
        context,
        op.id,
        chunkAt(index, size, op.n),
        op.layout,
        op.stats,
        op.dealtStream,
      );
      const { start, n } = part.chunk;
      const cut = (w: Words) => w.subarray(start, start + n);
      const task = (async () => {
        for (const input of waited) await readyOrFailed(input, index);
        await body(part, words.map(cut), cut(filling.words));
        part.finish();
        op.rounds = Math.max(op.rounds, part.rounds);
        filling.done(index);
      })();
      task.catch(() => {}); // awaited below with the others
      tasks.push(task);
    }
    await Promise.all(tasks);
  } catch (error) {
    filling.fail(error);
    throw error;
  }
}

/** Tells the failure of an input apart from one of the operation itself. */
async function readyOrFailed(input: Underway, chunk: number): Promise<void> {
  try {
    await input.ready(chunk);
  } catch (cause) {
    throw new InputFailure(cause);
  }
}

const isUnderway = (input: Words | Underway): input is Underway => 'ready' in input;
