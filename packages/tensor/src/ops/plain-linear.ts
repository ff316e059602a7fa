/** A bilinear map with a public operand: every party applies it to its own share. */
import { applyBilinear, type Bilinear, fingerprint, mapLocal, type Session, type Share } from '@tacit/mpc';
import type { Words } from '@tacit/ring';

export const applyPlain = (
  session: Session,
  x: Share,
  y: Words,
  f: Bilinear,
  shape: readonly number[],
): Share =>
  mapLocal(
    session,
    `public-${f.op}`,
    [x],
    shape,
    (op, [a], out) => applyBilinear(op.ring, f, out, a, y, false),
    { f, y: fingerprint(y) },
    'overwritten',
  );
