/** One envelope of evaluation keys in the store: on its way, or there. */
import { join } from 'node:path';
import { tenantFolder } from './files.js';

/** What is kept beside the bytes, as JSON. */
export interface EntryFacts {
  readonly tenant: string;
  /** Hex SHA-256 of the bytes: their name. */
  readonly id: string;
  readonly bytes: number;
  readonly modelId: string;
  readonly parametersId: string;
  readonly chunkBytes: number;
}

/** Keys, or an upload of keys, of one tenant. */
export interface KeyEntry extends EntryFacts {
  state: 'uploading' | 'stored';
  /** When somebody used them last, or when the last chunk came; milliseconds since 1970. */
  usedAt: number;
  /** `usedAt` as it is on disk. */
  savedUsedAt: number;
  /** Chunks that are there. */
  readonly received: Set<number>;
  /** Requests that use it now: it is not evicted under them. */
  users: number;
  /** Finishing of the upload that goes on. */
  completing: Promise<KeyEntry> | undefined;
  /** Writing of chunks that goes on. */
  readonly writing: Set<Promise<void>>;
  /** Writing of its facts that goes on. */
  saving: Promise<void> | undefined;
}

export function newEntry(facts: EntryFacts, state: KeyEntry['state'], usedAt: number): KeyEntry {
  return {
    ...facts,
    state,
    usedAt,
    savedUsedAt: usedAt,
    received: new Set(),
    users: 0,
    completing: undefined,
    writing: new Set(),
    saving: undefined,
  };
}

export const chunkCount = (entry: EntryFacts) => Math.ceil(entry.bytes / entry.chunkBytes);

/** Size of chunk `n`: all have the same but the last one. */
export function chunkSize(entry: EntryFacts, n: number): number {
  return Math.min(entry.chunkBytes, entry.bytes - n * entry.chunkBytes);
}

/** Where the parts of an entry lie. */
export class EntryPaths {
  readonly keys: string;
  readonly uploads: string;

  constructor(root: string) {
    this.keys = join(root, 'keys');
    this.uploads = join(root, 'uploads');
  }

  keyFolder(entry: EntryFacts): string {
    return tenantFolder(this.keys, entry.tenant);
  }
  key(entry: EntryFacts): string {
    return join(this.keyFolder(entry), `${entry.id}.key`);
  }
  keyFacts(entry: EntryFacts): string {
    return join(this.keyFolder(entry), `${entry.id}.json`);
  }
  uploadFolder(entry: EntryFacts): string {
    return join(tenantFolder(this.uploads, entry.tenant), entry.id);
  }
  uploadFacts(entry: EntryFacts): string {
    return join(this.uploadFolder(entry), 'upload.json');
  }
  chunk(entry: EntryFacts, n: number): string {
    return join(this.uploadFolder(entry), `${n}.chunk`);
  }
  assembled(entry: EntryFacts): string {
    return join(this.uploadFolder(entry), 'assembled');
  }
}

/** Facts from a JSON file; undefined where they are not what this service writes. */
export function factsFrom(
  value: Record<string, unknown> | undefined,
): (EntryFacts & { usedAt: number }) | undefined {
  if (!value) return undefined;
  const { tenant, id, bytes, modelId, parametersId, chunkBytes, usedAt } = value;
  if (typeof tenant !== 'string' || typeof modelId !== 'string' || typeof parametersId !== 'string')
    return undefined;
  if (typeof id !== 'string' || !/^[0-9a-f]{64}$/.test(id)) return undefined;
  if (!Number.isSafeInteger(bytes) || !Number.isSafeInteger(chunkBytes) || !Number.isFinite(usedAt))
    return undefined;
  const sizes = { bytes: Number(bytes), chunkBytes: Number(chunkBytes), usedAt: Number(usedAt) };
  if (sizes.bytes < 1 || sizes.chunkBytes < 1) return undefined;
  return { tenant, id, modelId, parametersId, ...sizes };
}

/** What is written to a JSON file. */
export function factsText(entry: KeyEntry): string {
  const { tenant, id, bytes, modelId, parametersId, chunkBytes, usedAt } = entry;
  return JSON.stringify({ tenant, id, bytes, modelId, parametersId, chunkBytes, usedAt });
}
