/** What is linear over GF(2): each party does it on its own share. No round, no byte, no randomness. */
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { mapWhole } from './local-maps.js';

/** x ^ y */
export const xorBits = (session: Session, x: Share, y: Share): Share =>
  mapWhole(session, 'xor-bits', [x, y], x.shape, (op, [a, b], out) => op.ring.xor(out, a, b));

/** ~x: party 0 flips its share. */
export const notBits = (session: Session, x: Share): Share =>
  mapWhole(session, 'not-bits', [x], x.shape, (op, [a], out) => {
    if (op.first) op.ring.not(out, a);
    else out.set(a);
  });

/** x << bits, or x >> bits with zeros from the left; 0 to 63 bits. */
export const shiftBits = (session: Session, x: Share, direction: 'left' | 'right', bits: number): Share =>
  mapWhole(
    session,
    'shift-bits',
    [x],
    x.shape,
    (op, [a], out) => (direction === 'left' ? op.ring.shl(out, a, bits) : op.ring.shrU(out, a, bits)),
    { direction, bits },
  );
