/** A lock, and attacks on it, as a page that loads nothing. */
import { type Chart, page, table } from '@tacit/cli-kit/page';
import type { LayerReport, LockReport } from '../adv-params/lock-report.js';
import type { AttackReport } from '../attacks/run-attacks.js';
import { attackRows, grouped, LAYER_HEAD, layerCells, lockRows, percent, short } from './text.js';

/** What a page is about. */
export interface LockPage {
  /** Name of the model's file. */
  readonly model: string;
  readonly report: LockReport;
  readonly attacks?: AttackReport;
}

const PAGE_NOTE =
  'It names the layers that were changed, so it is for whoever has the key: with it there is less to search.';

/**
 * The page of a lock.
 * @param content the lock, and attacks
 * @returns HTML, complete
 */
export function lockPage({ model, report, attacks }: LockPage): string {
  const layers = report.layers.filter(({ changed }) => changed > 0);
  return page({
    title: `Lock: ${model}`,
    heading: 'A model lock by AdvParams',
    lead: `${model} answers ${percent(report.clean.accuracy)} of ${grouped(report.evaluated)} images right, and ${percent(report.locked.accuracy)} now that ${grouped(report.changed)} of its ${grouped(report.weights)} weights are changed. ${PAGE_NOTE}`,
    facts: lockRows(report),
    charts: [...traceCharts(report), ...attackCharts(attacks), ...layers.map(histogram)],
    parts: [
      table(
        'Layers',
        'The Kolmogorov-Smirnov distance is between a layer before and after: 0 where it looks the same, 1 where nothing is left of it.',
        LAYER_HEAD,
        layerCells(report),
        2,
      ),
      ...(attacks ? [table('Attacks', '', ['attack', 'outcome'], attackRows(attacks), 2)] : []),
      table(
        'Rounds',
        '',
        ['round', 'changed', 'loss', 'accuracy'],
        report.trace.map(({ round, changed, loss, accuracy }) => [
          String(round),
          grouped(changed),
          short(loss),
          percent(accuracy),
        ]),
        0,
      ),
    ],
    footer: `Made by tacit from ${model}. This page loads nothing from anywhere.`,
  });
}

function traceCharts({ trace }: LockReport): Chart[] {
  // A weight may come back to where it was: the last accuracy for each number of changes counts.
  const byChanges = [...new Map(trace.map(({ changed, accuracy }) => [changed, accuracy]))].sort(
    ([a], [b]) => a - b,
  );
  return [
    {
      id: 'accuracy',
      title: 'Accuracy against changed weights',
      unit: '%',
      fromZero: true,
      x: byChanges.map(([changed]) => changed),
      xLabel: 'changed weights',
      series: [{ label: 'accuracy', values: byChanges.map(([, accuracy]) => 100 * accuracy) }],
    },
    {
      id: 'loss',
      title: 'Loss',
      unit: '',
      fromZero: true,
      x: trace.map(({ round }) => round),
      xLabel: 'round',
      series: [{ label: 'cross entropy', values: trace.map(({ loss }) => loss) }],
    },
  ];
}

function attackCharts({ fineTune, prune }: Partial<AttackReport> = {}): Chart[] {
  const charts: Chart[] = [];
  if (fineTune) {
    const epochs = Math.max(...fineTune.curves.map(({ accuracies }) => accuracies.length));
    charts.push({
      id: 'fine-tune',
      title: `Fine-tuning the locked model with ${grouped(fineTune.examples)} images`,
      unit: '%',
      fromZero: true,
      x: Array.from({ length: epochs }, (_, epoch) => epoch),
      xLabel: 'epoch',
      series: fineTune.curves.map(({ rate, accuracies }) => ({
        label: `rate ${rate}`,
        values: Array.from({ length: epochs }, (_, epoch) => hundredfold(accuracies[epoch])),
      })),
    });
  }
  if (prune)
    charts.push({
      id: 'prune',
      title: 'Pruning the smallest weights',
      unit: '%',
      fromZero: true,
      x: prune.map(({ share }) => Math.round(100 * share)),
      xLabel: 'per cent pruned',
      series: [
        { label: 'locked', values: prune.map(({ locked }) => 100 * locked) },
        { label: 'before the lock', values: prune.map(({ clean }) => 100 * clean) },
      ],
    });
  return charts;
}

const hundredfold = (share: number | undefined): number | null => (share === undefined ? null : 100 * share);

const histogram = ({ name, weights, changed, distance, histograms }: LayerReport, i: number): Chart => ({
  id: `layer-${i}`,
  title: `Weights of ${name}`,
  note: `${grouped(changed)} of ${grouped(weights)} changed; Kolmogorov-Smirnov distance ${distance.toFixed(4)}.`,
  unit: '',
  fromZero: true,
  steps: true,
  x: histograms.middles,
  xLabel: 'weight',
  xFractions: true,
  series: [
    { label: 'before', values: histograms.before },
    { label: 'after', values: histograms.after },
  ],
});
