/** Words at public positions of an axis: the one body that the suites have in common, since kernels have none. */
import type { Words } from '@tacit/ring';

/** Writes the parts of an axis at the given positions, in their order. */
export function takeWords(
  out: Words,
  words: Words,
  shape: readonly number[],
  axis: number,
  positions: readonly number[],
): void {
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const block = shape[axis] * inner;
  let to = 0;
  for (let start = 0; to < out.length; start += block)
    for (const position of positions) {
      const from = start + position * inner;
      if (inner === 1) out[to] = words[from];
      else out.set(words.subarray(from, from + inner), to);
      to += inner;
    }
}
