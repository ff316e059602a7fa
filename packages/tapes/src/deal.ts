/** Making tapes: for each member a folder of files to take along. Nothing of what is secret stays with the dealer. */
import { randomBytes } from 'node:crypto';
import { type FileHandle, open as openFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FileError, systemReason } from '@tacit/files';
import {
  correctionBytes,
  dealTape,
  encodeTable,
  planHash,
  planSettings,
  TapeError,
  type TapePlan,
  tableOf,
} from '@tacit/mpc';
import type { Ring } from '@tacit/ring';
import { createFile, makeFolder, removeIfPossible, syncFolder } from './disk.js';
import { encodeHeader, seedHash, type TapeHeader, type TapeMember, tapeId } from './header.js';
import { encodeKeyFile, RECORD_KEY_BYTES, SEED_BYTES } from './key-file.js';
import { publicKeyBytes, type TapeKeys } from './keys.js';
import { encodeHead, fileBytes, RecordWriter } from './records.js';
import { seal } from './seal.js';
import { fileName } from './tape-files.js';

/** What is dealt, for whom. */
export interface DealOptions {
  readonly ring: Ring;
  readonly plan: TapePlan;
  /** What people call the program. Default empty. */
  readonly program?: string;
  /** Those who compute, by rank. Each gets a folder of its name. */
  readonly members: readonly TapeMember[];
  /** The dealer's own key pair. */
  readonly keys: TapeKeys;
  /** How many tapes. Default 1. */
  readonly count?: number;
  /** Where the folders of the members are made. */
  readonly out: string;
  /** The only session that may use them. Default: any one. */
  readonly session?: string;
  readonly onProgress?: (done: { readonly tapes: number; readonly bytes: number }) => void;
  readonly signal?: AbortSignal;
}

/** A tape that was made. */
export interface DealtTape {
  readonly id: string;
  readonly serial: number;
}

/** What a folder may be called, on every system. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,62}$/u;

/**
 * Makes tapes for a plan: in the folder of each member a small key file a tape, and in that of the last also the
 * corrections. Tapes are streamed: memory does not grow with their size. A tape is complete when the key files are there;
 * they come last.
 * @param options plan, members, keys, and where files go
 * @returns the tapes, in order
 * @throws TapeError TAPE_KEY for keys or names that cannot be; DealerRequestError for a plan that makes no sense;
 * FileError where files cannot be made; the reason of the signal
 * @example await dealTapes({ ring, plan, members, keys, count: 100, out: 'tapes' });
 */
export async function dealTapes(options: DealOptions): Promise<DealtTape[]> {
  const { plan, members, count = 1, out } = options;
  if (members.length !== plan.parties)
    throw new TapeError('TAPE_KEY', `the plan is for ${plan.parties} parties, not ${members.length}`);
  for (const { name, key } of members) {
    publicKeyBytes(key);
    if (!NAME.test(name))
      throw new TapeError('TAPE_KEY', `'${name}' cannot be the name of a member and its folder`);
  }
  for (const field of ['name', 'key'] as const)
    if (new Set(members.map((member) => member[field])).size < members.length)
      throw new TapeError('TAPE_KEY', `two members have the same ${field}`);
  if (!Number.isInteger(count) || count < 1)
    throw new TapeError(
      'TAPE_PLAN_FORMAT',
      `the number of tapes must be a whole number from 1 on, not ${count}`,
    );
  const table = tableOf(plan);
  const common = {
    hash: planHash(plan),
    table: encodeTable(table),
    bytes: correctionBytes(table),
    folders: members.map(({ name }) => join(out, name)),
  };
  for (const folder of common.folders) makeFolder(folder);
  const made: DealtTape[] = [];
  for (let i = 0; i < count; i++) made.push(await dealOne(options, common, made));
  for (const folder of common.folders) syncFolder(folder);
  return made;
}

interface Common {
  readonly hash: string;
  readonly table: Uint8Array;
  readonly bytes: number;
  readonly folders: readonly string[];
}

/** Serials grow with time, in microseconds: nothing has to be kept for that. */
const nextSerial = (made: readonly DealtTape[]): number =>
  Math.max(Date.now() * 1000, (made.at(-1)?.serial ?? 0) + 1);

async function dealOne(options: DealOptions, common: Common, made: readonly DealtTape[]): Promise<DealtTape> {
  const { ring, plan, members, keys, program = '', session = '', onProgress = () => {}, signal } = options;
  const seeds = members.map(() => new Uint8Array(randomBytes(SEED_BYTES)));
  const recordKey = randomBytes(RECORD_KEY_BYTES);
  const header: TapeHeader = {
    format: 1,
    plan: common.hash,
    program,
    settings: planSettings(plan),
    members,
    dealer: keys.publicText,
    session,
    serial: nextSerial(made),
    dealt: new Date().toISOString(),
    nonce: randomBytes(16).toString('hex'),
    operations: plan.operations.length,
    bytes: common.bytes,
    seeds: seeds.map(seedHash),
  };
  const encoded = encodeHeader(header);
  const id = tapeId(encoded);
  const base = fileName(header, id);
  const last = members.length - 1;
  const path = join(common.folders[last], `${base}.tape`);
  try {
    let written = 0;
    await writeFile(path, async (write) => {
      await write(encodeHead(id));
      const records = new RecordWriter(recordKey, id, write);
      await records.add(common.table);
      await dealTape({
        ring,
        plan,
        seeds,
        signal,
        write: async (corrections) => {
          await records.add(corrections);
          written += corrections.length;
          onProgress({ tapes: made.length, bytes: written });
        },
      });
      await records.end();
      return fileBytes(common.table.length + common.bytes);
    });
    for (const [rank, { key }] of members.entries()) {
      const secrets = new Uint8Array(SEED_BYTES + (rank === last ? RECORD_KEY_BYTES : 0));
      secrets.set(seeds[rank]);
      if (rank === last) secrets.set(recordKey, SEED_BYTES);
      const sealed = await seal(secrets, encoded, rank, publicKeyBytes(key), keys);
      secrets.fill(0);
      createFile(join(common.folders[rank], `${base}.key`), encodeKeyFile(encoded, sealed));
    }
  } catch (error) {
    // Nobody may find half of a tape.
    for (const folder of common.folders)
      for (const ending of ['key', 'tape']) removeIfPossible(join(folder, `${base}.${ending}`));
    throw error;
  } finally {
    for (const secret of [...seeds, recordKey]) secret.fill(0);
  }
  onProgress({ tapes: made.length + 1, bytes: 0 });
  return { id, serial: header.serial };
}

/** Writes a new file piece by piece; its length must be what `fill` says in the end. */
async function writeFile(
  path: string,
  fill: (write: (bytes: Uint8Array) => Promise<void>) => Promise<number>,
): Promise<void> {
  let file: FileHandle | undefined;
  const fail = (cause: unknown): FileError =>
    new FileError('FILE_NOT_WRITABLE', path, `cannot write ${basename(path)}: ${systemReason(cause)}`, {
      cause,
    });
  try {
    file = await openFile(path, 'wx', 0o600).catch((cause) => {
      throw fail(cause);
    });
    const own = file;
    let written = 0;
    const expected = await fill(async (bytes) => {
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await own.write(bytes, at, bytes.length - at).catch((cause) => {
          throw fail(cause);
        });
        at += bytesWritten;
      }
      written += bytes.length;
    });
    if (written !== expected) throw new Error(`a tape has ${written} bytes instead of ${expected}`);
    await own.sync();
  } finally {
    await file?.close();
  }
}

/**
 * A short name of a plan, for people.
 * @param hash of the plan
 * @returns 12 hexadecimal digits
 */
export const shortPlan = (hash: string): string => hash.slice(0, 12);
