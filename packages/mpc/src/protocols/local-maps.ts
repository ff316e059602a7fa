/** Operations that every party does on its own share: no round, no byte, no randomness. */
import { sizeOf, type Words } from '@tacit/ring';
import { checkFills, checkSameShape, wordsGiven } from '../checks.js';
import { fingerprint } from '../runtime/fingerprint.js';
import type { StridedView } from '../runtime/mask-ref.js';
import type { Body, Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { ValueForms } from '../runtime/share.js';

/**
 * Any local linear map given as a function of this party's share.
 *
 * @param kind with `parameters` it identifies the map publicly: all that is not the share
 * @param body writes the result into `out`; all of it, where `output` is 'overwritten': what it left out would be words
 * of another tensor
 */
export const mapLocal = (
  session: Session,
  kind: string,
  inputs: readonly Share[],
  shape: readonly number[],
  body: Body,
  parameters: Readonly<Record<string, unknown>> = {},
  output: 'zeroed' | 'overwritten' = 'zeroed',
): Share =>
  session.issue(
    { descriptor: { kind, n: sizeOf(shape), shape, ...parameters }, inputs, shape, rounds: 0, output },
    body,
  );

/** A map of kernels that check lengths and write all of the result. */
export const mapWhole = (
  session: Session,
  kind: string,
  inputs: readonly Share[],
  shape: readonly number[],
  body: Body,
  parameters?: Readonly<Record<string, unknown>>,
): Share => mapLocal(session, kind, inputs, shape, body, parameters, 'overwritten');

/** x + y. @throws ShapeError where the shapes differ */
export function add(session: Session, x: Share, y: Share): Share {
  checkSameShape('add', x.shape, y.shape);
  return mapWhole(session, 'add', [x, y], x.shape, (op, [a, b], out) => op.ring.add(out, a, b));
}

/** x - y. @throws ShapeError where the shapes differ */
export function sub(session: Session, x: Share, y: Share): Share {
  checkSameShape('sub', x.shape, y.shape);
  return mapWhole(session, 'sub', [x, y], x.shape, (op, [a, b], out) => op.ring.sub(out, a, b));
}

/** -x */
export const neg = (session: Session, x: Share): Share =>
  mapWhole(session, 'neg', [x], x.shape, (op, [a], out) => op.ring.neg(out, a));

/** x * s mod 2^64, s public. */
export const mulScalar = (session: Session, x: Share, s: bigint): Share =>
  mapWhole(
    session,
    'mul-scalar',
    [x],
    x.shape,
    (op, [a], out) => {
      op.ring.mulScalar(out, a, BigInt.asUintN(64, s));
    },
    { s: `${s}` },
  );

/** x + s mod 2^64, s public: party 0 adds. */
export const addScalar = (session: Session, x: Share, s: bigint): Share =>
  mapWhole(
    session,
    'add-scalar',
    [x],
    x.shape,
    (op, [a], out) => {
      if (op.first) op.ring.addScalar(out, a, BigInt.asUintN(64, s));
      else out.set(a);
    },
    { s: `${s}` },
  );

/**
 * x + y, y public words of the same size: party 0 adds. `identity` tells y from other words, in the transcript.
 * @throws ShapeError where the sizes differ
 */
export function addPublic(session: Session, x: Share, y: Words, identity = fingerprint(y)): Share {
  checkFills('addPublic', x.shape, y);
  const body: Body = (op, [a], out) => {
    if (op.first) op.ring.add(out, a, y);
    else out.set(a);
  };
  return mapWhole(session, 'add-public', [x], x.shape, body, { y: identity });
}

/** x + y, y known to rank `owner` only: the owner adds. */
export const addOwned = (
  session: Session,
  x: Share,
  owner: number,
  y: Words | Promise<Words> | undefined,
): Share =>
  mapWhole(
    session,
    'add-owned',
    [x],
    x.shape,
    async (op, [a], out) => {
      if (op.rank !== owner) {
        out.set(a);
        return;
      }
      op.ring.add(out, a, wordsGiven(x.shape, await y));
    },
    { owner },
  );

/** x * y elementwise, y public words of the same size. `identity` and errors as in addPublic. */
export function mulPublic(session: Session, x: Share, y: Words, identity = fingerprint(y)): Share {
  checkFills('mulPublic', x.shape, y);
  const body: Body = (op, [a], out) => op.ring.mul(out, a, y);
  return mapWhole(session, 'mul-public', [x], x.shape, body, { y: identity });
}

/** A strided view of x as a tensor of its own (transpose, slice, broadcast), which masked forms of x serve, too. */
export function gather(session: Session, x: Share, view: StridedView): Share {
  const { shape, strides, offset } = view;
  return session.issue(
    {
      descriptor: { kind: 'view', n: sizeOf(shape), shape, strides, offset },
      inputs: [x],
      shape,
      rounds: 0,
      output: 'overwritten',
      forms: new ValueForms({ forms: x.forms, view }),
    },
    (op, [a], out) => op.ring.gather(out, a, shape, strides, offset),
  );
}
