/**
 * Truncation by f bits. Between two parties each shifts its own share (wrap-truncation.ts: one bit an element, dealer 4
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
import type { DealerHalf } from '../dealer/half.js';
import { type Block, Layout } from '../runtime/layout.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import type { Descriptor } from '../runtime/transcript.js';
import { dealFloors, floorFields } from './masked-floors.js';
import { truncateExact } from './truncate-exact.js';
import { checkTruncation, openTruncated } from './truncation.js';
import { dealWraps, truncateByWraps, truncatesByWraps, wrapFields } from './wrap-truncation.js';

interface TruncateDescriptor extends Descriptor {
  readonly kind: 'truncate';
  readonly shape: readonly number[];
  /** Bits to drop. */
  readonly f: number;
  /** Window l. */
  readonly l: number;
}

/** r and T_0, T_1 where the masked value is opened. */
const openingFields = (l: number, f: number) => {
  const layout = new Layout();
  return { layout, r: layout.freeWords('r'), floors: floorFields(layout, l, f) };
};

const shiftingFields = () => {
  const layout = new Layout();
  return { layout, wraps: wrapFields(layout) };
};

/**
 * x / 2^f, rounded down or up. |x| < 2^(window - 2). Where the session's truncation is 'exact', the exact floor of
 * truncate-exact.ts, in more rounds.
 */
export function truncate(session: Session, x: Share, f: number, window = session.config.window): Share {
  checkTruncation({ f, l: window });
  if (session.config.truncation === 'exact') return truncateExact(session, x, f, { window });
  const { shape, size: n } = x;
  const descriptor: TruncateDescriptor = { kind: 'truncate', n, shape, f, l: window };
  if (truncatesByWraps(session.parties, f)) {
    const { layout, wraps } = shiftingFields();
    return session.issueElementwise(
      { descriptor, inputs: [x], shape, rounds: 1, layout },
      (op, [share], out) => truncateByWraps(op, wraps, f, share, out),
    );
  }
  const { layout, r, floors } = openingFields(window, f);
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

/**
 * As truncate, but a value is truncated once: all handles to it get the same result, in their shape. So a value that is
 * truncated and revealed through several of them is rounded once. Dispose of the result as of any other handle.
 */
export function truncateOnce(session: Session, x: Share, f: number, window = session.config.window): Share {
  x.assertUsable();
  const { truncated } = x.forms;
  const key = `${f}/${window}`;
  let known = truncated.get(key);
  if (!known) {
    known = truncate(session, x, f, window);
    truncated.set(key, known);
  }
  return known.reshaped(x.shape);
}

export const truncateDealer: DealerHalf<TruncateDescriptor> = {
  kind: 'truncate',
  elementwise: true,
  check(request) {
    request.whole('f', 1, request.window() - 3);
  },
  layout: ({ l, f }, _config, parties) =>
    (truncatesByWraps(parties, f) ? shiftingFields() : openingFields(l, f)).layout,
  deal(op, { l, f }) {
    if (truncatesByWraps(op.streams.length, f)) {
      const { wraps } = shiftingFields();
      for (const block of op.blocks()) dealWraps(op, wraps, block);
      return;
    }
    const { r, floors } = openingFields(l, f);
    for (const block of op.blocks()) {
      const mark = op.scratch.mark();
      const R = op.scratch.words(block.length);
      op.free(r, R, block);
      dealFloors(op, floors, R, block, l, f);
      op.scratch.release(mark);
    }
  },
};
