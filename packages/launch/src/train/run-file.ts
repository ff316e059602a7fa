/** The record of a training that `tacit train --json` writes and `tacit report` reads. */
import * as v from 'valibot';
import { RunFileError } from './errors.js';

export const RUN_KIND = 'tacit training run';
const VERSION = 1;

const amount = v.pipe(v.number(), v.finite(), v.minValue(0));
const number = v.pipe(v.number(), v.finite());
/** By rank; null for parties on other machines. */
const byParty = v.array(v.nullable(amount));
const sizes = v.array(amount);
const traffic = { rounds: amount, bytesSent: byParty, dealerBytes: byParty };

const schema = v.object({
  kind: v.literal(RUN_KIND),
  version: v.literal(VERSION),
  release: v.string(),
  configFile: v.string(),
  /** Names by rank. */
  parties: v.pipe(v.array(v.string()), v.minLength(2)),
  /** Of whom this is: undefined where all parties were on one machine. */
  party: v.optional(v.string()),
  startedAt: v.string(),
  totalMs: amount,
  seed: amount,
  resumedAfter: amount,
  /** As it was read, with what was left out. */
  config: v.record(v.string(), v.unknown()),
  protocol: v.record(v.string(), v.unknown()),
  transport: v.string(),
  data: v.object({
    rows: amount,
    training: amount,
    validation: amount,
    example: sizes,
    target: sizes,
    batch: amount,
    steps: amount,
  }),
  model: v.object({ parameters: amount, trained: amount, outputShape: sizes }),
  /** What one step takes, by layer, as counted without running. */
  step: v.object({
    rounds: amount,
    bytes: amount,
    dealerBytes: amount,
    parts: v.array(
      v.object({
        name: v.string(),
        type: v.string(),
        outputShape: sizes,
        parameters: amount,
        rounds: amount,
        bytes: amount,
        dealerBytes: amount,
      }),
    ),
  }),
  setup: v.object({ ...traffic, ms: amount }),
  epochs: v.array(
    v.object({
      epoch: amount,
      loss: v.optional(number),
      accuracy: v.optional(number),
      validationLoss: v.optional(number),
      validationAccuracy: v.optional(number),
      ms: amount,
      ...traffic,
    }),
  ),
  operations: v.array(
    v.object({ name: v.string(), count: amount, rounds: amount, bytes: amount, ms: amount }),
  ),
  revealed: v.array(v.object({ what: v.string(), to: v.string(), when: v.string() })),
});

/** The record of a training. */
export type TrainRun = v.InferOutput<typeof schema>;

/** What begins each record. */
export const RUN_HEADER = { kind: RUN_KIND, version: VERSION } as const;

/**
 * Reads the record of a training.
 * @param text contents of the file
 * @param file its name, for errors
 * @returns the record
 * @throws RunFileError where it is damaged, of another version, or something else
 */
export function parseRun(text: string, file: string): TrainRun {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new RunFileError(`${file} is not JSON, or it is cut off: ${(cause as Error).message}`, { cause });
  }
  const { kind, version } = (value ?? {}) as { kind?: unknown; version?: unknown };
  if (kind !== RUN_KIND)
    throw new RunFileError(`${file} is not the record of a training: tacit train --json FILE writes one`);
  if (version !== VERSION)
    throw new RunFileError(
      `${file} is of version ${String(version).slice(0, 20)}, and this release reads ${VERSION}`,
    );
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new RunFileError(`${file} is damaged at ${v.getDotPath(issue) ?? 'its top'}: ${issue.message}`);
}
