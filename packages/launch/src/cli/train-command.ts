/** `tacit train`: options, progress, summary and record. */
import { resolve } from 'node:path';
import { bytes, interruptible, Progress, positive } from '@tacit/cli-kit';
import { requireFolder, writeAtomically } from '@tacit/files';
import { type Command, Option } from 'commander';
import { LaunchOptionsError } from '../errors.js';
import type { LaunchEvent, TransportName } from '../options.js';
import { readSessionFile } from '../session/session-file.js';
import type { Checked } from '../train/build.js';
import type { CheckedTraining } from '../train/check.js';
import type { EpochRow, TrainNotice } from '../train/messages.js';
import type { TrainRun } from '../train/run-file.js';
import { train } from '../train/train.js';
import { debugRequested } from './errors.js';
import { optionsOf, sayWhoIsAwaited } from './session-commands.js';

interface Flags {
  readonly example?: boolean;
  readonly check?: boolean;
  readonly resume?: boolean;
  readonly json?: string;
  readonly transport: TransportName;
  readonly session?: string;
  readonly key?: string;
  readonly listen?: string;
  readonly wait: number;
  readonly reconnect: number;
  readonly timeout: number;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

const EXAMPLES = `
Examples:
  tacit train --example > config.yaml
  tacit train config.yaml --check
  tacit train config.yaml --json run.json
  tacit train config.yaml --resume
  tacit report run.json

With parties on different machines, each with the same config.yaml and its own files and key (see tacit party --help);
the dealer's runs 'tacit dealer session.json --key dealer.key':
  tacit train config.yaml --session session.json --key clinic.key --json run.json

Only the owner of a file opens it. Losses, accuracies and the model are told to whom the config names.
`;

export function addTrain(program: Command): void {
  program
    .command('train')
    .description('train a model on data of several parties, privately, as a config says')
    .argument('[CONFIG.yaml]', 'who has what, the model, and who learns what')
    .option('--example', 'print a config with comments')
    .option('--check', 'check files, columns and shapes, and say what a step costs; starts nothing')
    .option('--resume', "go on from the config's checkpoint")
    .option('--json <RUN.json>', 'write losses, time, rounds and bytes to a file, for tacit report')
    .addOption(
      new Option('--transport <NAME>', 'threads or processes').choices(['threads', 'ws']).default('threads'),
    )
    .option('--session <SESSION.json>', 'take part as one party; the others are elsewhere')
    .option('--key <FILE>', 'your own key, made by tacit keys, with --session')
    .option('--listen <HOST:PORT>', 'where to listen, with --session')
    .option(
      '--wait <SECONDS>',
      'how long to wait for the others to appear, with --session',
      positive(2e6),
      300,
    )
    .option('--reconnect <SECONDS>', 'how long a broken connection may take to come back', positive(2e6), 60)
    .option('--timeout <SECONDS>', 'how long a party waits for another', positive(2e6), 120)
    .option('--quiet', 'no progress, no summary')
    .option('--debug', 'show what happens, and stacks of errors')
    .addHelpText('after', EXAMPLES)
    .action(async (config: string | undefined, flags: Flags, command: Command) => {
      if (flags.example) {
        const { EXAMPLE } = await import('../train/example.js');
        process.stdout.write(EXAMPLE);
        return;
      }
      if (config === undefined) command.error("error: missing required argument 'CONFIG.yaml'");
      else if (flags.check) await check(config, flags);
      else await run(config, flags);
    });
}

async function check(path: string, flags: Flags): Promise<void> {
  if (flags.session !== undefined)
    throw new LaunchOptionsError(
      '--check reads the files of all parties: leave --session out, where this machine has all of them',
    );
  const { protocolOf, readTrainConfig } = await import('../train/run-training.js');
  const { checkTraining } = await import('../train/check.js');
  const { revealedBy } = await import('../train/record.js');
  const checked = await readTrainConfig(path);
  const found = await checkTraining(checked, protocolOf(checked));
  process.stdout.write(`${checkLines(checked, found, revealedBy(checked.config)).join('\n')}\n`);
}

const shapeText = (shape: readonly number[]): string => `[${shape.join(', ')}]`;
const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

function checkLines(
  { config }: Checked,
  { layout, plan }: CheckedTraining,
  revealed: TrainRun['revealed'],
): string[] {
  const steps = layout.steps * config.epochs;
  const cells = plan.parts.map(
    ({ name, type, outputShape, parameters, rounds, bytes: sent, dealerBytes }) => [
      type === '' ? name : `${name} (${type})`,
      outputShape.length > 0 ? shapeText(outputShape) : '',
      parameters > 0 ? grouped(parameters) : '',
      String(rounds),
      bytes(sent),
      bytes(dealerBytes),
    ],
  );
  const head = ['of one step', 'output', 'parameters', 'rounds', 'sent', 'by the dealer'];
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i].length)));
  const rows = [head, ...cells].map((row) =>
    row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '),
  );
  return [
    'config      correct',
    `rows        ${layout.rows}: ${layout.training} for training, ${layout.validation} for validation`,
    `example     ${shapeText(layout.example)}, target ${shapeText(layout.target)}`,
    `model       ${grouped(plan.parameters)} parameters, ${grouped(plan.trained)} of them trained; output ${shapeText(plan.outputShape)}`,
    `steps       ${layout.steps} an epoch in batches of ${layout.batch}, ${grouped(steps)} in all`,
    `a step      ${plan.rounds} rounds, ${bytes(plan.bytes)} by the parties, ${bytes(plan.dealerBytes)} by the dealer`,
    `in all      about ${grouped(plan.rounds * steps)} rounds, ${bytes(plan.bytes * steps)} and ${bytes(plan.dealerBytes * steps)}, without validation`,
    ...revealed.map(({ what, to }) => `told        ${what}: to ${to}`),
    '',
    ...rows,
  ];
}

async function run(path: string, flags: Flags): Promise<void> {
  if (flags.json !== undefined) {
    if (resolve(flags.json) === resolve(path))
      throw new LaunchOptionsError('the record would replace the config; give it another name');
    requireFolder(flags.json);
  }
  if ((flags.session === undefined) !== (flags.key === undefined))
    throw new LaunchOptionsError('--session and --key belong together');
  const progress = new Progress(flags.quiet === true);
  const { readTrainConfig } = await import('../train/run-training.js');
  const { config } = await readTrainConfig(path);
  const heard = flags.session === undefined ? config.parties.length : 1;
  const show = showNotices(progress, flags.quiet === true, heard);
  try {
    const record = await interruptible((signal) =>
      flags.session === undefined
        ? trainHere(path, flags, signal, show)
        : trainWithOthers(path, flags, signal, show),
    );
    progress.end();
    if (flags.json !== undefined)
      writeAtomically(flags.json, new TextEncoder().encode(`${JSON.stringify(record, undefined, 2)}\n`));
    if (!flags.quiet) process.stdout.write(summary(record));
  } finally {
    progress.end();
  }
}

type ShowNotice = (rank: number, notice: TrainNotice) => void;

function trainHere(path: string, flags: Flags, signal: AbortSignal, show: ShowNotice): Promise<TrainRun> {
  const debug = debugRequested(flags.debug ? ['--debug'] : []);
  const onEvent = (event: LaunchEvent): void => {
    if (event.type === 'notice') show(event.rank, event.data as TrainNotice);
    if (debug) process.stderr.write(`tacit: debug: ${JSON.stringify(event)}\n`);
  };
  return train(path, {
    resume: flags.resume,
    launch: { transport: flags.transport, timeoutMs: flags.timeout * 1000, signal, onEvent },
  });
}

async function trainWithOthers(
  path: string,
  flags: Flags,
  signal: AbortSignal,
  show: ShowNotice,
): Promise<TrainRun> {
  const { session = '', key = '', listen, timeout, wait, reconnect } = flags;
  const file = await readSessionFile(session, key);
  const { rank, names } = file;
  if (rank === file.options.worldSize)
    throw new LaunchOptionsError(`${key} is the key of the dealer; run 'tacit dealer' with it`);
  if (!flags.quiet) sayWhoIsAwaited(file);
  const { trainInSession } = await import('../train/run-training.js');
  return trainInSession(path, {
    options: { ...optionsOf(file, { listen, timeout, wait, resume: reconnect }), signal },
    rank,
    names,
    resume: flags.resume === true,
    onNotice: (notice) => show(0, notice),
  });
}

/** No loss that is learned from is near it. */
const LARGE_LOSS = 2 ** 16;

/** A line for what happens now, and one that stays for each epoch, with what the parties here were told of it. */
function showNotices(progress: Progress, quiet: boolean, parties: number): ShowNotice {
  let warned = false;
  const epochs = new Map<number, { readonly count: number; readonly row: EpochRow }>();
  return (rank, notice) => {
    if (notice.phase === 'setup') {
      if (rank === 0) progress.show('setup');
    } else if (notice.phase === 'step') {
      if (rank === 0) progress.show(`epoch ${notice.epoch}, step ${notice.step} of ${notice.steps}`);
    } else {
      const { epoch } = notice.epoch;
      const { count = 0, row } = epochs.get(epoch) ?? {};
      const both = { ...row, ...notice.epoch };
      if (count + 1 < parties) epochs.set(epoch, { count: count + 1, row: both });
      else {
        epochs.delete(epoch);
        progress.end();
        if (!quiet) process.stderr.write(`${epochLine(both)}\n`);
        if (!warned && Math.abs(both.loss ?? 0) > LARGE_LOSS) {
          warned = true;
          progress.warn(
            'the loss is beyond what fixed point holds well, and numbers from here on mean nothing: lower the learning rate, or standardise the features',
          );
        }
      }
    }
  };
}

const shown = (value: number): string => (Math.abs(value) < 1000 ? value.toFixed(4) : value.toPrecision(5));
const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

function epochLine(row: EpochRow): string {
  const { epoch, loss, accuracy, validationLoss, validationAccuracy, ms } = row;
  return [
    `epoch ${epoch}`,
    ...(loss === undefined ? [] : [`loss ${shown(loss)}`]),
    ...(accuracy === undefined ? [] : [`accuracy ${percent(accuracy)}`]),
    ...(validationLoss === undefined ? [] : [`validation loss ${shown(validationLoss)}`]),
    ...(validationAccuracy === undefined ? [] : [`validation accuracy ${percent(validationAccuracy)}`]),
    `${(ms / 1000).toFixed(1)} s`,
  ].join('  ');
}

const sum = (values: readonly (number | null)[]): number => values.reduce<number>((a, b) => a + (b ?? 0), 0);

function summary({ epochs, config, parties, party, totalMs, revealed, resumedAfter }: TrainRun): string {
  const sent = sum(epochs.map((row) => sum(row.bytesSent)));
  const dealt = sum(epochs.map((row) => sum(row.dealerBytes)));
  const rounds = sum(epochs.map((row) => row.rounds));
  const who = party ?? 'the parties';
  const save = (config.save as { to?: string; file?: string; shares?: string }[]).map((target) =>
    target.shares === undefined ? `${target.file} of ${target.to}` : `${target.shares}, a file a party`,
  );
  const none = epochs.length === 0 ? `: all of them were done before` : '';
  return [
    `trained  ${epochs.length} epochs${resumedAfter > 0 ? ` after ${resumedAfter}` : ''}${none}, ${parties.length} parties`,
    `rounds   ${grouped(rounds)}`,
    `sent     ${bytes(sent)} by ${who}, ${bytes(dealt)} by the dealer`,
    `time     ${(totalMs / 1000).toFixed(1)} s`,
    `model    ${save.join('; ') || 'not kept: the config saves nothing'}`,
    `told     ${revealed
      .filter(({ to }) => to !== 'nobody')
      .map(({ what, to }) => `${what} (${to})`)
      .join('; ')}`,
    '',
  ].join('\n');
}
