/** What a batch is: `batch.json` in its folder. Holds no row and no result. */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { BatchFilesError } from '../errors.js';

const count = (least: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(least));
const text = v.pipe(v.string(), v.maxLength(4096));

const schema = v.strictObject({
  version: v.literal(1),
  /** 32 random hexadecimal digits. */
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  /** ISO 8601. */
  created: text,
  program: v.strictObject({
    /** What the others call it. */
    name: text,
    /** This organisation's own copy, absolute. */
    file: text,
    hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    arguments: v.array(text),
  }),
  /** The other parties, by rank from 1, as this organisation calls them. */
  with: v.pipe(v.array(text), v.minLength(1)),
  dealer: text,
  /** Of the whole batch. */
  rows: count(1),
  rowsPerShard: count(1),
  shards: count(1),
  /** Shape of a row. */
  rowShape: v.array(count(0)),
});

/** A batch. Public to its members are id, program, rows a shard and the number of shards. */
export type Manifest = v.InferOutput<typeof schema>;

/**
 * Reads a manifest.
 * @param path of batch.json
 * @returns the batch; undefined where there is none
 * @throws BatchFilesError where it is damaged
 */
export function readManifest(path: string): Manifest | undefined {
  try {
    return v.parse(schema, JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new BatchFilesError(path, (cause as Error).message, { cause });
  }
}
