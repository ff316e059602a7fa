/**
 * Maximum and minimum over the first axis, by rounds of pairs: max(x, y) = y + ReLU(x - y), min(x, y) = x - ReLU(x - y).
 * Exact for |x| < 2^(window-2); the scale does not matter.
 *
 * Rounds ceil(log2 k) times those of a ReLU (BT-4: 4, BT-3: 3; by default each level takes the tree of its size);
 * k - 1 ReLUs for each result.
 */
import { sizeOf, type Words } from '@tacit/ring';
import { extremeShape } from '../checks.js';
import type { ComparisonOptions } from '../compare/tree-parameter.js';
import type { Extreme } from '../engine.js';
import type { Body, Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { mapWhole } from './local-maps.js';
import { relu } from './relu.js';

/** The largest (smallest) of x[0], x[1], ... of a tensor of shape [k, ...rest]; shape [...rest]. Keeps x. */
export function extremeOfFirstAxis(
  session: Session,
  extreme: Extreme,
  x: Share,
  options: ComparisonOptions = {},
): Share {
  const rest = extremeShape(extreme, x.shape);
  const [k] = x.shape;
  const width = sizeOf(rest);
  let current = x;
  for (let left = k; left > 1; ) {
    const rows = left;
    const pairs = Math.floor(rows / 2);
    left = rows - pairs;
    const subtract: Body = (op, [a], out) =>
      op.ring.sub(out, a.subarray(0, op.n), a.subarray(op.n, 2 * op.n));
    const shape = [pairs * width];
    const difference = mapWhole(session, 'pair-difference', [current], shape, subtract);
    const positive = relu(session, difference, options);
    const next = mapWhole(
      session,
      `pair-${extreme}`,
      [current, positive],
      [(rows - pairs) * width],
      (op, [a, d], out) => {
        merge(op.ring, extreme, out.subarray(0, d.length), a, d);
        if (rows > 2 * pairs) out.set(a.subarray(2 * d.length, rows * width), d.length);
      },
      { pairs },
    );
    difference.dispose();
    positive.dispose();
    if (current !== x) current.dispose();
    current = next;
  }
  const result = current.reshaped(rest);
  if (current !== x) current.dispose();
  return result;
}

/** Of the pairs a[i], a[i + n]: the larger is the second plus d, the smaller the first minus d. */
function merge(
  ring: { add(out: Words, a: Words, b: Words): void; sub(out: Words, a: Words, b: Words): void },
  extreme: Extreme,
  out: Words,
  a: Words,
  d: Words,
): void {
  const n = d.length;
  if (extreme === 'max') ring.add(out, a.subarray(n, 2 * n), d);
  else ring.sub(out, a.subarray(0, n), d);
}
