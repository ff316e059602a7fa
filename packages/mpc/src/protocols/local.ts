/** Operations that every party does on its own share: no round, no byte, no randomness. */
import { sizeOf, type Words } from '@tacit/ring';
import { ShapeError } from '../runtime/errors.js';
import { fingerprint } from '../runtime/fingerprint.js';
import type { StridedView } from '../runtime/mask-ref.js';
import type { Body, Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';

function local(
  session: Session,
  kind: string,
  inputs: readonly Share[],
  shape: readonly number[],
  body: Body,
  parameters: Readonly<Record<string, unknown>> = {},
): Share {
  return session.issue(
    { descriptor: { kind, n: sizeOf(shape), shape, ...parameters }, inputs, shape, rounds: 0 },
    body,
  );
}

/** x + y, same shape. */
export const add = (session: Session, x: Share, y: Share): Share =>
  local(session, 'add', [x, y], x.shape, (op, [a, b]) => {
    const out = op.pool.take(op.n);
    op.ring.add(out, a, b);
    return out;
  });

/** x - y, same shape. */
export const sub = (session: Session, x: Share, y: Share): Share =>
  local(session, 'sub', [x, y], x.shape, (op, [a, b]) => {
    const out = op.pool.take(op.n);
    op.ring.sub(out, a, b);
    return out;
  });

/** -x */
export const neg = (session: Session, x: Share): Share =>
  local(session, 'neg', [x], x.shape, (op, [a]) => {
    const out = op.pool.take(op.n);
    op.ring.neg(out, a);
    return out;
  });

/** x * s mod 2^64, s public. */
export const mulScalar = (session: Session, x: Share, s: bigint): Share =>
  local(
    session,
    'mul-scalar',
    [x],
    x.shape,
    (op, [a]) => {
      const out = op.pool.take(op.n);
      op.ring.mulScalar(out, a, BigInt.asUintN(64, s));
      return out;
    },
    { s: `${s}` },
  );

/** x + s mod 2^64, s public: party 0 adds. */
export const addScalar = (session: Session, x: Share, s: bigint): Share =>
  local(
    session,
    'add-scalar',
    [x],
    x.shape,
    (op, [a]) => {
      const out = op.pool.take(op.n);
      if (op.first) op.ring.addScalar(out, a, BigInt.asUintN(64, s));
      else out.set(a);
      return out;
    },
    { s: `${s}` },
  );

/** x + y, y public words of the same size: party 0 adds. `identity` tells y from other words, in the transcript. */
export const addPublic = (session: Session, x: Share, y: Words, identity = fingerprint(y)): Share =>
  local(
    session,
    'add-public',
    [x],
    x.shape,
    (op, [a]) => {
      const out = op.pool.take(op.n);
      if (op.first) op.ring.add(out, a, y);
      else out.set(a);
      return out;
    },
    { y: identity },
  );

/** x + y, y known to rank `owner` only: the owner adds. */
export const addOwned = (
  session: Session,
  x: Share,
  owner: number,
  y: Words | Promise<Words> | undefined,
): Share =>
  local(
    session,
    'add-owned',
    [x],
    x.shape,
    async (op, [a]) => {
      const out = op.pool.take(op.n);
      if (op.rank !== owner) {
        out.set(a);
        return out;
      }
      const value = await y;
      if (value?.length !== op.n)
        throw new ShapeError(
          `the tensor of shape [${x.shape}] has ${value?.length ?? 'no'} values instead of ${op.n}`,
        );
      op.ring.add(out, a, value);
      return out;
    },
    { owner },
  );

/** x * y elementwise, y public words of the same size. `identity` as in addPublic. */
export const mulPublic = (session: Session, x: Share, y: Words, identity = fingerprint(y)): Share =>
  local(
    session,
    'mul-public',
    [x],
    x.shape,
    (op, [a]) => {
      const out = op.pool.take(op.n);
      op.ring.mul(out, a, y);
      return out;
    },
    { y: identity },
  );

/** A strided view of x as a tensor of its own (transpose, slice, broadcast). */
export const gather = (session: Session, x: Share, view: StridedView): Share =>
  local(
    session,
    'view',
    [x],
    view.shape,
    (op, [a]) => {
      const out = op.pool.take(op.n);
      op.ring.gather(out, a, view.shape, view.strides, view.offset);
      return out;
    },
    { strides: view.strides, offset: view.offset },
  );

/** Any local linear map given as a function of this party's share. `name` and `parameters` identify it publicly: all that is not the share. */
export const mapLocal = (
  session: Session,
  name: string,
  inputs: readonly Share[],
  shape: readonly number[],
  body: Body,
  parameters?: Readonly<Record<string, unknown>>,
): Share => local(session, name, inputs, shape, body, parameters);
