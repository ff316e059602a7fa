/** The report of a prediction: what all parties counted, put together. */
import type { OperationRow, PredictResult } from './messages.js';

export interface PredictReport {
  readonly outputShape: readonly number[];
  /** Longest chain of dependent messages in one inference. */
  readonly rounds: number;
  /** By rank, to the other parties, in one inference. */
  readonly bytesSent: readonly number[];
  /** What of it operations sent, without keys, frames and announcements: what `explain` says beforehand. */
  readonly payloadSent: readonly number[];
  /** By rank: what the dealer sent to that party in one inference. */
  readonly dealerBytes: readonly number[];
  /** What of it are corrections, without keys and frames. */
  readonly dealerPayload: readonly number[];
  /** From the start of the parties to the first inference. */
  readonly setupMs: number;
  /** Once, before the first inference: the masked weights. */
  readonly setup: {
    readonly rounds: number;
    readonly bytesSent: readonly number[];
    readonly payloadSent: readonly number[];
    readonly dealerBytes: readonly number[];
    readonly dealerPayload: readonly number[];
  };
  /** Median of all inferences at the data's owner: from the input to the revealed output, the dealer's work included. */
  readonly inferenceMs: number;
  readonly inferences: readonly number[];
  /** All processes together. */
  readonly peakRssMB: number;
  /** A row an operation of one inference; bytes summed over the parties, time of the slowest. */
  readonly operations: readonly OperationRow[];
}

export function predictReport(
  results: readonly PredictResult[],
  dataOwner: number,
  startedAt: number,
  peakRssBytes: number,
): PredictReport {
  const owner = results[dataOwner];
  const traffic = (phase: 'setup' | 'inference') => ({
    rounds: Math.max(...results.map((r) => r[phase].rounds)),
    bytesSent: results.map((r) => r[phase].bytesSent),
    payloadSent: results.map((r) => r[phase].payloadSent),
    dealerBytes: results.map((r) => r[phase].dealerBytes),
    dealerPayload: results.map((r) => r[phase].dealerPayload),
  });
  return {
    outputShape: owner.outputShape,
    ...traffic('inference'),
    setupMs: round(Math.max(...results.map((r) => r.readyAt)) - startedAt),
    setup: traffic('setup'),
    inferenceMs: round(median(owner.inferenceMs)),
    inferences: owner.inferenceMs.map(round),
    peakRssMB: round(peakRssBytes / 2 ** 20),
    operations: mergeOperations(owner, results),
  };
}

/**
 * Operations that do not depend on each other may finish in another order at each party, so rows are matched by name,
 * shape and how many of these came before.
 */
function mergeOperations(owner: PredictResult, results: readonly PredictResult[]): OperationRow[] {
  const byParty = results.map(({ operations }) => new Map(numbered(operations)));
  return numbered(owner.operations).map(([key, row]) => {
    const rows = byParty.map((rowsOf) => rowsOf.get(key)).filter((r) => r !== undefined);
    return {
      name: row.name,
      shape: row.shape,
      rounds: row.rounds,
      bytes: rows.reduce((sum, r) => sum + r.bytes, 0),
      ms: round(Math.max(...rows.map((r) => r.ms))),
    };
  });
}

function numbered(rows: readonly OperationRow[]): [string, OperationRow][] {
  const counts = new Map<string, number>();
  return rows.map((row) => {
    const kind = `${row.name} ${row.shape}`;
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    return [`${kind} ${count}`, row];
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const round = (value: number): number => Math.round(value * 100) / 100;
