/**
 * What a member remembers of shards, in `shards/` of its home: a small file a shard, changed under a lock and on the disk
 * before anything is done that it says, so that it holds over restarts and for all processes of the home.
 *
 *   shards/<fingerprint of the leader>/<batch>/<shard>.json
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TacitError } from '@tacit/errors';
import { writeAtomically } from '@tacit/files';
import * as v from 'valibot';
import { syncFolder } from '../audit/files.js';
import { ShardFileError } from '../errors.js';
import { withLock } from '../home/file-lock.js';
import type { ShardClaim } from './claim.js';
import { beginAttempt, claimShard, computeAttempt, type FenceAnswer, type ShardRecord } from './fence.js';

/** How long a batch is remembered after its last shard: a leader that comes back later has all of its attempts again. */
const REMEMBERED_MS = 90 * 86_400_000;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const schema = v.strictObject({
  version: v.literal(1),
  request: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  attempt: count,
  begun: v.boolean(),
  computed: count,
});

/** Whose shard. */
export type ShardKey = Pick<ShardClaim, 'batch' | 'shard'> & {
  /** Of the leader's certificate. */
  readonly leader: string;
};

/** Remembers shards. */
export class ShardFence {
  readonly #folder: string;
  readonly #most: number;

  /**
   * @param options `folder` that holds the files, made when it is needed; `most`: attempts of a shard that may compute
   */
  constructor({ folder, most }: { readonly folder: string; readonly most: number }) {
    this.#folder = folder;
    this.#most = most;
  }

  /**
   * What is remembered.
   * @param key of the shard
   * @returns undefined if nothing is
   * @throws ShardFileError if the file is damaged
   */
  record(key: ShardKey): ShardRecord | undefined {
    return readRecord(this.#path(key));
  }

  /**
   * What a claim would be answered, without writing anything.
   * @param key of the shard
   * @param attempt that is claimed
   * @param request hash of what is asked for
   * @returns as `claim`
   * @throws ShardFileError
   */
  look(key: ShardKey, attempt: number, request: string): FenceAnswer {
    return claimShard(this.record(key), attempt, request, this.#most);
  }

  /**
   * Claims a shard. Once it is claimed, no earlier attempt begins here.
   * @param key of the shard
   * @param attempt that is claimed
   * @param request hash of what is asked for
   * @returns what is remembered now, or why it is refused
   * @throws ShardFileError, HomeLockedError
   */
  claim(key: ShardKey, attempt: number, request: string): Promise<FenceAnswer> {
    return this.#change(key, (record, write) => {
      const answer = claimShard(record, attempt, request, this.#most);
      if ('record' in answer) write(answer.record);
      return answer;
    });
  }

  /**
   * Spends an attempt: call it before the first message of its session.
   * @param key of the shard
   * @param attempt that begins
   * @returns false if it may not begin
   * @throws ShardFileError, HomeLockedError
   */
  begin(key: ShardKey, attempt: number): Promise<boolean> {
    return this.#advance(key, (record) => beginAttempt(record, attempt));
  }

  /**
   * Counts an attempt: call it before its members compute.
   * @param key of the shard
   * @param attempt that computes
   * @returns false if a later one was claimed meanwhile
   * @throws ShardFileError, HomeLockedError
   */
  compute(key: ShardKey, attempt: number): Promise<boolean> {
    return this.#advance(key, (record) => computeAttempt(record, attempt));
  }

  /**
   * Forgets batches of which nothing was heard for 90 days.
   * @param now milliseconds since 1970
   */
  tidy(now: number): void {
    for (const leader of foldersIn(this.#folder))
      for (const batch of foldersIn(join(this.#folder, leader))) {
        const path = join(this.#folder, leader, batch);
        if (now - statSync(path).mtimeMs > REMEMBERED_MS) rmSync(path, { recursive: true, force: true });
      }
  }

  #advance(
    key: ShardKey,
    next: (record: ShardRecord | undefined) => ShardRecord | undefined,
  ): Promise<boolean> {
    return this.#change(key, (record, write) => {
      const after = next(record);
      if (after !== undefined) write(after);
      return after !== undefined;
    });
  }

  async #change<T>(
    key: ShardKey,
    act: (record: ShardRecord | undefined, write: (record: ShardRecord) => void) => T,
  ): Promise<T> {
    const path = this.#path(key);
    try {
      makeFolder(dirname(path));
      return await withLock(path, () => act(readRecord(path), (record) => writeRecord(path, record)));
    } catch (cause) {
      if (cause instanceof TacitError) throw cause;
      throw new ShardFileError(`${path} cannot be used: ${(cause as Error).message}`, { cause });
    }
  }

  #path({ leader, batch, shard }: ShardKey): string {
    return join(this.#folder, leader, batch, `${shard}.json`);
  }
}

function readRecord(path: string): ShardRecord | undefined {
  try {
    const { request, attempt, begun, computed } = v.parse(schema, JSON.parse(readFileSync(path, 'utf8')));
    return { request, attempt, begun, computed };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ShardFileError(
      `${path} cannot be read, so that it is not known which attempts of this shard are over: ${(cause as Error).message}`,
      { cause },
    );
  }
}

function writeRecord(path: string, record: ShardRecord): void {
  const text = `${JSON.stringify({ version: 1, ...record })}\n`;
  writeAtomically(path, new TextEncoder().encode(text), { mode: 0o600 });
  syncFolder(path);
}

function makeFolder(path: string): void {
  const made = mkdirSync(path, { recursive: true, mode: 0o700 });
  // The name of each folder that is new has to last, too.
  for (let folder = path; made !== undefined; folder = dirname(folder)) {
    syncFolder(folder);
    if (folder === made) break;
  }
}

function foldersIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}
