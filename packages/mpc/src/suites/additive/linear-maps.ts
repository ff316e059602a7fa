/**
 * Linear maps that move or add up elements. Each party applies them to its own share: no round, no byte, no randomness.
 * Of a public constant the first party's share is the constant, and that of all others is zero.
 */
import type { Words } from '@tacit/ring';
import { concatShape, padShape, sumShape, takeShape, windowShape } from '../../checks.js';
import type { WindowGeometry } from '../../engine.js';
import { mapLocal, mapWhole } from '../../protocols/local-maps.js';
import { applyBilinear, type Bilinear } from '../../runtime/bilinear.js';
import { fingerprint } from '../../runtime/fingerprint.js';
import type { Session } from '../../runtime/session.js';
import type { Share } from '../../runtime/share.js';
import { concatWords } from '../concat-words.js';
import { selection, takeWords } from '../take-words.js';

/** Joins tensors along an axis of 0 to rank - 1. @throws ShapeError where they do not fit */
export function concat(session: Session, parts: readonly Share[], axis: number): Share {
  const shapes = parts.map((part) => part.shape);
  const shape = concatShape(shapes, axis);
  return mapLocal(session, 'concat', parts, shape, (_, words, out) => concatWords(out, words, shapes, axis), {
    axis,
  });
}

/** Parts of an axis at public positions. @throws ShapeError where there is no such position */
export const take = (session: Session, x: Share, axis: number, positions: readonly number[]): Share =>
  mapWhole(
    session,
    'take',
    [x],
    takeShape(x.shape, axis, positions),
    (_, [a], out) => takeWords(out, a, x.shape, axis, positions),
    selection(axis, positions),
  );

/** Pads with a public word: [before of each axis..., after of each axis...]. @throws ShapeError */
export const pad = (session: Session, x: Share, pads: readonly number[], word: bigint): Share =>
  mapWhole(
    session,
    'pad',
    [x],
    padShape(x.shape, pads),
    (op, [a], out) => op.ring.pad(out, a, x.shape, pads, op.first ? word : 0n),
    { pads, word: `${word}` },
  );

/** Sums over axes of 0 to rank - 1, each named once. @throws ShapeError */
export const sumAxes = (session: Session, x: Share, axes: readonly number[], keepDims: boolean): Share =>
  mapLocal(
    session,
    'sum',
    [x],
    sumShape(x.shape, axes, keepDims),
    (op, [a], out) => out.set(op.ring.sumAxes(a, x.shape, axes, keepDims).words),
    { axes },
  );

/** Sums of the windows of each plane of an NCHW tensor. @throws ShapeError where no window fits */
export function windowSum(session: Session, x: Share, geometry: WindowGeometry): Share {
  const [batch, channels, height, width] = x.shape;
  return mapWhole(
    session,
    'window-sum',
    [x],
    windowShape('windowSum', x.shape, geometry),
    (op, [a], out) => op.ring.windowSum2d(out, a, { planes: batch * channels, height, width, ...geometry }),
    { ...geometry },
  );
}

/** f(x, y) for a bilinear map and public words y; `shape` is the result's. */
export const applyPublic = (
  session: Session,
  f: Bilinear,
  x: Share,
  y: Words,
  shape: readonly number[],
): Share =>
  mapWhole(
    session,
    `public-${f.op}`,
    [x],
    shape,
    (op, [a], out) => applyBilinear(op.ring, f, out, a, y, false),
    { f, y: fingerprint(y) },
  );
