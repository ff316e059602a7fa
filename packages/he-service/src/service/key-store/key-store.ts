/**
 * Evaluation keys of all tenants, on disk. Keys are named by their SHA-256; the same bytes of two tenants are two
 * entries, so that nobody learns what others have. What was not used for a while is forgotten, and so is the least
 * recently used of a tenant that needs room. One service at a time may use a folder.
 */
import { rm } from 'node:fs/promises';
import { RequestError } from '../errors.js';
import { chunkCount, type EntryFacts, EntryPaths, factsText, type KeyEntry, newEntry } from './entry.js';
import { concatenate, moveTo, ownFolder, tenantFolder, writeWhole } from './files.js';
import { recover } from './recover.js';

export interface KeyStoreLimits {
  readonly keyTtlMs: number;
  readonly uploadTtlMs: number;
  readonly keyBytesPerTenant: number;
  readonly keysPerTenant: number;
  readonly keyBytesTotal: number;
  readonly uploadsPerTenant: number;
  readonly chunkBytes: number;
}

export interface KeyStoreOptions {
  readonly folder: string;
  readonly limits: KeyStoreLimits;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Keys are gone: caches should forget them. */
  readonly onGone?: (entry: KeyEntry) => void;
  /** Something went wrong in the background. */
  readonly onTrouble?: (error: Error) => void;
}

/** Keys of other tenants are evicted only if nobody used them for so long. */
const QUIET_MS = 10 * 60_000;
/** How many keys that are gone the store remembers, to say so. */
const MEMORY = 10_000;
/** Most chunks of an upload. */
const CHUNKS_MAX = 65_536;

export class KeyStore {
  readonly #options: KeyStoreOptions;
  readonly #paths: EntryPaths;
  readonly #now: () => number;
  readonly #entries = new Map<string, KeyEntry>();
  /** Removals from disk that go on, by entry. */
  readonly #removals = new Map<string, Promise<void>>();
  /** Entries that expired or were evicted, oldest first. */
  readonly #forgotten = new Set<string>();
  readonly #sweeper: NodeJS.Timeout;

  /** Opens a folder, and finds again what an earlier service kept there. */
  static async open(options: KeyStoreOptions): Promise<KeyStore> {
    const paths = new EntryPaths(options.folder);
    const store = new KeyStore(options, paths);
    for (const entry of await recover(paths)) store.#entries.set(paths.key(entry), entry);
    store.sweep();
    return store;
  }

  private constructor(options: KeyStoreOptions, paths: EntryPaths) {
    this.#options = options;
    this.#paths = paths;
    this.#now = options.now ?? Date.now;
    const { keyTtlMs, uploadTtlMs } = options.limits;
    const period = Math.min(60_000, Math.max(1000, Math.min(keyTtlMs, uploadTtlMs) / 4));
    this.#sweeper = setInterval(() => this.sweep(), period);
    this.#sweeper.unref();
  }

  stats(): { stored: number; uploading: number; bytes: number } {
    const all = [...this.#entries.values()];
    const stored = all.filter((entry) => entry.state === 'stored').length;
    return {
      stored,
      uploading: all.length - stored,
      bytes: all.reduce((sum, entry) => sum + entry.bytes, 0),
    };
  }

  expiresAt(entry: KeyEntry): number {
    const { keyTtlMs, uploadTtlMs } = this.#options.limits;
    return entry.usedAt + (entry.state === 'stored' ? keyTtlMs : uploadTtlMs);
  }

  /** File of stored keys. */
  path(entry: EntryFacts): string {
    return this.#paths.key(entry);
  }

  /** Name of an entry that no other tenant shares. */
  tag(entry: EntryFacts): string {
    return `${entry.id}@${tenantFolder('', entry.tenant)}`;
  }

  /** The entry of a tenant. Throws KEY_NOT_FOUND, also for those of others, or KEY_EXPIRED. */
  find(tenant: string, id: string): KeyEntry {
    const name = this.#paths.key({ tenant, id } as EntryFacts);
    const entry = this.#entries.get(name);
    if (entry && !this.#expired(entry)) return entry;
    if (entry) this.#forget(entry);
    if (this.#forgotten.has(name))
      throw new RequestError(
        'KEY_EXPIRED',
        'these evaluation keys were not used for too long; upload them again',
      );
    throw new RequestError('KEY_NOT_FOUND', 'there are no evaluation keys of this id; upload them');
  }

  /** Stored keys for a request, which renews them; give them back with `release`. Throws also KEY_INCOMPLETE. */
  use(tenant: string, id: string): KeyEntry {
    const entry = this.find(tenant, id);
    if (entry.state !== 'stored')
      throw new RequestError('KEY_INCOMPLETE', 'the upload of these evaluation keys is not finished');
    entry.users++;
    entry.usedAt = this.#now();
    // Written now and then only: a start may forget the last hundredth of the time.
    if (entry.usedAt - entry.savedUsedAt > this.#options.limits.keyTtlMs / 100) this.#save(entry);
    return entry;
  }

  release(entry: KeyEntry): void {
    entry.users--;
  }

  /**
   * Starts an upload; one that broke off goes on, and keys that are there stay as they are.
   * Throws KEY_TOO_LARGE, TOO_MANY_UPLOADS, KEY_QUOTA_EXCEEDED or KEY_STORE_FULL.
   */
  async begin(facts: Omit<EntryFacts, 'chunkBytes'>): Promise<KeyEntry> {
    const { chunkBytes } = this.#options.limits;
    const entry = newEntry({ ...facts, chunkBytes }, 'uploading', this.#now());
    const name = this.#paths.key(entry);
    await this.#removals.get(name);
    this.sweep();
    const known = this.#entries.get(name);
    if (known) {
      if (known.bytes !== facts.bytes)
        throw new RequestError(
          'BAD_REQUEST',
          `the upload of this SHA-256 has ${known.bytes} bytes, not ${facts.bytes}`,
        );
      if (known.state === 'stored') known.usedAt = this.#now();
      return known;
    }
    if (chunkCount(entry) > CHUNKS_MAX)
      throw new RequestError(
        'KEY_TOO_LARGE',
        `an upload has at most ${CHUNKS_MAX} chunks of ${chunkBytes} bytes`,
      );
    this.#makeRoom(entry);
    this.#entries.set(name, entry);
    this.#forgotten.delete(name);
    try {
      await ownFolder(this.#paths.uploadFolder(entry));
      await writeWhole(this.#paths.uploadFacts(entry), factsText(entry));
    } catch (error) {
      this.#remove(entry);
      throw error;
    }
    return entry;
  }

  /**
   * Keeps a chunk of an upload; one that is there already is replaced. Its size must be `chunkSize`. Throws KEY_NOT_FOUND
   * if the upload was deleted meanwhile: nothing may be written then that nobody counts.
   */
  async writeChunk(entry: KeyEntry, n: number, bytes: Uint8Array): Promise<void> {
    if (this.#entries.get(this.#paths.key(entry)) !== entry)
      throw new RequestError('KEY_NOT_FOUND', 'the upload was deleted meanwhile');
    const writing = this.#writeChunk(entry, n, bytes);
    entry.writing.add(writing);
    await writing.finally(() => entry.writing.delete(writing));
  }

  async #writeChunk(entry: KeyEntry, n: number, bytes: Uint8Array): Promise<void> {
    // The folder comes with `begin`, whose caller may not have heard of it yet.
    await ownFolder(this.#paths.uploadFolder(entry));
    await writeWhole(this.#paths.chunk(entry, n), bytes);
    entry.received.add(n);
    entry.usedAt = this.#now();
  }

  /**
   * Finishes an upload: the chunks become one file, its SHA-256 is compared, `check` may refuse it. Throws
   * KEY_INCOMPLETE, KEY_HASH_MISMATCH (the upload is gone then), or what `check` throws: the upload is gone also then,
   * unless `keepsUpload` says that this error is no fault of the keys.
   */
  complete(
    entry: KeyEntry,
    check: (path: string) => Promise<void>,
    keepsUpload: (error: unknown) => boolean,
  ): Promise<KeyEntry> {
    if (entry.state === 'stored') return Promise.resolve(entry);
    entry.completing ??= this.#complete(entry, check, keepsUpload).finally(() => {
      entry.completing = undefined;
    });
    return entry.completing;
  }

  /** Removes keys or an upload. */
  async remove(entry: KeyEntry): Promise<void> {
    this.#remove(entry);
    await this.#removals.get(this.#paths.key(entry));
  }

  /** Removes what expired. */
  sweep(): void {
    for (const entry of this.#entries.values()) if (this.#expired(entry)) this.#forget(entry);
  }

  /** Waits for what goes on, and writes down when keys were used last. */
  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    await Promise.allSettled([...this.#entries.values()].map((entry) => entry.completing));
    for (const entry of this.#entries.values())
      if (entry.state === 'stored' && entry.usedAt !== entry.savedUsedAt) this.#save(entry);
    await Promise.all([...this.#entries.values()].map((entry) => entry.saving));
    await Promise.all(this.#removals.values());
  }

  /** Writes down when keys were used last, after what is being written. */
  #save(entry: KeyEntry): void {
    entry.savedUsedAt = entry.usedAt;
    const before = entry.saving ?? Promise.resolve();
    entry.saving = before
      .then(() => writeWhole(this.#paths.keyFacts(entry), factsText(entry)))
      .catch((error) => this.#options.onTrouble?.(error));
  }

  async #complete(
    entry: KeyEntry,
    check: (path: string) => Promise<void>,
    keepsUpload: (error: unknown) => boolean,
  ): Promise<KeyEntry> {
    const chunks = Array.from({ length: chunkCount(entry) }, (_, n) => n);
    const missing = chunks.filter((n) => !entry.received.has(n));
    if (missing.length > 0)
      throw new RequestError(
        'KEY_INCOMPLETE',
        `${missing.length} chunks are missing, the first is ${missing[0]}`,
      );
    entry.users++;
    await Promise.allSettled(entry.writing);
    const assembled = this.#paths.assembled(entry);
    try {
      const hash = await concatenate(
        chunks.map((n) => this.#paths.chunk(entry, n)),
        assembled,
      );
      if (hash !== entry.id)
        throw new RequestError('KEY_HASH_MISMATCH', 'the bytes that came have another SHA-256 than declared');
      await check(assembled);
    } catch (error) {
      if (keepsUpload(error)) await rm(assembled, { force: true });
      else this.#remove(entry);
      throw error;
    } finally {
      entry.users--;
    }
    if (this.#entries.get(this.#paths.key(entry)) !== entry)
      throw new RequestError('KEY_NOT_FOUND', 'the upload was deleted meanwhile');
    return this.#store(entry, assembled);
  }

  /** The last step: facts come after the bytes, so that facts on disk mean that the bytes are whole. */
  async #store(entry: KeyEntry, assembled: string): Promise<KeyEntry> {
    entry.usedAt = this.#now();
    await ownFolder(this.#paths.keyFolder(entry));
    await moveTo(assembled, this.#paths.key(entry));
    await writeWhole(this.#paths.keyFacts(entry), factsText(entry));
    entry.savedUsedAt = entry.usedAt;
    entry.state = 'stored';
    await rm(this.#paths.uploadFolder(entry), { recursive: true, force: true });
    return entry;
  }

  #expired(entry: KeyEntry): boolean {
    return entry.users === 0 && this.#now() >= this.expiresAt(entry);
  }

  #forget(entry: KeyEntry): void {
    this.#remember(this.#paths.key(entry));
    this.#remove(entry);
  }

  #remember(name: string): void {
    this.#forgotten.add(name);
    const [oldest] = this.#forgotten;
    if (this.#forgotten.size > MEMORY && oldest !== undefined) this.#forgotten.delete(oldest);
  }

  #remove(entry: KeyEntry): void {
    const name = this.#paths.key(entry);
    if (this.#entries.get(name) !== entry) return;
    this.#entries.delete(name);
    const removal = this.#erase(entry)
      .catch((error) => this.#options.onTrouble?.(error))
      .finally(() => this.#removals.delete(name));
    this.#removals.set(name, removal);
    this.#options.onGone?.(entry);
  }

  async #erase(entry: KeyEntry): Promise<void> {
    await entry.completing?.catch(() => {});
    await Promise.allSettled(entry.writing);
    await entry.saving;
    // Facts first: bytes without facts are removed at the next start, facts without bytes too.
    await rm(this.#paths.keyFacts(entry), { force: true });
    await rm(this.#paths.key(entry), { force: true });
    await rm(this.#paths.uploadFolder(entry), { recursive: true, force: true });
  }

  /** Evicts until an upload fits, or throws. */
  #makeRoom(entry: KeyEntry): void {
    const { keyBytesPerTenant, keysPerTenant, keyBytesTotal, uploadsPerTenant } = this.#options.limits;
    const most = Math.min(keyBytesPerTenant, keyBytesTotal);
    if (entry.bytes > most)
      throw new RequestError('KEY_TOO_LARGE', `the keys have ${entry.bytes} bytes, at most ${most} are kept`);
    const isOwn = (other: KeyEntry) => other.tenant === entry.tenant;
    const uploads = [...this.#entries.values()].filter(
      (other) => isOwn(other) && other.state === 'uploading',
    );
    if (uploads.length >= uploadsPerTenant)
      throw new RequestError(
        'TOO_MANY_UPLOADS',
        `${uploads.length} uploads are unfinished; finish or delete one`,
        60,
      );
    const own = this.#plan(isOwn, isOwn, keyBytesPerTenant - entry.bytes, keysPerTenant - 1);
    if (!own)
      throw new RequestError('KEY_QUOTA_EXCEEDED', 'your keys in use and unfinished uploads leave no room');
    const quiet = (other: KeyEntry) => isOwn(other) || this.#now() - other.usedAt >= QUIET_MS;
    const left = (other: KeyEntry) => !own.includes(other);
    const all = this.#plan(left, quiet, keyBytesTotal - entry.bytes, Number.POSITIVE_INFINITY);
    if (!all) throw new RequestError('KEY_STORE_FULL', 'the store of keys is full; try again later', 60);
    for (const victim of [...own, ...all]) this.#forget(victim);
  }

  /**
   * Which entries to evict so that those of `counted` have at most so many bytes and number, least recently used ones
   * first; undefined if that is impossible.
   */
  #plan(
    counted: (entry: KeyEntry) => boolean,
    evictable: (entry: KeyEntry) => boolean,
    bytesMost: number,
    countMost: number,
  ): KeyEntry[] | undefined {
    const entries = [...this.#entries.values()].filter(counted);
    let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    let count = entries.length;
    const victims: KeyEntry[] = [];
    const candidates = entries
      .filter((entry) => entry.state === 'stored' && entry.users === 0 && evictable(entry))
      .sort((a, b) => a.usedAt - b.usedAt);
    for (const candidate of candidates) {
      if (bytes <= bytesMost && count <= countMost) break;
      victims.push(candidate);
      bytes -= candidate.bytes;
      count--;
    }
    return bytes <= bytesMost && count <= countMost ? victims : undefined;
  }
}

export { chunkCount, chunkSize, type KeyEntry } from './entry.js';
