/** Sums at public positions: what a selection's cotangent is, and what scatterAdd adds. Local. */
import type { Operations } from '../../operation/operations.js';

/**
 * The parts of axis 1 of y [outer, n, inner], each added at its position of `size`; zeros where none goes. Parts that go
 * to one place are added in pairs, so that it takes as many sums as the most parts at one place have binary digits.
 */
export function addAt<T>(k: Operations<T>, y: T, positions: readonly number[], size: number): T {
  let parts = y;
  let lists = Array.from({ length: size }, (): number[] => []);
  positions.forEach((position, i) => {
    lists[position].push(i);
  });
  // Behind the parts stands one of zeros.
  const pick = (indices: readonly number[]) => {
    const padded = k.pad(parts, { pads: [0, 0, 0, 0, 1, 0], value: 0 });
    return k.take(padded, { axis: 1, indices, shape: [indices.length] });
  };
  while (lists.some((list) => list.length > 1)) {
    const none = k.shapeOf(parts)[1];
    const [left, right]: [number[], number[]] = [[], []];
    lists = lists.map((list) =>
      Array.from({ length: Math.ceil(list.length / 2) }, (_, i) => {
        right.push(list[2 * i + 1] ?? none);
        return left.push(list[2 * i]) - 1;
      }),
    );
    parts = k.add(pick(left), pick(right));
  }
  const none = k.shapeOf(parts)[1];
  return pick(lists.map(([first]) => first ?? none));
}
