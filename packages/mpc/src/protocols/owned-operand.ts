/**
 * Plaintext operands: a tensor W that one party, its owner, holds in the clear (a model that its owner serves).
 *
 * Once: the owner sends F = W - B, B expanded from its own stream. For each tensor X that meets W, the other parties
 * send E_j = X_j - A_j to the owner only, A_j from their own streams. See owned-linear.ts for the product.
 *
 * B is bound to exactly this value of W: a changed weight is a new Owned with a new mask (the difference of two values
 * under one mask would be public).
 */
import { sizeOf, type Words } from '@tacit/ring';
import { wordsGiven } from '../checks.js';
import { blockOf } from '../runtime/layout.js';
import type { MaskRef } from '../runtime/mask-ref.js';
import type { PartyOp } from '../runtime/party-op.js';
import type { Session } from '../runtime/session.js';
import { Lifetime, type Masked, type Share } from '../runtime/share.js';
import { keep, knownMasked, maskLayout } from './mask.js';

/** The value mod 2^64, or what writes it when it is needed. */
export type OwnedWords = Words | Promise<Words> | ((out: Words) => void);

/** A tensor in the clear at its owner; the others know its shape. */
export class Owned {
  #opened: Masked | undefined;
  #words: OwnedWords | undefined;
  readonly lifetime = new Lifetime();

  constructor(
    readonly session: Session,
    readonly owner: number,
    readonly shape: readonly number[],
    /** The value mod 2^64, at the owner only. It is copied when the masked form is made, and not kept. */
    words: OwnedWords | undefined,
    /** Fraction bits, for the transcript. */
    readonly scale?: number,
  ) {
    this.#words = words;
  }

  /**
   * The masked form: F is sent at the first call, one round, 8 bytes an element to each other party. The factor is W at
   * the owner and F elsewhere.
   */
  get opened(): Masked {
    if (!this.#opened) {
      this.#opened = openOwned(this, this.#words);
      this.#words = undefined;
    }
    return this.#opened;
  }

  dispose(): void {
    this.lifetime.release();
  }
}

function openOwned({ session, owner, shape, scale, lifetime }: Owned, words: OwnedWords | undefined): Masked {
  const n = sizeOf(shape);
  const { layout, mask } = maskLayout();
  const handle = session.issue(
    {
      descriptor: { kind: 'own', n, shape, owner, scale },
      inputs: [],
      shape,
      rounds: 1,
      sends: (rank) => (rank === owner ? (session.parties - 1) * n * 8 : 0),
      layout,
      output: 'made',
    },
    async (op) => {
      if (op.rank !== owner) return received(op, await op.receiveFrom(owner, 'F', n * 8));
      const value = await ownWords(op, shape, words);
      const F = op.bytes(n * 8);
      op.eachBlock((block) => {
        const B = op.shareInScratch(mask, block);
        op.ring.sub(B, blockOf(value, block), B);
        blockOf(wordsOf(F), block).set(B);
      });
      const copies = [...op.peers()].map((peer, i): [number, Uint8Array] => [
        peer,
        i === 0 ? F : op.bytes(n * 8),
      ]);
      for (const [, copy] of copies.slice(1)) copy.set(F);
      for (const [peer, copy] of copies) op.sendTo(peer, 'F', copy);
      return value;
    },
  );
  const ref: MaskRef = { id: handle.id, n, holders: [owner], views: [] };
  return { ref, stamp: handle.stamp, shape, depth: handle.depth, value: handle.value, lifetime };
}

const wordsOf = (bytes: Uint8Array): Words =>
  new BigUint64Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength / 8);

/** What was received: in the kernels' memory where there is room; otherwise where it is, if nothing else is there. */
function received(op: PartyOp, message: Uint8Array): Words {
  const words = wordsOf(message);
  const inside = op.pool.takeInside(words.length);
  if (!inside && message.byteLength === message.buffer.byteLength) return words;
  const out = inside ?? op.pool.take(words.length);
  out.set(words);
  op.giveBytes(message);
  return out;
}

/** The owner's value. A copy: products with another value under one mask would tell the difference. */
async function ownWords(
  op: PartyOp,
  shape: readonly number[],
  words: OwnedWords | undefined,
): Promise<Words> {
  const out = op.pool.take(sizeOf(shape));
  if (typeof words === 'function') words(out);
  else out.set(wordsGiven(shape, await words));
  return out;
}

/**
 * Sends x masked to the owner of a plaintext operand, once: one round, 8 bytes an element from each other party. At the
 * owner the value is X + A's complement, that is X_owner + sum E_j; elsewhere it is A_j, known before x is.
 */
export function maskToward(session: Session, x: Share, owner: number): Masked {
  x.assertUsable();
  const known = knownMasked(session, x, {
    get: ({ toward }) => toward.get(owner),
    set: ({ toward }, masked) => toward.set(owner, masked),
  });
  if (known) return known;
  const { shape, size: n } = x;
  const { layout, mask } = maskLayout();
  const isOwner = session.rank === owner;
  // Elsewhere the factor is the mask, and there before x is.
  const A = isOwner ? undefined : session.pool.take(n);
  const handle = session.issue(
    {
      descriptor: { kind: 'mask-toward', n, shape, owner },
      inputs: [x],
      shape,
      rounds: 1,
      sends: (rank) => (rank === owner ? 0 : n * 8),
      layout,
      output: A ? () => A : 'overwritten',
    },
    async (op, [share], out) => {
      const bytes = n * 8;
      const asWords = (b: Uint8Array) => new BigUint64Array(b.buffer as ArrayBuffer, b.byteOffset, n);
      if (op.rank !== owner) {
        const payload = op.bytes(bytes);
        op.ring.sub(asWords(payload), share, out);
        op.sendTo(owner, 'E', payload);
        return;
      }
      out.set(share);
      for (const peer of op.peers()) {
        const E = await op.receiveFrom(peer, 'E', bytes);
        op.ring.add(out, out, asWords(E));
        op.giveBytes(E);
      }
    },
  );
  if (A) session.prg.fill(A, handle.id, mask.index, 0);
  const holders = Array.from({ length: session.parties }, (_, i) => i).filter((i) => i !== owner);
  const value = A ? Promise.resolve(A) : handle.value;
  const masked = keep(session, x, handle, shape, value, { id: handle.id, n, holders, views: [] });
  x.forms.toward.set(owner, masked);
  return masked;
}
