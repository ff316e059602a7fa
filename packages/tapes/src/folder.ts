/**
 * A member's tapes: a folder with `SERIAL-ID.key` and, at the last party, `SERIAL-ID.tape` for each, and the ledger of
 * those that were used.
 *
 * A tape is burnt before it is used: it goes into the ledger, then its key is removed, both on the disk, and only then
 * does anybody get the seed. Whatever happens in between, it is not used again.
 */
import { existsSync, readdirSync } from 'node:fs';
import { type FileHandle, open as openFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError, systemReason } from '@tacit/files';
import { parseTable, ROW_BYTES, type SpentTape, TapeError } from '@tacit/mpc';
import { readSmall, removeFile, removeIfPossible } from './disk.js';
import { seedHash, type TapeHeader } from './header.js';
import { type KeyFile, MAX_KEY_FILE, parseKeyFile, RECORD_KEY_BYTES, SEED_BYTES } from './key-file.js';
import { publicKeyBytes, type TapeKeys } from './keys.js';
import { Ledger } from './ledger.js';
import { RecordReader } from './records.js';
import { open } from './seal.js';
import { bodyBytes, fileName, KEY_FILE, requireLength, TAPE_FILE } from './tape-files.js';

/** What happens to a tape that is used, step by step. */
export type BurnStep = 'opened' | 'entered' | 'key removed';

/** A member's folder of tapes, and who may have filled it. */
export interface FolderOptions {
  readonly folder: string;
  /** The member's own key pair. */
  readonly keys: TapeKeys;
  /** Public key of the dealer: nobody else's tapes are used. */
  readonly dealer: string;
  /** Where used tapes are noted. Default `ledger` in the folder. Never restore it from a backup. */
  readonly ledger?: string;
  /** For tests: called behind each step. */
  readonly onStep?: (step: BurnStep) => void;
}

/** A tape in a folder, not used yet. */
export interface TapeListing {
  readonly id: string;
  readonly header: TapeHeader;
  /** The member's rank. */
  readonly rank: number;
  /** Path of its files, without their endings. */
  readonly path: string;
}

/** A member's folder of tapes. */
export class TapeFolder {
  readonly ledger: Ledger;
  readonly #options: FolderOptions;

  /** @param options where it is, and whose */
  constructor(options: FolderOptions) {
    this.#options = options;
    this.ledger = new Ledger(options.ledger ?? join(options.folder, 'ledger'));
  }

  /** Names of key files, by serial. */
  #names(): string[] {
    const { folder } = this.#options;
    try {
      return readdirSync(folder)
        .filter((name) => KEY_FILE.test(name))
        .sort();
    } catch (cause) {
      throw new FileError('FILE_NOT_READABLE', folder, `cannot read ${folder}: ${systemReason(cause)}`, {
        cause,
      });
    }
  }

  /**
   * The tapes that are there and not used, by serial. Keys of used ones, which a crash has left, are removed on the way.
   * @param onRefused hears of files that are not what they look like
   * @returns one after another; what is burnt meanwhile is left out
   */
  *unused(onRefused: (file: string, error: Error) => void = () => {}): Generator<TapeListing> {
    for (const name of this.#names()) {
      try {
        const listing = this.#listing(name);
        if (!this.ledger.has(listing.id)) yield listing;
        else this.#remove(listing.path);
      } catch (error) {
        if (!existsSync(join(this.#options.folder, name))) continue; // somebody uses it
        onRefused(name, error as Error);
      }
    }
  }

  #listing(name: string): TapeListing & { readonly file: KeyFile } {
    const { folder, keys, dealer } = this.#options;
    const [, base, short] = KEY_FILE.exec(name) as RegExpExecArray;
    const path = join(folder, base);
    const file = parseKeyFile(readSmall(`${path}.key`, MAX_KEY_FILE));
    const { id, header } = file;
    if (!id.startsWith(short) || base !== fileName(header, id))
      throw new TapeError('TAPE_FORMAT', `${name} is the key of the tape ${fileName(header, id)}`);
    const rank = header.members.findIndex(({ key }) => key === keys.publicText);
    if (rank < 0)
      throw new TapeError('TAPE_KEY', `the tape ${base} is for others: your key is ${keys.publicText}`);
    if (header.dealer !== dealer)
      throw new TapeError('TAPE_KEY', `the tape ${base} is of the dealer ${header.dealer}, not ${dealer}`);
    if (rank === header.members.length - 1) requireLength(`${path}.tape`, header);
    return { id, header, rank, path, file };
  }

  /**
   * The unused tapes of some ids.
   * @param ids of tapes
   * @returns by id; without those that are not there, or not usable
   */
  find(ids: readonly string[]): ReadonlyMap<string, TapeListing> {
    const wanted = new Set(ids.map((id) => id.slice(0, 16)));
    const found = new Map<string, TapeListing>();
    for (const name of this.#names()) {
      if (!wanted.has(KEY_FILE.exec(name)?.[2] ?? '')) continue;
      try {
        const listing = this.#listing(name);
        if (ids.includes(listing.id) && !this.ledger.has(listing.id)) found.set(listing.id, listing);
      } catch {
        // Of no use here, like one that is missing.
      }
    }
    return found;
  }

  /**
   * Opens a tape without using it: for a look at all of its records.
   * @param listing of `unused` or `find`
   * @returns false where somebody used it meanwhile
   * @throws TapeError where anything about it is wrong
   */
  async verify(listing: TapeListing): Promise<boolean> {
    const unsealed = await this.#unsealUnlessSpent(listing);
    try {
      await unsealed?.corrections?.reader.verify();
    } finally {
      await unsealed?.corrections?.reader.close();
    }
    return unsealed !== undefined;
  }

  /**
   * Burns a tape, and gives its secrets to whoever was first.
   * @param listing of `unused` or `find`
   * @returns seed and corrections; or undefined where somebody else was faster
   * @throws TapeError where anything about it is wrong: then it is as it was before
   * @throws FileError where it cannot be burnt: then it must not be used
   */
  async burn(listing: TapeListing): Promise<SpentTape | undefined> {
    const { onStep = () => {} } = this.#options;
    const unsealed = await this.#unsealUnlessSpent(listing);
    if (!unsealed) return undefined;
    const { seed, corrections } = unsealed;
    let burnt = false;
    try {
      onStep('opened');
      if (!this.ledger.enter(listing.id, listing.header)) return undefined;
      onStep('entered');
      removeFile(`${listing.path}.key`);
      onStep('key removed');
      // An open file outlives its name.
      if (corrections) removeIfPossible(`${listing.path}.tape`);
      burnt = true;
    } finally {
      if (!burnt) {
        seed.fill(0);
        await corrections?.reader.close();
      }
    }
    if (!corrections) return { seed };
    const { reader, table, start } = corrections;
    return {
      seed,
      corrections: {
        table,
        read: (offset, into) => reader.read(start + offset, into),
        close: () => void reader.close(),
      },
    };
  }

  /**
   * Burns a tape that nobody will use.
   * @param listing of `unused` or `find`
   * @returns false where it was used meanwhile
   * @throws FileError where it cannot be burnt
   */
  discard({ id, header, path }: TapeListing): boolean {
    if (!this.ledger.enter(id, header)) return false;
    this.#remove(path);
    return true;
  }

  /**
   * Removes keys of tapes that are used, where a crash left them: the ledger keeps these tapes from being used, and no key
   * should outlive them. Whoever is burning one at this moment has read it before.
   * @returns how many keys it removed
   */
  sweep(): number {
    const { folder } = this.#options;
    let removed = 0;
    for (const name of this.#names()) {
      try {
        if (!this.ledger.has(parseKeyFile(readSmall(join(folder, name), MAX_KEY_FILE)).id)) continue;
      } catch {
        continue; // it may be gone by now, or be put right by another copy
      }
      this.#remove(join(folder, name.slice(0, -'.key'.length)));
      removed++;
    }
    return removed;
  }

  #remove(path: string): void {
    removeFile(`${path}.key`);
    // An open file outlives its name.
    removeIfPossible(`${path}.tape`);
  }

  /**
   * Removes what is of no use any more: keys of tapes that are used, where a crash left them, and corrections without
   * a key. Do not call it while tapes are copied into the folder.
   * @returns how many files it removed
   */
  collect(): number {
    const { folder } = this.#options;
    let removed = this.sweep();
    for (const name of readdirSync(folder)) {
      if (!TAPE_FILE.test(name) || existsSync(join(folder, name.replace(/tape$/, 'key')))) continue;
      removeFile(join(folder, name));
      removed++;
    }
    return removed;
  }

  /** Files vanish under one's hands where somebody else uses the tape: that is in the ledger first. */
  async #unsealUnlessSpent(listing: TapeListing) {
    try {
      return await this.#unseal(listing);
    } catch (error) {
      if (this.ledger.has(listing.id)) return undefined;
      throw error;
    }
  }

  async #unseal(listing: TapeListing) {
    const { keys } = this.#options;
    const { header, rank, path, id } = listing;
    const file = parseKeyFile(readSmall(`${path}.key`, MAX_KEY_FILE));
    if (file.id !== id) throw new TapeError('TAPE_FORMAT', 'the key of the tape was exchanged');
    const secrets = await open(file.sealed, file.encoded, rank, keys, publicKeyBytes(header.dealer));
    const last = rank === header.members.length - 1;
    const seed = secrets.slice(0, SEED_BYTES);
    const recordKey = secrets.slice(SEED_BYTES);
    secrets.fill(0);
    if (seedHash(seed) !== header.seeds[rank] || recordKey.length !== (last ? RECORD_KEY_BYTES : 0))
      throw new TapeError('TAPE_FORMAT', 'the secrets of the tape are not those that its header tells of');
    return { seed, corrections: last ? await this.#corrections(listing, recordKey) : undefined };
  }

  /** Opens the file of corrections, and reads its table. */
  async #corrections({ header, path, id }: TapeListing, key: Uint8Array) {
    const bytes = bodyBytes(header);
    let file: FileHandle;
    try {
      file = await openFile(`${path}.tape`, 'r');
    } catch (cause) {
      throw new FileError('FILE_NOT_READABLE', path, `cannot read ${path}.tape: ${systemReason(cause)}`, {
        cause,
      });
    }
    const reader = new RecordReader(file, key, id, bytes);
    try {
      requireLength(`${path}.tape`, header, (await file.stat()).size);
      await reader.checkHead();
      const start = header.operations * ROW_BYTES;
      const rows = new Uint8Array(start);
      await reader.read(0, rows);
      const table = parseTable(rows, header.bytes);
      return { reader, table, start };
    } catch (error) {
      await reader.close();
      throw error;
    }
  }
}
