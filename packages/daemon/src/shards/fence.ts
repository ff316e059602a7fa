/**
 * The memory of a member about a shard, as a function of what happens: which attempt is the latest, whether it has begun,
 * how many have got as far as computing. An attempt that has begun is spent: nobody begins it again, after a restart
 * neither, so that no two sessions are the same attempt. One that was reserved and did not begin may be reserved again.
 */

/** What is remembered of a shard. */
export interface ShardRecord {
  /** What was asked for, by `requestHash`. */
  readonly request: string;
  /** The latest attempt. */
  readonly attempt: number;
  readonly begun: boolean;
  /** Attempts whose links were all made: from there on values may be revealed. */
  readonly computed: number;
}

/** Why a shard is refused. */
export type FenceRefusal = 'FENCED' | 'SHARD_CONFLICT' | 'ATTEMPTS_USED_UP';

/** The answer to a claim: what to remember, or why not. */
export type FenceAnswer =
  | { readonly record: ShardRecord }
  | { readonly code: FenceRefusal; readonly reason: string };

/**
 * A claim to a shard.
 * @param record what is remembered; undefined if nothing is
 * @param attempt that is claimed
 * @param request hash of what is asked for
 * @param most attempts that may compute, by the owner of this process
 * @returns what to remember, or why it is refused
 */
export function claimShard(
  record: ShardRecord | undefined,
  attempt: number,
  request: string,
  most: number,
): FenceAnswer {
  if (record === undefined) return { record: { request, attempt, begun: false, computed: 0 } };
  if (record.request !== request)
    return { code: 'SHARD_CONFLICT', reason: 'this shard was claimed before, for something else' };
  if (attempt < record.attempt || (attempt === record.attempt && record.begun))
    return {
      code: 'FENCED',
      reason: `attempt ${attempt} is over; the latest one here is number ${record.attempt}`,
    };
  if (record.computed >= most)
    return {
      code: 'ATTEMPTS_USED_UP',
      reason: `this shard was computed ${record.computed} times here, and may be ${most} times (limits.attemptsPerShard)`,
    };
  return { record: { ...record, attempt, begun: record.begun && attempt === record.attempt } };
}

/**
 * The session of an attempt begins.
 * @param record what is remembered
 * @param attempt which
 * @returns what to remember; undefined if this attempt may not begin: another one was claimed meanwhile, or it has begun
 */
export function beginAttempt(record: ShardRecord | undefined, attempt: number): ShardRecord | undefined {
  return record?.attempt === attempt && !record.begun ? { ...record, begun: true } : undefined;
}

/**
 * The members of an attempt are connected and about to compute.
 * @param record what is remembered
 * @param attempt which
 * @returns what to remember; undefined if a later attempt was claimed meanwhile
 */
export function computeAttempt(record: ShardRecord | undefined, attempt: number): ShardRecord | undefined {
  return record?.attempt === attempt && record.begun
    ? { ...record, computed: record.computed + 1 }
    : undefined;
}
