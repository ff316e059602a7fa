/** Inputs for the examples that operations give: the same at every run. */
import { type AnyDefinition, type PlainTensor, sizeOf } from '@tacit/graph';

type Example = AnyDefinition['examples'][number];

/**
 * Distinct numbers on the grid of 2^-10, away from whole ones where functions have kinks.
 *
 * @param example From the definition of an operation.
 * @param seed Gives other numbers.
 * @returns A tensor for each input.
 */
export function exampleInputs(example: Example, seed: number): PlainTensor[] {
  const [low, high] = example.range ?? [-4, 4];
  return example.shapes.map((shape, n) => {
    const data = Float64Array.from({ length: sizeOf(shape) }, (_, i) => {
      const hash = ((i + 1) * 2654435761 + (n + 1) * 40503 + (seed + 1) * 9973) % 2 ** 32;
      if (example.values) return example.values[Math.floor((hash / 2 ** 32) * example.values.length)];
      const value = low + (hash / 2 ** 32) * (high - low);
      return (Math.floor(value * 512) + 0.5) / 512;
    });
    return { shape, data };
  });
}
