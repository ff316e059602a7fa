/**
 * Maximum over a sliding window of an NCHW tensor: each window's elements are gathered along a first axis, then max.ts.
 * Padding never wins: a place outside of the image is replaced by one of the same window inside of it.
 *
 * Where it costs no round, maxima of the columns of a row are taken first and shared by the windows that overlap there.
 * Rounds ceil(log2(kh kw)) times those of a ReLU; exact for |x| < 2^(window-2) at any scale. 2x2: 3 ReLUs a result.
 */
import type { Words } from '@tacit/ring';
import { maxPoolShape, placesInside, windowPlaces } from '../checks.js';
import type { MaxPoolWindow } from '../engine.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { mapWhole } from './local-maps.js';
import { extremeOfFirstAxis } from './max.js';

/** Places along one axis, by position in the window and window. */
type Places = readonly (readonly number[])[];

const levels = (n: number): number => Math.ceil(Math.log2(n));

/** Maxima of shape [N, C, ...outputSize] of x of shape [N, C, H, W]. Keeps x. */
export function maxPool2d(session: Session, x: Share, window: MaxPoolWindow): Share {
  const shape = maxPoolShape(x.shape, window);
  const [, , height, width] = x.shape;
  const [kh, kw] = window.kernel;
  const [, ow] = window.outputSize;
  const rows = placesOf(height, window, 0);
  const columns = placesOf(width, window, 1);
  if (levels(kh) + levels(kw) > levels(kh * kw)) {
    const gathered = gatherWindows(session, x, window, [height, width], rows, columns);
    const maxima = extremeOfFirstAxis(session, 'max', gathered);
    gathered.dispose();
    return shaped(maxima, shape);
  }
  const used = [...new Set(rows.flat())].sort((a, b) => a - b);
  const across = gatherWindows(session, x, window, [height, width], [used], columns);
  const strips = extremeOfFirstAxis(session, 'max', across);
  across.dispose();
  const moved = rows.map((list) => list.map((place) => used.indexOf(place)));
  const all = [Array.from({ length: ow }, (_, i) => i)];
  const down = gatherWindows(session, strips, window, [used.length, ow], moved, all);
  const maxima = extremeOfFirstAxis(session, 'max', down);
  strips.dispose();
  down.dispose();
  return shaped(maxima, shape);
}

function shaped(x: Share, shape: readonly number[]): Share {
  const view = x.reshaped(shape);
  x.dispose();
  return view;
}

/** Where each window looks along one axis, always inside of it: outside it looks where it looks inside anyway. */
function placesOf(size: number, window: MaxPoolWindow, axis: 0 | 1): Places {
  const windows = Array.from({ length: window.outputSize[axis] }, (_, o) => ({
    places: windowPlaces(window, axis, o),
    inside: placesInside(size, window, axis, o),
  }));
  return Array.from({ length: window.kernel[axis] }, (_, k) =>
    windows.map(({ places, inside }) => Math.min(Math.max(places[k], inside[0]), inside[inside.length - 1])),
  );
}

/** [rows.length * columns.length, planes * windows] words: place (i, j) of every window of every plane. */
function gatherWindows(
  session: Session,
  x: Share,
  window: MaxPoolWindow,
  [height, width]: readonly [number, number],
  rows: Places,
  columns: Places,
): Share {
  const planes = x.size / (height * width);
  const [oh, ow] = [rows[0].length, columns[0].length];
  const shape = [rows.length * columns.length, planes * oh * ow];
  const body = (a: Words, out: Words): void => {
    // Pairs of 32-bit halves: reading a BigUint64Array would make BigInts.
    const from = new Uint32Array(a.buffer, a.byteOffset, a.length * 2);
    const to = new Uint32Array(out.buffer, out.byteOffset, out.length * 2);
    let at = 0;
    for (const rowPlaces of rows)
      for (const columnPlaces of columns)
        for (let plane = 0; plane < planes; plane++)
          for (let i = 0; i < oh; i++) {
            const base = (plane * height + rowPlaces[i]) * width;
            for (let j = 0; j < ow; j++, at += 2) {
              const source = (base + columnPlaces[j]) * 2;
              to[at] = from[source];
              to[at + 1] = from[source + 1];
            }
          }
  };
  return mapWhole(session, 'windows', [x], shape, (_, [a], out) => body(a, out), { window });
}
