/** Operations that every party does on its own share: no round, no byte, no randomness. */
import { sizeOf, type Words } from '@tacit/ring';
import { ShapeError } from '../runtime/errors.js';
import { fingerprint } from '../runtime/fingerprint.js';
import type { StridedView } from '../runtime/mask-ref.js';
import type { Body, OutputMemory, Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { ValueForms } from '../runtime/share.js';

function local(
  session: Session,
  kind: string,
  inputs: readonly Share[],
  shape: readonly number[],
  body: Body,
  parameters: Readonly<Record<string, unknown>> = {},
  // The kernels below check lengths and write all of the result.
  output: OutputMemory = 'overwritten',
): Share {
  return session.issue(
    { descriptor: { kind, n: sizeOf(shape), shape, ...parameters }, inputs, shape, rounds: 0, output },
    body,
  );
}

/** Throws a ShapeError unless an operand of x has one value for each of its places. */
function checkSize(what: string, x: Share, size: number): void {
  if (size !== x.size)
    throw new ShapeError(`${what}: ${size} values do not fit the shape [${x.shape}], which has ${x.size}`);
}

/** x + y, same shape. */
export function add(session: Session, x: Share, y: Share): Share {
  checkSize('add', x, y.size);
  return local(session, 'add', [x, y], x.shape, (op, [a, b], out) => op.ring.add(out, a, b));
}

/** x - y, same shape. */
export function sub(session: Session, x: Share, y: Share): Share {
  checkSize('sub', x, y.size);
  return local(session, 'sub', [x, y], x.shape, (op, [a, b], out) => op.ring.sub(out, a, b));
}

/** -x */
export const neg = (session: Session, x: Share): Share =>
  local(session, 'neg', [x], x.shape, (op, [a], out) => op.ring.neg(out, a));

/** x * s mod 2^64, s public. */
export const mulScalar = (session: Session, x: Share, s: bigint): Share =>
  local(
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
  local(
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
 * Throws a ShapeError where the sizes differ.
 */
export function addPublic(session: Session, x: Share, y: Words, identity = fingerprint(y)): Share {
  checkSize('add-public', x, y.length);
  const body: Body = (op, [a], out) => {
    if (op.first) op.ring.add(out, a, y);
    else out.set(a);
  };
  return local(session, 'add-public', [x], x.shape, body, { y: identity });
}

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
    async (op, [a], out) => {
      if (op.rank !== owner) {
        out.set(a);
        return;
      }
      const value = await y;
      if (value?.length !== op.n)
        throw new ShapeError(
          `the tensor of shape [${x.shape}] has ${value?.length ?? 'no'} values instead of ${op.n}`,
        );
      op.ring.add(out, a, value);
    },
    { owner },
  );

/** x * y elementwise, y public words of the same size. `identity` and errors as in addPublic. */
export function mulPublic(session: Session, x: Share, y: Words, identity = fingerprint(y)): Share {
  checkSize('mul-public', x, y.length);
  const body: Body = (op, [a], out) => op.ring.mul(out, a, y);
  return local(session, 'mul-public', [x], x.shape, body, { y: identity });
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

/**
 * Any local linear map given as a function of this party's share.
 *
 * @param name with `parameters` it identifies the map publicly: all that is not the share
 * @param body writes the result into `out`, which is all zeros before
 * @param output 'overwritten' where `body` is sure to write all of `out`: then it is not cleared before, and what `body`
 * leaves out would be words of another tensor
 */
export const mapLocal = (
  session: Session,
  name: string,
  inputs: readonly Share[],
  shape: readonly number[],
  body: Body,
  parameters?: Readonly<Record<string, unknown>>,
  output: 'zeroed' | 'overwritten' = 'zeroed',
): Share => local(session, name, inputs, shape, body, parameters, output);
