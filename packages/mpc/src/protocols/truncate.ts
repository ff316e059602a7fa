/**
 * Truncation by f bits. Between two parties each shifts its own share (truncation/local-shifts.ts: one bit an element, dealer 4
 * bytes). For more of them, and for f > 32, with MSB correction (Escudero, Ghosh, Keller, Rachuri, Wells: "Improved
 * Primitives for MPC over Mixed Arithmetic-Binary Circuits", CRYPTO 2020, section 5.1), dealer-assisted:
 *
 *     open c = x + 2^(l-2) + r mod 2^l, r free          c = c' + 2^(l-1) c_t, r likewise
 *     T_s = 2^(l-1-f) (s ^ r_t) - (r' >> f), s = 0, 1, dealt
 *     y_i = T_{c_t},i + [i=0] ((c' >> f) - 2^(l-2-f))
 *
 * For |x| < 2^(l-2) the result is floor(x / 2^f) or one more, never anything else; the one more comes with probability
 * frac(x / 2^f), so the rounding is unbiased. One round, l/8 bytes an element; dealer 12 bytes (16
 * for f > l - 33).
 * The rounding bit depends on the public c, or on the parties' shares: see SECURITY.md for what that means.
 */
import type { Words } from '@tacit/ring';
import { defineProtocol } from '../definition/protocol.js';
import { type Block, blockOf, type Field, Layout } from '../runtime/layout.js';
import { remembered } from '../runtime/remembered.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import {
  dealWraps,
  truncateByWraps,
  truncatesByWraps,
  type WrapFields,
  wrapFields,
} from '../truncation/local-shifts.js';
import { dealFloors, type FloorFields, floorFields, openTruncated } from '../truncation/msb-correction.js';
import { checkTruncation, type Truncation } from '../truncation/parameters.js';
import { truncateExact } from './truncate-exact.js';

/** What the parties shift by, or r and T_0, T_1 where the masked value is opened. */
interface Fields {
  readonly layout: Layout;
  readonly wraps?: WrapFields;
  readonly opening?: { readonly r: Field; readonly floors: FloorFields };
}

function makeFields({ f, l }: Truncation, parties: number): Fields {
  const layout = new Layout();
  if (truncatesByWraps(parties, f)) return { layout, wraps: wrapFields(layout) };
  return { layout, opening: { r: layout.freeWords('r'), floors: floorFields(layout, l, f) } };
}

/**
 * x / 2^f, rounded down or up. |x| < 2^(window - 2). Where the session's truncation is 'exact', the exact floor of
 * truncate-exact.ts, in more rounds.
 */
export function truncate(session: Session, x: Share, f: number, window = session.config.window): Share {
  checkTruncation({ f, l: window });
  if (session.config.truncation === 'exact') return truncateExact(session, x, f, { window });
  return truncateProtocol.runOn(session, x, { f, l: window });
}

/**
 * As truncate, but a value is truncated once: all handles to it get the same result, in their shape. So a value that is
 * truncated and revealed through several of them is rounded once. Dispose of the result as of any other handle.
 */
export function truncateOnce(session: Session, x: Share, f: number, window = session.config.window): Share {
  x.assertUsable();
  const make = () => truncate(session, x, f, window);
  return remembered(x.forms.truncated, `${f}/${window}`, make).reshaped(x.shape);
}

export const truncateProtocol = defineProtocol<Truncation, Fields>({
  kind: 'truncate',
  elementwise: true,
  parameters(request) {
    const l = request.window();
    return { l, f: request.whole('f', 1, l - 3) };
  },
  fields: makeFields,
  rounds: () => 1,
  opens: ({ l }, { wraps }) => (wraps ? [{ planes: 1 }] : [{ bits: l }]),
  async party(op, { inputs: [share], out, parameters, fields: { wraps, opening } }) {
    if (wraps) await truncateByWraps(op, wraps, parameters.f, share, out);
    if (!opening) return;
    const masked = (block: Block, t: Words) => {
      op.share(opening.r, t, block);
      op.ring.add(t, t, blockOf(share, block));
    };
    await openTruncated(op, opening.floors, parameters, masked, out);
  },
  dealer(op, { l, f }, { wraps, opening }) {
    op.eachBlock((block) => {
      if (wraps) dealWraps(op, wraps, block);
      if (opening) dealFloors(op, opening.floors, op.freeInScratch(opening.r, block), block, l, f);
    });
  },
  examples: {
    truncation: (s, { x, drop }) => truncate(s, x, drop.f, drop.l),
  },
});
