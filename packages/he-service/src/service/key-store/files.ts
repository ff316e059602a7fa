/** Small helpers for files that must be whole or not there. Everything is readable by the owner only. */
import { createHash, type Hash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export const ownFolder = (path: string) => mkdir(path, { recursive: true, mode: 0o700 });

/** Writes a file such that it is there as a whole, also after a crash, or not at all. */
export async function writeWhole(path: string, bytes: Uint8Array | string): Promise<void> {
  const draft = `${path}.${randomUUID()}.draft`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Puts files one after the other into a new one, through a hash. */
export async function concatenate(parts: readonly string[], path: string): Promise<string> {
  const hash: Hash = createHash('sha256');
  const file = await open(path, 'w', 0o600);
  try {
    for (const part of parts) {
      for await (const chunk of createReadStream(part) as AsyncIterable<Buffer>) {
        hash.update(chunk);
        await file.writeFile(chunk);
      }
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

/** An object from a JSON file; undefined if it is not there or holds something else. */
export async function readObject(path: string): Promise<Record<string, unknown> | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Makes the entries of a folder durable; where the system cannot (Windows), its file system does. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    await folder.sync().finally(() => folder.close());
  } catch {
    // Not supported for folders here.
  }
}

/** Renames within a file system, durably. */
export async function moveTo(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
}

/** Folder of one tenant: a digest, because names may hold anything. */
export function tenantFolder(root: string, tenant: string): string {
  return join(root, createHash('sha256').update(`tenant:${tenant}`).digest('hex').slice(0, 32));
}
