/** Shapes to show a model by, where its file leaves sizes open. */
import { type Dim, type InputSlot, ModelShapeError } from '@tacit/graph';

/** Windows of a network may be larger than the smallest of these. */
const SIZES = [1, 8, 32, 64, 224, 512, 2048, 16_000];

/**
 * Tries sizes for what is open until a model takes them. A batch, which is a size that comes first in an input of several
 * axes, is always 1.
 * @param inputs as from `modelInputs`
 * @param build makes something of a shape for each input, by name; `size` is that of all other open axes
 * @returns what `build` makes of the first shapes for which it throws no ModelShapeError
 * @throws the first of its errors where none fits, and all other errors
 * @example withExampleShapes(modelInputs(model), (shapes) => specialize(buildGraph(model), shapes));
 */
export function withExampleShapes<T>(
  inputs: readonly InputSlot[],
  build: (shapes: Readonly<Record<string, readonly number[]>>, size: number) => T,
): T {
  const open = inputs.some(({ shape }) => shape.some((dim) => typeof dim === 'string'));
  let first: unknown;
  for (const size of open ? SIZES : SIZES.slice(0, 1))
    try {
      return build(shapesFor(inputs, size), size);
    } catch (error) {
      if (!(error instanceof ModelShapeError)) throw error;
      first ??= error;
    }
  throw first;
}

function shapesFor(inputs: readonly InputSlot[], size: number): Record<string, number[]> {
  const batches = new Set(inputs.flatMap(({ shape }) => (shape.length > 1 ? [shape[0]] : [])));
  const sizeOf = (dim: Dim) => (typeof dim === 'number' ? dim : batches.has(dim) ? 1 : size);
  return Object.fromEntries(inputs.map(({ name, shape }) => [name, shape.map(sizeOf)]));
}
