/** What the parties of a training counted, put together as a record. */
import type { ProtocolConfig } from '@tacit/mpc';
import type { Recipients, TrainConfig } from './config.js';
import type { OperationTotal, Traffic, TrainResult } from './messages.js';
import { RUN_HEADER, type TrainRun } from './run-file.js';

export interface RecordContext {
  readonly release: string;
  readonly configFile: string;
  readonly config: TrainConfig;
  readonly protocol: ProtocolConfig;
  readonly transport: string;
  readonly startedAt: number;
  readonly totalMs: number;
  /** Rank of the only party whose result is known. */
  readonly rank?: number;
}

/**
 * The record of a training.
 * @param results what each party counted; undefined for parties on other machines
 * @param context of the run
 * @returns the record, without anything that is secret: what it holds was revealed to whoever has it
 */
export function recordOf(results: readonly (TrainResult | undefined)[], context: RecordContext): TrainRun {
  const { config, rank } = context;
  const known = results.flatMap((result) => (result ? [result] : []));
  const [{ layout, plan, seed, resumedAfter }] = known;
  const traffic = (of: (result: TrainResult) => Traffic) => ({
    rounds: Math.max(...known.map((result) => of(result).rounds)),
    bytesSent: results.map((result) => (result ? of(result).bytesSent : null)),
    dealerBytes: results.map((result) => (result ? of(result).dealerBytes : null)),
  });
  return {
    ...RUN_HEADER,
    release: context.release,
    configFile: context.configFile,
    parties: [...config.parties],
    ...(rank === undefined ? {} : { party: config.parties[rank] }),
    startedAt: new Date(context.startedAt).toISOString(),
    totalMs: round(context.totalMs),
    seed,
    resumedAfter,
    config: plain(config),
    protocol: plain(context.protocol),
    transport: context.transport,
    data: { ...layout, example: [...layout.example], target: [...layout.target] },
    model: { parameters: plan.parameters, trained: plan.trained, outputShape: [...plan.outputShape] },
    step: {
      rounds: plan.rounds,
      bytes: plan.bytes,
      dealerBytes: plan.dealerBytes,
      parts: plan.parts.map((part) => ({ ...part, outputShape: [...part.outputShape] })),
    },
    setup: { ...traffic(({ setup }) => setup), ms: round(Math.max(...known.map(({ setup }) => setup.ms))) },
    epochs: known[0].epochs.map(({ epoch }, i) => {
      const rows = known.map((result) => result.epochs[i]);
      const told = Object.fromEntries(
        (['loss', 'accuracy', 'validationLoss', 'validationAccuracy'] as const).flatMap((what) => {
          const value = rows.map((row) => row[what]).find((number) => number !== undefined);
          return value === undefined ? [] : [[what, value]];
        }),
      );
      return {
        epoch,
        ...told,
        ms: round(Math.max(...rows.map(({ ms }) => ms))),
        ...traffic((result) => result.epochs[i].traffic),
      };
    }),
    operations: totals(known),
    revealed: revealedBy(config),
  };
}

/** Bytes added up over the parties, rounds and counts once, the time of the slowest. */
function totals(results: readonly TrainResult[]): OperationTotal[] {
  const byName = new Map<string, OperationTotal>();
  for (const { operations } of results)
    for (const total of operations) {
      const before = byName.get(total.name);
      byName.set(total.name, {
        name: total.name,
        count: Math.max(total.count, before?.count ?? 0),
        rounds: Math.max(total.rounds, before?.rounds ?? 0),
        bytes: total.bytes + (before?.bytes ?? 0),
        ms: round(Math.max(total.ms, before?.ms ?? 0)),
      });
    }
  return [...byName.values()].sort((a, b) => b.bytes - a.bytes || b.ms - a.ms);
}

/** Everything that a training tells anybody, from its config. */
export function revealedBy(config: TrainConfig): TrainRun['revealed'] {
  const { parties, reveal, validation, save, checkpoint, data } = config;
  const name = (to: Recipients): string =>
    to === 'all' ? 'all parties' : to.length === 0 ? 'nobody' : to.map((rank) => parties[rank]).join(', ');
  const both = validation > 0 ? ', of training and of validation' : '';
  const held = data.standardize === 'private' ? ', mean and deviation of the features' : '';
  return [
    { what: 'the config, shapes of files, numbers of rows', to: 'all parties', when: 'at the start' },
    { what: 'the order of batches', to: 'all parties', when: 'at the start' },
    { what: `mean loss${both}`, to: name(reveal.loss), when: 'after each epoch' },
    { what: `accuracy${both}`, to: name(reveal.accuracy), when: 'after each epoch' },
    ...save.map((target) =>
      'shares' in target
        ? {
            what: `shares of the model in ${target.shares}`,
            to: 'nobody: each party keeps its own',
            when: 'at the end',
          }
        : { what: `weights of the model in ${target.file}${held}`, to: target.to, when: 'at the end' },
    ),
    ...(save.length === 0 ? [{ what: 'the model', to: 'nobody', when: 'never' }] : []),
    ...(checkpoint
      ? [
          {
            what: `shares of model and optimiser in ${checkpoint.file}`,
            to: 'nobody: each party keeps its own',
            when: checkpoint.every === 1 ? 'after each epoch' : `after each ${checkpoint.every} epochs`,
          },
        ]
      : []),
  ];
}

const plain = (value: object): Record<string, unknown> => JSON.parse(JSON.stringify(value));

const round = (value: number): number => Math.round(value * 100) / 100;
