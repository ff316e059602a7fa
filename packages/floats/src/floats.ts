/** A backend in single precision for whoever evaluates graphs. */
import type { Backend } from '@tacit/graph';
import { backendOf } from './backend.js';
import { type FloatTensor, Machine } from './machine.js';

/** A backend with a memory of its own. */
export interface Floats {
  readonly backend: Backend<FloatTensor>;
  /** A value in the memory of the kernels, to be freed by `backend.dispose`. Others are copied in at each use. */
  tensor(shape: readonly number[], data: ArrayLike<number>): FloatTensor;
  /** Bytes of the memory that are in use. */
  readonly takenBytes: number;
}

/** How much memory a backend has. */
export interface FloatsOptions {
  /** Bytes for all values that are alive at once, up to 4 GiB; what is never touched costs nothing. Default 512 MiB. */
  readonly memoryBytes?: number;
}

/**
 * A backend for graphs in single precision. Values that it makes lie in its memory until `backend.dispose` frees them, as
 * the evaluators of graphs do; what comes out of these stays until then, or until the backend is dropped.
 * @param options how much memory it has
 * @returns the backend
 * @throws ArgumentError for a memory below 1 MiB or above 4 GiB
 * @throws FloatsMemoryError where the machine does not give as much
 * @example
 * const { backend, tensor } = await createFloats();
 * const { y } = evaluateGraph(graph, backend, { x: tensor([1, 4], pixels) }, parameters);
 */
export async function createFloats({ memoryBytes = 2 ** 29 }: FloatsOptions = {}): Promise<Floats> {
  const machine = await Machine.create(memoryBytes);
  return {
    backend: backendOf(machine),
    tensor: (shape, data) => machine.tensor(shape, data),
    get takenBytes() {
      return machine.takenBytes;
    },
  };
}
