/** Shards of batches, as a proposal names them, and the hash by which two proposals for one shard are compared. */
import { createHash } from 'node:crypto';

/** A shard of a batch, in a proposal. Public to all members. */
export interface ShardClaim {
  /** Of the batch: random, 32 hexadecimal digits. */
  readonly batch: string;
  /** From 0. */
  readonly shard: number;
  /** Shards of the batch. */
  readonly of: number;
  /** Rows of every shard; the last one is filled up. */
  readonly rows: number;
  /** From 1; a fencing token: a member takes part in the latest attempt that it has heard of, and in no earlier one. */
  readonly attempt: number;
}

/** What else a proposal says that has to be the same in all attempts. */
export interface ClaimedWork {
  readonly program: { readonly name: string; readonly hash: string; readonly arguments: readonly string[] };
  readonly members: readonly { readonly fingerprint: string; readonly role: string }[];
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * The hash of what is asked for, whatever the attempt: another one for the same shard is a conflict. Each member makes it
 * itself, of what it was sent; no input goes into it.
 * @param claim the shard
 * @param work program, members and settings of the protocols
 * @returns 64 hexadecimal digits
 */
export function requestHash({ batch, shard, of, rows }: ShardClaim, work: ClaimedWork): string {
  const { name, hash, arguments: given } = work.program;
  const members = work.members.map(({ fingerprint, role }) => [fingerprint, role]);
  const config = Object.entries(work.config).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify(['tacit shard 1', batch, shard, of, rows, name, hash, given, members, config]);
  return createHash('sha256').update(text).digest('hex');
}
