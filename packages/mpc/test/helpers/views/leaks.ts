/** Operations that leak, each in one way: a suite that looks for leaks must find them. */
import type { Words } from '@tacit/ring';
import { randomWords } from '@tacit/testing';
import type { Session } from '../../../src/index.js';
import { type Block, blockOf, Layout, planeWords } from '../../../src/runtime/layout.js';
import type { PartyOp } from '../../../src/runtime/party-op.js';
import type { Share } from '../../../src/runtime/share.js';
import type { Operation } from './operations.js';

/** Changes the mask of a block, which is fresh, before it is added. */
type Spoil = (mask: Words, op: PartyOp) => void;

const leaking = (x: Share) => ({
  descriptor: { kind: 'leak', n: x.size },
  inputs: [x],
  shape: x.shape,
});

/** Opens x modulo 2^bits under a mask that was spoilt. */
function opening(session: Session, x: Share, bits: number, spoil: Spoil): Promise<unknown> {
  const layout = new Layout();
  const r = layout.freeWords('r');
  return session.issueElementwise(
    { ...leaking(x), rounds: 1, opens: [{ bits }], layout },
    async (op, [share], out) => {
      const opened = await op.openWords('c', bits, (block, t) => {
        const mask = op.shareInScratch(r, block);
        spoil(mask, op);
        op.ring.add(t, blockOf(share, block), mask);
      });
      out.set(opened);
      op.pool.give(opened);
    },
  ).value;
}

const each =
  (change: (word: bigint) => bigint): Spoil =>
  (mask) => {
    for (let i = 0; i < mask.length; i++) mask[i] = change(mask[i]);
  };

/** Opens bits that are random, with `fill` in the place of those that make up whole words. */
function planes(session: Session, x: Share, fill: (bit: number) => number): Promise<unknown> {
  const layout = new Layout();
  const r = layout.freePlanes('r', 1);
  return session.issueElementwise(
    { ...leaking(x), rounds: 1, opens: [{ planes: 1 }], layout },
    async (op) => {
      const opened = await op.openPlanes('c', 1, (block: Block, t) => {
        op.share(r, t, block);
        const bytes = new Uint8Array(t.buffer, t.byteOffset, t.byteLength);
        for (let bit = block.length; bit < planeWords(block.length) * 64; bit++)
          bytes[bit >> 3] = (bytes[bit >> 3] & ~(1 << (bit & 7))) | (fill(bit) << (bit & 7));
      });
      op.pool.give(opened);
    },
  ).value;
}

/** The last party sends something to the first, past the session's check of what operations send. */
function telling(session: Session, x: Share, messages: (share: Words) => Uint8Array[]): Promise<unknown> {
  return session.issue({ ...leaking(x), rounds: 0 }, (op, [share]) => {
    if (op.last)
      for (const [i, message] of messages(share).entries())
        op.context.outbox.put(0, `${op.key}/m${i}`, message);
  }).value;
}

/** A mask that every run of the process has again, by party. */
const keptMasks: Words[] = [];
const sameInAllRuns: Spoil = (mask, op) => {
  keptMasks[op.rank] ??= randomWords(mask.length);
  mask.set(keptMasks[op.rank]);
};

/** At one party: the same mask for all values. */
function sameAsBefore(): Spoil {
  let before: Words | undefined;
  return (mask) => {
    if (before) mask.set(before);
    else before = mask.slice();
  };
}

/** Bits of masks that are narrower than what they are to hide. */
const NARROW = 33;

/** What is sent is the same for all inputs, but not its bits. By what is wrong. */
export const leaksInBits: Readonly<Record<string, Operation>> = {
  'no mask': (s, { x }) =>
    opening(
      s,
      x,
      64,
      each(() => 0n),
    ),
  'no mask of packed numbers': (s, { x }) =>
    opening(
      s,
      x,
      NARROW,
      each(() => 0n),
    ),
  'a mask narrower than what is packed': (s, { x }) =>
    opening(
      s,
      x,
      NARROW + 5,
      each((word) => BigInt.asUintN(NARROW, word)),
    ),
  'a mask of two bits less': (s, { x }) =>
    opening(
      s,
      x,
      64,
      each((word) => word >> 2n),
    ),
  'a bit that is set in three of four': (s, { x }) =>
    opening(
      s,
      x,
      64,
      // Of the first party's mask alone: of all parties' the bits would hide each other's bias.
      (mask, op) =>
        each(op.first ? (word) => word | ((word & 1n) << 37n) : (word) => word & ~(1n << 37n))(mask, op),
    ),
  'one mask for two values': (s, { x, y }) => {
    const spoil = sameAsBefore();
    return Promise.all([x, y].map((z) => opening(s, z, 64, spoil)));
  },
  'one mask for neighbours': (s, { x }) =>
    opening(s, x, 64, (mask) => {
      for (let i = 1; i < mask.length; i += 2) mask[i] = mask[i - 1];
    }),
  'a mask that is used again after half of the elements': (s, { x }) =>
    opening(s, x, 64, (mask) => {
      mask.copyWithin(mask.length >> 1, 0, mask.length >> 1);
    }),
  'one mask in two runs': (s, { x }) => opening(s, x, 64, sameInAllRuns),
  'a share that is sent twice as it is': (s, { x }) =>
    telling(s, x, (share) => [share, share].map((words) => new Uint8Array(words.slice().buffer))),
  'bits that fill up a message': (s, { x, own }) =>
    planes(s, x, (bit) => Number(((own?.[bit % x.size] ?? 0n) >> 2n) & 1n)),
};

/** What is sent differs. */
export const leaksInShape: Readonly<Record<string, Operation>> = {
  'a length that depends on a number': (s, { x, own }) =>
    telling(s, x, () => [new Uint8Array(own?.some((v) => v > 0n) ? 16 : 8)]),
  'a message that is sent for some numbers': (s, { x, own }) =>
    telling(s, x, () => (own?.some((v) => v > 0n) ? [new Uint8Array(8)] : [])),
};

/** No leak: the same opening with a mask as it must be. */
export const noLeak: Operation = (s, { x }) => opening(s, x, NARROW, () => {});
