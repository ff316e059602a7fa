/** Private inference on one machine: parties and dealer, files in, file and report out. */
import { resolve } from 'node:path';
import { requireFile, requireFolder } from '@tacit/files';
import { contentSite, replayable, runLaunch } from '../calls.js';
import { LaunchOptionsError } from '../errors.js';
import { entryModule } from '../location.js';
import { peakRssBytes } from '../member/memory.js';
import type { RecordedCalls } from '../messages.js';
import { checkOptions, type LaunchEvent, type LaunchOptions } from '../options.js';
import { decodeResult } from '../result-codec.js';
import type { NamedFile, OwnedFile, PredictArguments, PredictResult } from './messages.js';
import { type PredictReport, predictReport } from './report.js';

export interface PredictOptions extends Partial<Omit<PredictArguments, 'model' | 'inputs' | 'outputs'>> {
  readonly launch: LaunchOptions;
  /** Files of inputs by name: a path of the data's owner, or the path of another party. */
  readonly inputs?: Readonly<Record<string, string | OwnedFile>>;
  /** Where outputs go, by name: a path of the data's owner, or that of the party that learns it. */
  readonly outputs?: Readonly<Record<string, string | OwnedFile>>;
}

/**
 * Runs the model file of one party on input files of others; the data's owner writes the output, or whoever
 * `options.outputs` names. This process only looks whether the files are there.
 * @param model path of an ONNX file, opened by its owner only
 * @param input path of a .npy file, opened by the data's owner only; undefined where `options.inputs` names all
 * @param output path for the model's first output; undefined where `options.outputs` names all that are wanted
 * @param options who owns what, and how the parties are launched
 * @returns rounds, bytes and times
 * @throws LaunchOptionsError, FileError, PartyError
 * @example await predict('model.onnx', 'input.npy', 'output.npy', { launch: { worldSize: 2 } });
 */
export async function predict(
  model: string,
  input: string | undefined,
  output: string | undefined,
  options: PredictOptions,
): Promise<PredictReport> {
  const {
    launch,
    modelOwner = 0,
    dataOwner = 1,
    mode = 'owned',
    repeat = 1,
    inputRange,
    publicInputs,
  } = options;
  const filesOf = (
    path: string | undefined,
    named: Readonly<Record<string, string | OwnedFile>> = {},
  ): NamedFile[] => [
    ...(path === undefined ? [] : [{ file: path, owner: dataOwner }]),
    ...Object.entries(named).map(([name, file]) =>
      typeof file === 'string' ? { name, file, owner: dataOwner } : { name, ...file },
    ),
  ];
  const task: PredictArguments = {
    model,
    inputs: filesOf(input, options.inputs),
    outputs: filesOf(output, options.outputs),
    modelOwner,
    dataOwner,
    mode,
    repeat,
    inputRange,
    publicInputs,
  };
  const site = contentSite('predict', [launch.worldSize, launch.transport, task]);
  return replayable(site, ({ earlier }) => launchPrediction(task, launch, earlier));
}

async function launchPrediction(
  task: PredictArguments,
  launch: LaunchOptions,
  earlier: RecordedCalls,
): Promise<PredictReport> {
  const { model, inputs, outputs, modelOwner, dataOwner, repeat, inputRange } = task;
  const startedAt = Date.now();
  for (const [what, rank] of [
    ['the model', modelOwner],
    ['the data', dataOwner],
    ...[...inputs, ...outputs].map(({ file, owner }) => [file, owner] as const),
  ] as const)
    if (!Number.isInteger(rank) || rank < 0 || rank >= launch.worldSize)
      throw new LaunchOptionsError(
        `the owner of ${what} must be a rank from 0 to ${launch.worldSize - 1}, not ${rank}`,
      );
  if (!Number.isInteger(repeat) || repeat < 1)
    throw new LaunchOptionsError(`repeat must be a whole number of at least 1, not ${repeat}`);
  if (inputRange && !(inputRange[0] <= inputRange[1]))
    throw new LaunchOptionsError(`an input range goes from low to high, not from ${inputRange.join(' to ')}`);
  requireFile(model);
  if (inputs.length === 0) throw new LaunchOptionsError('no file is given for the input');
  for (const { file } of inputs) requireFile(file);
  if (outputs.length === 0) throw new LaunchOptionsError('no file is given for the output');
  for (const { file } of outputs) {
    requireFolder(file);
    for (const path of [model, ...inputs.map((input) => input.file)])
      if (resolve(path) === resolve(file))
        throw new LaunchOptionsError(`the output would replace ${path}; give it another name`);
    if (outputs.filter((other) => resolve(other.file) === resolve(file)).length > 1)
      throw new LaunchOptionsError(`two outputs would go to ${file}`);
  }

  const peaks = new Map<number, number>();
  const onEvent = (event: LaunchEvent): void => {
    if (event.type === 'finished') peaks.set(event.rank, event.peakRssBytes);
    launch.onEvent?.(event);
  };
  const moduleUrl = String(entryModule('predict/predict-party'));
  const results = await runLaunch(checkOptions({ ...launch, onEvent }), {
    kind: 'export',
    moduleUrl,
    name: 'predictParty',
    argument: task,
    earlier,
  });
  const own = peakRssBytes();
  // Threads are part of this process; processes come on top of it.
  const peak = launch.transport === 'ws' ? [...peaks.values()].reduce((sum, bytes) => sum + bytes, own) : own;
  return predictReport(
    (await Promise.all(results.map(decodeResult))) as PredictResult[],
    dataOwner,
    startedAt,
    peak,
  );
}
