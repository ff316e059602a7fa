/**
 * A training as one page that loads nothing and runs nothing: tables, and curves as SVG. Everything that comes from the
 * record is escaped.
 */
import { bytes } from '@tacit/cli-kit';
import { type Chart, page, table, text } from '@tacit/cli-kit/page';
import type { TrainRun } from '../train/run-file.js';

/**
 * The page of a training.
 * @param run the record
 * @param name of its file
 * @returns HTML, complete
 */
export const reportPage = (run: TrainRun, name: string): string =>
  page({
    title: `Training: ${name}`,
    heading: 'A private training',
    lead: lead(run),
    charts: chartsOf(run),
    parts: [epochTable(run), revealedTable(run), partTable(run), operationTable(run), settings(run)],
    facts: facts(run),
    footer: `Made by tacit ${run.release} from ${name}. This page loads nothing from anywhere.`,
  });

function chartsOf({ epochs, parties }: TrainRun): Chart[] {
  const x = epochs.map(({ epoch }) => epoch);
  const series = (label: string, of: (row: TrainRun['epochs'][number]) => number | null | undefined) => ({
    label,
    values: epochs.map((row) => of(row) ?? null),
  });
  const unit = unitOf(Math.max(0, ...epochs.flatMap(({ bytesSent }) => bytesSent.map((sent) => sent ?? 0))));
  const charts: Omit<Chart, 'xLabel'>[] = [
    {
      id: 'loss',
      title: 'Loss',
      unit: '',
      x,
      series: [series('training', ({ loss }) => loss), series('validation', (row) => row.validationLoss)],
    },
    {
      id: 'accuracy',
      title: 'Accuracy',
      unit: '%',
      x,
      series: [
        series('training', ({ accuracy }) => hundredfold(accuracy)),
        series('validation', ({ validationAccuracy }) => hundredfold(validationAccuracy)),
      ],
    },
    {
      id: 'time',
      title: 'Time of an epoch',
      unit: 's',
      x,
      fromZero: true,
      series: [series('time', ({ ms }) => ms / 1000)],
    },
    {
      id: 'sent',
      title: 'Sent in an epoch',
      unit: unit.name,
      x,
      fromZero: true,
      series: parties.map((party, rank) =>
        series(party, ({ bytesSent }) => {
          const sent = bytesSent[rank];
          return typeof sent === 'number' ? sent / unit.size : null;
        }),
      ),
    },
  ];
  return charts
    .map((chart) => ({
      ...chart,
      xLabel: 'epoch',
      series: chart.series.filter(({ values }) => values.some((value) => value !== null)),
    }))
    .filter((chart) => chart.series.length > 0);
}

const UNITS = [
  { name: 'GB', size: 1e9 },
  { name: 'MB', size: 1e6 },
  { name: 'kB', size: 1e3 },
] as const;

/** The unit in which an amount of bytes has one to three digits. */
const unitOf = (most: number): { readonly name: string; readonly size: number } =>
  UNITS.find(({ size }) => most >= size) ?? { name: 'B', size: 1 };

const sum = (values: readonly (number | null)[]): number => values.reduce<number>((a, b) => a + (b ?? 0), 0);
const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');
const shape = (sizes: readonly number[]): string => `[${sizes.join(', ')}]`;
const seconds = (ms: number): string => (ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`);
const short = (value: number | undefined): string =>
  value === undefined ? '' : Math.abs(value) < 1000 ? value.toFixed(4) : value.toPrecision(5);
const hundredfold = (value: number | undefined): number | null => (value === undefined ? null : 100 * value);
const percent = (value: number | undefined): string =>
  value === undefined ? '' : `${(100 * value).toFixed(1)} %`;

function lead({ parties, party, model, data, configFile, startedAt }: TrainRun): string {
  const seen = party === undefined ? '' : ` As ${party} saw it.`;
  return `${parties.join(', ')} trained ${grouped(model.trained)} parameters on ${grouped(data.training)} examples, in private, as ${configFile} says.${seen} Began ${startedAt.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d).*Z$/, '$1 at $2 UTC')}.`;
}

function facts(run: TrainRun): [string, string][] {
  const { epochs, step, setup, data, totalMs } = run;
  const last = epochs.at(-1);
  return [
    ['last loss', short(last?.loss) || 'not told'],
    ...(last?.validationLoss === undefined
      ? []
      : [['last validation loss', short(last.validationLoss)] as [string, string]]),
    ['last accuracy', percent(last?.validationAccuracy ?? last?.accuracy) || 'not told'],
    [
      'epochs',
      run.resumedAfter > 0 ? `${epochs.length}, after ${run.resumedAfter} before` : String(epochs.length),
    ],
    ['time', seconds(totalMs)],
    ['setup', `${seconds(setup.ms)}, ${bytes(sum(setup.bytesSent))}`],
    ['sent', bytes(sum(epochs.map((row) => sum(row.bytesSent))))],
    ['by the dealer', bytes(sum(epochs.map((row) => sum(row.dealerBytes))))],
    ['rounds', grouped(sum(epochs.map((row) => row.rounds)))],
    ['a step', `${step.rounds} rounds, ${bytes(step.bytes)}, ${bytes(step.dealerBytes)} by the dealer`],
    ['rows', `${grouped(data.training)} for training, ${grouped(data.validation)} for validation`],
  ];
}

function epochTable({ epochs }: TrainRun): string {
  return table(
    'Epochs',
    'Rounds are the longest chain of messages that depend on each other. Empty: told to nobody who has this record.',
    [
      'epoch',
      'loss',
      'accuracy',
      'validation loss',
      'validation accuracy',
      'time',
      'rounds',
      'sent',
      'by the dealer',
    ],
    epochs.map((row) => [
      String(row.epoch),
      short(row.loss),
      percent(row.accuracy),
      short(row.validationLoss),
      percent(row.validationAccuracy),
      seconds(row.ms),
      grouped(row.rounds),
      bytes(sum(row.bytesSent)),
      bytes(sum(row.dealerBytes)),
    ]),
    0,
  );
}

const revealedTable = ({ revealed }: TrainRun): string =>
  table(
    'What was revealed, and to whom',
    'Everything else stayed in shares, which say nothing to fewer than all parties.',
    ['what', 'to', 'when'],
    revealed.map(({ what, to, when }) => [what, to, when]),
    3,
  );

const partTable = ({ step }: TrainRun): string =>
  table(
    'A step, by layer',
    'As counted from shapes and settings. The truncation of a product counts where its value is used.',
    ['part', 'output', 'parameters', 'rounds', 'sent', 'by the dealer'],
    [
      ...step.parts.map((part) => [
        part.type === '' ? part.name : `${part.name} (${part.type})`,
        part.outputShape.length > 0 ? shape(part.outputShape) : '',
        part.parameters > 0 ? grouped(part.parameters) : '',
        String(part.rounds),
        bytes(part.bytes),
        bytes(part.dealerBytes),
      ]),
      ['all', '', '', String(step.rounds), bytes(step.bytes), bytes(step.dealerBytes)],
    ],
    2,
  );

const operationTable = ({ operations }: TrainRun): string =>
  table(
    'Operations of the protocols',
    'Of the whole training. Rounds and times are those of each operation, added up; operations that do not depend on each other share them.',
    ['operation', 'count', 'rounds', 'sent', 'time'],
    operations.map(({ name, count, rounds, bytes: sent, ms }) => [
      name,
      grouped(count),
      grouped(rounds),
      bytes(sent),
      seconds(ms),
    ]),
  );

function settings({ config, protocol, transport, seed }: TrainRun): string {
  const shown = { ...config, seed, transport, protocol };
  return `<section><h2>Settings</h2><details><summary>The config as it was read, and the settings of the protocols</summary><pre>${text(JSON.stringify(shown, undefined, 2))}</pre></details></section>`;
}
