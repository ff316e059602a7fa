/** What a lock and attacks on it came to, as text for a terminal. */
import { table } from '@tacit/cli-kit';
import type { LockReport } from '../adv-params/lock-report.js';
import type { AttackReport } from '../attacks/run-attacks.js';
import { searchSpace } from '../attacks/search-space.js';

/** Names and values of one report. */
export type Rows = readonly (readonly [string, string])[];

/**
 * A share.
 * @param share from 0 to 1
 * @returns in per cent
 */
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/**
 * A whole number with commas.
 * @param value of any size
 * @returns e.g. `3,246`
 */
export const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

/**
 * A number that is no share.
 * @param value e.g. a loss
 * @returns four digits
 */
export const short = (value: number): string => (value === 0 ? '0' : value.toPrecision(4));

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/**
 * A lock in a few lines.
 * @param report of the lock
 * @returns names and values
 */
export function lockRows(report: LockReport): Rows {
  const { clean, locked, examples, evaluated, sameData, changed, weights, layers, trace, ms } = report;
  const { positionBits, bits } = searchSpace(weights, changed);
  const on = sameData ? `${grouped(evaluated)} images` : `${grouped(evaluated)} other images`;
  const touched = layers.filter((layer) => layer.changed > 0).length;
  return [
    ['accuracy', `${percent(clean.accuracy)} before, ${percent(locked.accuracy)} after (${on})`],
    ['loss', `${short(clean.loss)} before, ${short(locked.loss)} after (${grouped(examples)} images)`],
    [
      'changed',
      `${grouped(changed)} of ${grouped(weights)} weights (${short((100 * changed) / weights)} %), in ${touched} of ${layers.length} layers, by ${trace.length - 1} rounds`,
    ],
    [
      'search',
      `2^${positionBits.toFixed(0)} sets of as many weights; 2^${bits.toFixed(0)} with what they were, to 1/256 of the range`,
    ],
    ['time', seconds(ms)],
  ];
}

/** Columns of the table of layers. */
export const LAYER_HEAD = ['layer', 'shape', 'weights', 'changed', 'KS distance', 'low', 'high'] as const;

/**
 * The rows of the table of layers.
 * @param report of the lock
 * @returns cells
 */
export const layerCells = ({ layers }: LockReport): string[][] =>
  layers.map((layer) => [
    layer.name,
    `[${layer.shape.join(', ')}]`,
    grouped(layer.weights),
    grouped(layer.changed),
    layer.distance.toFixed(4),
    short(layer.low),
    short(layer.high),
  ]);

/**
 * The table of layers.
 * @param report of the lock
 * @returns lines
 */
export const layerTable = (report: LockReport): string[] => table(LAYER_HEAD, layerCells(report));

/**
 * What attacks came to, in a few lines.
 * @param report of the attacks
 * @returns names and values
 */
export function attackRows({ fineTune, prune, wrongKey }: AttackReport): Rows {
  const rows: [string, string][] = [];
  if (fineTune)
    for (const { rate, accuracies } of fineTune.curves)
      rows.push([
        'fine-tune',
        `${grouped(fineTune.examples)} images, rate ${rate}: ${percent(accuracies[0] ?? 0)} to ${percent(Math.max(...accuracies))} in ${accuracies.length - 1} epochs`,
      ]);
  if (prune) {
    const best = prune.reduce((a, b) => (b.locked > a.locked ? b : a));
    rows.push([
      'prune',
      `${percent(best.locked)} at best, with ${percent(best.share)} of the weights gone (the model itself: ${percent(best.clean)})`,
    ]);
  }
  if (wrongKey) {
    const [low, high] = wrongKey.oneBit;
    rows.push(
      [
        'wrong-key',
        `one wrong bit: refused; ${percent(low)} to ${percent(high)} if nobody checked, since the other weights are right`,
      ],
      ['wrong-key', `as many weights guessed: ${percent(wrongKey.guessed)} at best`],
    );
  }
  return rows;
}
