/** Words of tensors joined along an axis: the one body that the suites have in common, since kernels have none. */
import type { Words } from '@tacit/ring';

/** Writes the parts, of shapes that fit together, joined along an axis. */
export function concatWords(
  out: Words,
  parts: readonly Words[],
  shapes: readonly (readonly number[])[],
  axis: number,
): void {
  const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);
  const outer = product(shapes[0].slice(0, axis));
  const runs = shapes.map((shape) => product(shape.slice(axis)));
  let to = 0;
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < parts.length; i++) {
      out.set(parts[i].subarray(o * runs[i], (o + 1) * runs[i]), to);
      to += runs[i];
    }
}
