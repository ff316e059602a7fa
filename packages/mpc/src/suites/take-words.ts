/** Words at public positions of an axis: the one body that the suites have in common, since kernels have none. */
import type { Words } from '@tacit/ring';
import { fingerprint } from '../runtime/fingerprint.js';

/** Up to so many words are copied one by one: a view of each part would cost more. */
const FEW = 16;

const halves = ({ buffer, byteOffset, length }: Words) => new Uint32Array(buffer, byteOffset, 2 * length);

/** Writes the parts of an axis at the given positions, in their order. */
export function takeWords(
  out: Words,
  words: Words,
  shape: readonly number[],
  axis: number,
  positions: readonly number[],
): void {
  // In halves, since a word of its own would be a BigInt.
  const [target, source] = [halves(out), halves(words)];
  const inner = 2 * shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const block = shape[axis] * inner;
  let to = 0;
  for (let start = 0; to < target.length; start += block)
    for (const position of positions) {
      const from = start + position * inner;
      if (inner > 2 * FEW) target.set(source.subarray(from, from + inner), to);
      else for (let i = 0; i < inner; i++) target[to + i] = source[from + i];
      to += inner;
    }
}

/** What tells a selection from others in the transcript. */
export const selection = (axis: number, positions: readonly number[]) => ({
  axis,
  positions: fingerprint(new BigUint64Array(Float64Array.from(positions).buffer)),
});
