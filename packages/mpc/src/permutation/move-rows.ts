/** Moves rows of words. As halves: reading a word of 64 bits would make a number of arbitrary size of it. */
import type { Words } from '@tacit/ring';

/** The words as pairs of 32 bits, the lower first. */
export const halvesOf = (words: Words): Uint32Array =>
  new Uint32Array(words.buffer, words.byteOffset, 2 * words.length);

/**
 * Writes rows of each lane of x, of shape [lanes, rows, width], one after the other.
 * @param out of shape [lanes, sources / lanes, width]; not x
 * @param sources for each lane, one after the other, which of its rows to write
 */
export function moveRows(
  out: Words,
  x: Words,
  sources: ArrayLike<number>,
  lanes: number,
  width: number,
): void {
  const [to, from] = [halvesOf(out), halvesOf(x)];
  const count = sources.length / lanes;
  const rows = x.length / (lanes * width);
  const size = 2 * width;
  let at = 0;
  for (let lane = 0; lane < lanes; lane++)
    for (let i = 0; i < count; i++) {
      const start = (lane * rows + sources[lane * count + i]) * size;
      for (let half = 0; half < size; half++) to[at++] = from[start + half];
    }
}
