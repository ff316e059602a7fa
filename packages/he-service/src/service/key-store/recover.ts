/** What a start finds in the folder of the store: keys and uploads that are whole; everything else is removed. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { chunkCount, chunkSize, type EntryPaths, factsFrom, type KeyEntry, newEntry } from './entry.js';
import { ownFolder, readObject } from './files.js';

const sizeOf = (path: string) =>
  stat(path).then(
    (found) => found.size,
    () => -1,
  );

/** Reads the store. Costs one small read per entry, not the keys themselves. */
export async function recover(paths: EntryPaths): Promise<KeyEntry[]> {
  await ownFolder(paths.keys);
  await ownFolder(paths.uploads);
  const keys = await recoverKeys(paths);
  const uploads = await recoverUploads(paths);
  // A crash between the last two steps of an upload leaves both: the keys are whole then.
  const stored = new Set(keys.map((entry) => paths.key(entry)));
  const finished = uploads.filter((entry) => stored.has(paths.key(entry)));
  for (const entry of finished) await rm(paths.uploadFolder(entry), { recursive: true, force: true });
  return [...keys, ...uploads.filter((entry) => !finished.includes(entry))];
}

async function recoverKeys(paths: EntryPaths): Promise<KeyEntry[]> {
  const entries: KeyEntry[] = [];
  for (const tenant of await readdir(paths.keys)) {
    const folder = join(paths.keys, tenant);
    const kept = new Set<string>();
    const names = await readdir(folder);
    for (const name of names.filter((candidate) => candidate.endsWith('.json'))) {
      const facts = factsFrom(await readObject(join(folder, name)));
      if (!facts || paths.keyFacts(facts) !== join(folder, name)) continue;
      if ((await sizeOf(paths.key(facts))) !== facts.bytes) continue;
      entries.push(newEntry(facts, 'stored', facts.usedAt));
      kept.add(`${facts.id}.json`).add(`${facts.id}.key`);
    }
    for (const name of names.filter((candidate) => !kept.has(candidate)))
      await rm(join(folder, name), { recursive: true, force: true });
  }
  return entries;
}

async function recoverUploads(paths: EntryPaths): Promise<KeyEntry[]> {
  const entries: KeyEntry[] = [];
  for (const tenant of await readdir(paths.uploads)) {
    for (const id of await readdir(join(paths.uploads, tenant))) {
      const folder = join(paths.uploads, tenant, id);
      const facts = factsFrom(await readObject(join(folder, 'upload.json')));
      if (!facts || paths.uploadFolder(facts) !== folder) {
        await rm(folder, { recursive: true, force: true });
        continue;
      }
      const entry = newEntry(facts, 'uploading', facts.usedAt);
      for (let n = 0; n < chunkCount(entry); n++)
        if ((await sizeOf(paths.chunk(entry, n))) === chunkSize(entry, n)) entry.received.add(n);
      entries.push(entry);
    }
  }
  return entries;
}
