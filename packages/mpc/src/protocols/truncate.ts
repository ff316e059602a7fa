/**
 * Truncation by f bits with MSB correction (Escudero, Ghosh, Keller, Rachuri, Wells: "Improved Primitives for MPC over
 * Mixed Arithmetic-Binary Circuits", CRYPTO 2020, section 5.1), dealer-assisted:
 *
 *     open c = x + 2^(l-2) + r mod 2^l, r free          c = c' + 2^(l-1) c_t, r likewise
 *     T_s = 2^(l-1-f) (s ^ r_t) - (r' >> f), s = 0, 1, dealt
 *     y_i = T_{c_t},i + [i=0] ((c' >> f) - 2^(l-2-f))
 *
 * For |x| < 2^(l-2) the result is floor(x / 2^f) or one more, never anything else; the one more comes with probability
 * frac(x / 2^f), so the rounding is unbiased. One round, l/8 bytes an element; dealer 12 bytes (16 for
 * f > l - 33).
 * The rounding bit depends on the public c: see SECURITY.md for what that means.
 */
import type { Words } from '@tacit/ring';
import type { DealerHalf } from '../dealer/half.js';
import { type Block, Layout } from '../runtime/layout.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import type { Descriptor } from '../runtime/transcript.js';
import { dealFloors, floorFields } from './masked-floors.js';
import { truncateExact } from './truncate-exact.js';
import { checkTruncation, openTruncated } from './truncation.js';

interface TruncateDescriptor extends Descriptor {
  readonly kind: 'truncate';
  readonly shape: readonly number[];
  /** Bits to drop. */
  readonly f: number;
  /** Window l. */
  readonly l: number;
}

const fields = (l: number, f: number) => {
  const layout = new Layout();
  return { layout, r: layout.freeWords('r'), floors: floorFields(layout, l, f) };
};

/**
 * x / 2^f, rounded down or up. |x| < 2^(window - 2). Where the session's truncation is 'exact', the exact floor of
 * truncate-exact.ts, in more rounds.
 */
export function truncate(session: Session, x: Share, f: number, window = session.config.window): Share {
  checkTruncation({ f, l: window });
  if (session.config.truncation === 'exact') return truncateExact(session, x, f, { window });
  const { layout, r, floors } = fields(window, f);
  const { shape, size: n } = x;
  const descriptor: TruncateDescriptor = { kind: 'truncate', n, shape, f, l: window };
  return session.issueElementwise(
    { descriptor, inputs: [x], shape, rounds: 1, layout },
    (op, [share], out) => {
      const masked = (block: Block, t: Words) => {
        op.share(r, t, block);
        op.ring.add(t, t, share.subarray(block.start, block.start + block.length));
      };
      return openTruncated(op, floors, descriptor, masked, out);
    },
  );
}

export const truncateDealer: DealerHalf<TruncateDescriptor> = {
  kind: 'truncate',
  elementwise: true,
  check(request) {
    request.whole('f', 1, request.window() - 3);
  },
  layout: ({ l, f }) => fields(l, f).layout,
  deal(op, { l, f }) {
    const { r, floors } = fields(l, f);
    for (const block of op.blocks()) {
      const mark = op.scratch.mark();
      const R = op.scratch.words(block.length);
      op.free(r, R, block);
      dealFloors(op, floors, R, block, l, f);
      op.scratch.release(mark);
    }
  },
};
