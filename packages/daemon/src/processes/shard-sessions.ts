/** Attempts at shards that this process has reserved or runs: what a later attempt has to end, and who else claims them. */
import type { Proposal } from '../control/messages.js';
import { Refusal } from '../control/refusal.js';
import { requestHash, type ShardClaim } from '../shards/claim.js';
import type { FenceAnswer } from '../shards/fence.js';
import type { ShardFence, ShardKey } from '../shards/fence-files.js';

/** How long a place is kept for a leader that asks the other members. */
export const LEASE_MS = 30_000;
/** How long a later attempt waits for the end of an earlier one, which needs its place. */
const WAY_MS = 5000;
/** How often it is looked whether another process of this home has accepted a later attempt. */
const LOOK_MS = 1000;

/** An attempt at a shard, as one proposal names it. */
export interface Attempt {
  readonly key: ShardKey;
  readonly claim: ShardClaim;
  readonly request: string;
}

/** An attempt that has a place here. */
interface Held {
  readonly attempt: Attempt;
  /** Ends it: takes the reservation back, or aborts the session. */
  readonly end: () => void;
  readonly over: Promise<void>;
}

/**
 * The attempt that a proposal is.
 * @param proposal of a peer
 * @param leader fingerprint of the peer
 * @returns undefined if it is about no shard
 */
export function attemptOf(proposal: Proposal, leader: string): Attempt | undefined {
  const { shard: claim } = proposal;
  if (claim === undefined) return undefined;
  if (claim.shard >= claim.of)
    throw new Refusal('BAD_PROPOSAL', `there is no shard ${claim.shard} among ${claim.of}`);
  return {
    key: { leader, batch: claim.batch, shard: claim.shard },
    claim,
    request: requestHash(claim, proposal),
  };
}

export class ShardSessions {
  readonly #fence: ShardFence;
  readonly #held = new Set<Held>();
  #timer: NodeJS.Timeout | undefined;

  /** @param fence the memory of this home */
  constructor(fence: ShardFence) {
    this.#fence = fence;
  }

  /**
   * Whether an attempt may be reserved, as far as it is known; what it supersedes here is ended first.
   * @param attempt of a proposal
   * @throws Refusal FENCED, SHARD_CONFLICT, ATTEMPTS_USED_UP
   */
  async makeWay(attempt: Attempt): Promise<void> {
    const { key, claim, request } = attempt;
    this.#refuse(attempt, this.#fence.look(key, claim.attempt, request));
    const older = [...this.#held].filter(({ attempt: other }) => isSame(other.key, key));
    for (const { end } of older) end();
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, WAY_MS);
    });
    await Promise.race([Promise.all(older.map(({ over }) => over)), patience]);
    clearTimeout(timer);
  }

  /**
   * Claims the shard, for good.
   * @param attempt of a proposal
   * @throws Refusal as `makeWay`
   */
  async claim(attempt: Attempt): Promise<void> {
    const { key, claim, request } = attempt;
    this.#refuse(attempt, await this.#fence.claim(key, claim.attempt, request));
  }

  /**
   * Keeps an attempt that has a place here.
   * @param attempt that was claimed
   * @param end takes it back, or aborts its session, for a later one
   * @returns call it when the place is free again
   */
  hold(attempt: Attempt, end: () => void): () => void {
    let settle: () => void = () => {};
    const over = new Promise<void>((resolve) => {
      settle = resolve;
    });
    const held: Held = { attempt, end, over };
    this.#held.add(held);
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
    return () => {
      this.#held.delete(held);
      settle();
      if (this.#held.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  /**
   * Spends the attempt: its session begins.
   * @param attempt that was claimed
   * @returns false if a later one was claimed, or this one has begun elsewhere
   */
  begin({ key, claim }: Attempt): Promise<boolean> {
    return this.#fence.begin(key, claim.attempt);
  }

  /**
   * Counts the attempt: its members are about to compute.
   * @param attempt that has begun
   * @returns false if a later one was claimed
   */
  compute({ key, claim }: Attempt): Promise<boolean> {
    return this.#fence.compute(key, claim.attempt);
  }

  #refuse({ key }: Attempt, answer: FenceAnswer): void {
    if ('record' in answer) return;
    const { code, reason } = answer;
    throw new Refusal(code, reason, { attempt: this.#fence.record(key)?.attempt });
  }

  /** Another process of this home may have claimed what runs here. */
  #look(): void {
    for (const { attempt, end } of this.#held) {
      const { key, claim } = attempt;
      try {
        if ((this.#fence.record(key)?.attempt ?? 0) > claim.attempt) end();
      } catch {
        // What is wrong with the file is said where it is needed.
      }
    }
  }
}

const isSame = (a: ShardKey, b: ShardKey): boolean =>
  a.leader === b.leader && a.batch === b.batch && a.shard === b.shard;
