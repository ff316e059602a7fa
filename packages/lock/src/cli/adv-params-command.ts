/** `tacit lock adv-params` and `tacit unlock adv-params`. */
import { basename, resolve } from 'node:path';
import { number, type Progress } from '@tacit/cli-kit';
import { ArgumentError } from '@tacit/errors';
import { requireFolder, writeAtomically } from '@tacit/files';
import { type Command, Option } from 'commander';
import { type AdvParamsOptions, limitsOf, type RoundProgress } from '../adv-params/options.js';
import type { Attack } from '../attacks/run-attacks.js';
import { ATTACK_NAMES, attackOptions, attacksOf } from './attack-command.js';
import { count, type ExampleFlags, evaluationFiles, readExamples, withExamples } from './example-options.js';
import {
  cancellable,
  type LockFlags,
  lockAndWrite,
  outputRows,
  pathsOf,
  type UnlockFlags,
  unlockAndWrite,
  warnOfOpenKey,
} from './lock-frame.js';
import { print, requireNewModel, requireOutputs, withOutputs } from './outputs.js';
import { withNewKey, withPassphrase } from './passphrase.js';

interface Flags extends LockFlags, ExampleFlags {
  readonly maxLayers: number;
  readonly maxParams: number;
  readonly boundaryDistance: number;
  readonly stepSize: number;
  readonly lossMultiple?: number;
  readonly stopAccuracy?: number;
  readonly rule: 'paper' | 'seed';
  readonly mark?: boolean;
  readonly acceptWeaker?: boolean;
  readonly attack?: readonly Attack[];
  readonly report?: string;
}

const EXAMPLES = `
Examples:
  tacit lock adv-params images.npy labels.npy model.onnx
  tacit lock adv-params images.npy labels.npy model.onnx --eval-images test.npy --eval-labels test_labels.npy
  tacit lock adv-params images.npy labels.npy model.onnx --report lock.html --attack fine-tune,prune,wrong-key
  tacit unlock adv-params decryption_key.tacit model.onnx encrypted_model.onnx

IMAGES.npy is what the model takes, LABELS.npy the class of each image, from 0. A few weights of up to --max-layers layers,
chosen at random, are moved against the loss, within the range of the other weights of their layers, until the model answers
no better than chance. The key says which they are and what they were: without it the model stays as it is.
`;

/** Adds both commands. */
export function addAdvParams(lock: Command, unlock: Command): void {
  withNewKey(
    withOutputs(
      withExamples(
        lock
          .command('adv-params')
          .description('change a few weights so that the model is of no use (AdvParams)')
          .argument('<IMAGES.npy>', 'examples, the first axis counts them')
          .argument('<LABELS.npy>', 'the class of each, from 0')
          .argument('<MODEL.onnx>', 'a classifier')
          .option('-l, --max-layers <N>', 'layers that are changed at most', count, 25)
          .option('-p, --max-params <N>', 'weights of a layer that are changed at most', count, 25)
          .option(
            '-d, --boundary-distance <D>',
            'distance of changed weights to the ends of the range of their layer: 0 for none, 0.5 for its middle',
            number,
            0.1,
          )
          .option('-s, --step-size <S>', 'a step, as a share of the range of the layer', number, 0.1)
          .addOption(
            new Option(
              '-m, --loss-multiple [N]',
              'stop when the loss is N times what it was, 5 if N is left out, instead of by accuracy',
            )
              .argParser(number)
              .preset('5'),
          )
          .option(
            '--stop-accuracy <A>',
            'stop when the accuracy is at most this, from 0 to 1; default: chance + 0.02',
            number,
          )
          .addOption(
            new Option(
              '--rule <NAME>',
              'how weights are chosen: as in the paper, or as its public implementation does',
            )
              .choices(['paper', 'seed'])
              .default('paper'),
          )
          .option('--mark', 'write into the model that it is locked, and by which key')
          .option('--accept-weaker', 'write the lock even if it does not reach its stop')
          .option(
            '--attack <NAMES>',
            `attack the lock: ${ATTACK_NAMES.join(',')}, or some of them`,
            attacksOf,
          )
          .option('--report <FILE.html>', 'make a page of the lock: what changed, histograms, attacks'),
      ),
    ),
  )
    .option('--debug', 'show stacks of errors')
    .addHelpText('after', EXAMPLES)
    .action(lockModel);
  withPassphrase(
    unlock
      .command('adv-params')
      .description('give the weights back that adv-params changed, bit for bit')
      .argument('<KEY>', 'what tacit lock adv-params wrote')
      .argument('<OUTPUT.onnx>', 'where the unlocked model goes')
      .argument('<LOCKED.onnx>', 'the locked model')
      .option('--force', 'replace a file that is there'),
  )
    .option('--debug', 'show stacks of errors')
    .action(unlockModel);
}

async function lockModel(images: string, labels: string, path: string, flags: Flags): Promise<void> {
  const { report: page, quiet = false, force, attack: attacks } = flags;
  const read = [images, labels, path, ...evaluationFiles(flags)];
  requireOutputs(pathsOf(flags), page === undefined ? read : [...read, page], force);
  if (page !== undefined) {
    requireFolder(page);
    requireOther(page, read);
  }
  const options = advParamsOptions(flags);
  limitsOf(options);
  const { data, evaluation } = await readExamples(images, labels, flags);
  if (!quiet) process.stderr.write(`tacit: images: ${data.description}\n`);
  const { readOnnxFile } = await import('@tacit/onnx/file');
  const model = await readOnnxFile(path);
  const { lockAdvParams } = await import('../adv-params/lock.js');
  const { attackLock } = await import('../attacks/run-attacks.js');
  const { advParamsKey } = await import('../adv-params/key-body.js');
  const { made, progress } = await lockAndWrite(flags, advParamsKey, (line) =>
    cancellable(async (signal) => {
      const followed = { ...options, evaluation, signal, ...showRounds(line) };
      const lock = await lockAdvParams(model, data, followed);
      const found =
        attacks &&
        (await attackLock(
          model,
          lock,
          data,
          attackOptions({ ...flags, attack: attacks }, evaluation, signal, line),
        ));
      return { file: lock.locked, key: lock.key, report: lock.report, found };
    }),
  );
  const { report, key, found } = made;
  if (page !== undefined) {
    const { lockPage } = await import('../report/lock-page.js');
    const html = lockPage({ model: basename(path), report, attacks: found });
    writeAtomically(page, new TextEncoder().encode(html), { mode: 0o600 });
  }
  if (!report.reached) progress.warn('the lock is weaker than asked for: it did not reach its stop');
  warnOfOpenKey(flags, progress);
  const { attackRows, layerTable, lockRows } = await import('../report/text.js');
  print([
    ['lock', `adv-params, rule ${report.rule}`],
    ...outputRows(flags, key),
    ...(page === undefined ? [] : [['report', page] as const]),
    ...lockRows(report),
    ...(found ? attackRows(found) : []),
  ]);
  if (!quiet) process.stdout.write(`\n${layerTable(report).join('\n')}\n`);
}

function requireOther(path: string, read: readonly string[]): void {
  if (read.some((name) => resolve(name) === resolve(path)))
    throw new ArgumentError(`${path} would replace what is read; give it another name`);
}

function advParamsOptions(flags: Flags): AdvParamsOptions {
  const { maxLayers, batchSize, maxParams, boundaryDistance, stepSize, lossMultiple, stopAccuracy } = flags;
  const { rule, threads, mark, acceptWeaker } = flags;
  return {
    maxLayers,
    batchSize,
    maxParams,
    boundaryDistance,
    stepSize,
    lossMultiple,
    stopAccuracy,
    rule,
    threads,
    mark,
    acceptWeaker,
  };
}

/** Where the work stands: the last round, and how far the next one is. */
function showRounds(progress: Progress): Pick<AdvParamsOptions, 'onProgress' | 'onBatch'> {
  let last = 'the model as it is';
  return {
    onProgress: ({ round, changed, loss, accuracy }: RoundProgress) => {
      last = `round ${round}: ${changed} changed, loss ${loss.toPrecision(3)}, accuracy ${(100 * accuracy).toFixed(1)} %`;
      progress.show(last);
    },
    onBatch: (done, all) => progress.show(`${last}; ${done} of ${all} images`),
  };
}

async function unlockModel(key: string, output: string, locked: string, flags: UnlockFlags): Promise<void> {
  requireNewModel(output, flags.force);
  requireOther(output, [key, locked]);
  const { advParamsKey } = await import('../adv-params/key-body.js');
  const { unlockAdvParams } = await import('../adv-params/unlock.js');
  await unlockAndWrite({ key, output, locked }, flags, advParamsKey, unlockAdvParams);
}
