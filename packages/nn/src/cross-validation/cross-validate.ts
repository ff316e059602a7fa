/**
 * Cross-validation on secret rows: a model for each fold, trained on all others, and what a metric says of it on the fold.
 * Folds are the same pieces of a shuffled order at all parties, so which row is in which fold is known to nobody. Models
 * that are trained side by side share their rounds.
 */
import { ArgumentError } from '@tacit/errors';
import { checkOptions } from '@tacit/graph';
import { type CrypTensor, isEncryptedTensor, noGrad, stack, tidy } from '@tacit/tensor';
import { Loss } from '../losses/index.js';
import type { Module } from '../module.js';
import type { Optimizer } from '../optim/index.js';
import type { Parameter } from '../parameter.js';
import { type Folds, foldsOf } from './folds.js';
import { accuracy, type Metric } from './metrics.js';
import { type Criterion, lossOf, trainStep } from './train-step.js';

/** To whom a number is told. */
export type Audience = 'all' | number;

/** What is validated, on what, and what is told of it. The same at all parties. */
export interface CrossValidateOptions {
  /** Makes a model that is encrypted and not trained yet, one for each fold. */
  readonly model: (fold: number) => Module;
  /** Secret inputs: [rows, ...]. */
  readonly inputs: CrypTensor;
  /** Secret targets: [rows, ...]. */
  readonly targets: CrypTensor;
  /** How many parts the rows are divided into. Default 5. */
  readonly folds?: number;
  /** What training makes small. Weights of rows, such as those of a record linkage, may be a column of the targets. */
  readonly loss: Criterion;
  /** Makes what moves the parameters of one model. */
  readonly optimizer: (parameters: readonly Parameter[]) => Optimizer;
  /** How often training goes through the rows. Default 1. */
  readonly epochs?: number;
  /** Rows of a batch. Default 32. */
  readonly batchSize?: number;
  /** What is said of a model on the rows that it has not seen. Default 'loss'. */
  readonly metric?: 'loss' | 'accuracy' | Metric;
  /** Who is told the mean and the spread (the standard deviation) of the metric over the folds. Default nobody. */
  readonly reveal?: { readonly mean?: Audience; readonly spread?: Audience };
  /** 'shuffled' (the default): folds of rows in an order that nobody knows. 'kept': of rows as they are. */
  readonly order?: 'shuffled' | 'kept';
  /** How many models are trained side by side, sharing rounds and taking memory. Default all. */
  readonly together?: number;
}

/** What cross-validation says. */
export interface CrossValidation {
  /** The metric of each fold, secret: [folds]. The caller's. */
  readonly scores: CrypTensor;
  /** The mean over the folds, where it is told. */
  readonly mean: number | undefined;
  /** The standard deviation over the folds, where it is told. */
  readonly spread: number | undefined;
}

const OPTIONS = [
  'model',
  'inputs',
  'targets',
  'folds',
  'loss',
  'optimizer',
  'epochs',
  'batchSize',
  'metric',
  'reveal',
  'order',
  'together',
];

/**
 * Cross-validation in private: trains a model for each fold on the rows outside of it, and tells the mean and the spread of
 * a metric on the rows inside, and nothing else, to whom it is asked to. The metric of each fold stays secret.
 *
 * Rounds: those of a shuffle; for each batch those of training one model, however many are trained side by side; and those
 * of the metric. Each model's batches are opened under a mask once, for all epochs.
 * @param options what is validated, on what, and what is told of it
 * @returns the secret metric of each fold, and what was told
 * @throws ArgumentError for options that do not exist or numbers out of range, or fewer rows than folds; ShapeError where
 * inputs, targets and the metric do not fit
 * @example
 * const { mean, spread } = await nn.crossValidate({
 *   model: () => new nn.Linear(8, 2).encrypt(party, { src: 'nobody' }),
 *   inputs, targets, folds: 5, epochs: 3, batchSize: 20, metric: 'accuracy',
 *   loss: new nn.CrossEntropyLoss(),
 *   optimizer: (parameters) => new optim.SGD(parameters, { lr: 0.1 }),
 *   reveal: { mean: 'all', spread: 'all' },
 * });
 */
export async function crossValidate(options: CrossValidateOptions): Promise<CrossValidation> {
  const settings = checked(options);
  const { folds: count, together, order } = settings;
  const folds = foldsOf(options.inputs, options.targets, count, order === 'shuffled');
  const { context } = options.inputs;
  const scores: CrypTensor[] = [];
  for (let first = 0; first < count; first += together) {
    const trained: Trained[] = [];
    for (let fold = first; fold < Math.min(count, first + together); fold++)
      trained.push(started(options, fold));
    await train(trained, folds, settings);
    for (const { model, fold } of trained) scores.push(scored(model.eval(), folds, fold, settings));
    await Promise.all(scores.map(({ share }) => share.value));
    for (const { model, optimizer } of trained) {
      optimizer.dispose();
      model.dispose();
    }
  }
  folds.dispose();
  const all = tidy(context, () => stack(scores));
  for (const score of scores) score.dispose();
  const { mean, spread } = settings.reveal;
  const [toldMean, toldSpread] = await Promise.all([
    tell(() => all.mean(), mean, all),
    tell(() => all.std(), spread, all),
  ]);
  return { scores: all, mean: toldMean, spread: toldSpread };
}

interface Trained {
  readonly fold: number;
  readonly model: Module;
  readonly optimizer: Optimizer;
}

interface Settings {
  readonly folds: number;
  readonly loss: Criterion;
  readonly epochs: number;
  readonly batchSize: number;
  readonly metric: Metric;
  readonly reveal: NonNullable<CrossValidateOptions['reveal']>;
  readonly order: 'shuffled' | 'kept';
  readonly together: number;
}

function started({ model, optimizer }: CrossValidateOptions, fold: number): Trained {
  const made = model(fold);
  return { fold, model: made.train(), optimizer: optimizer([...made.parameters()]) };
}

/** Batches that are issued ahead of the one whose losses have been computed, so that the dealer is not waited for. */
const AHEAD = 2;

/** Batch by batch, one of each model, so that they share rounds. */
async function train(models: readonly Trained[], folds: Folds, settings: Settings): Promise<void> {
  const { epochs, batchSize, loss } = settings;
  const batches = models.map(({ fold }) => folds.batches(fold, batchSize));
  const issued: CrypTensor[][] = [];
  const finish = async () => {
    const losses = issued.shift() ?? [];
    await Promise.all(losses.map(({ share }) => share.value));
    for (const value of losses) value.dispose();
  };
  for (let epoch = 0; epoch < epochs; epoch++)
    for (let batch = 0; batch < Math.max(...batches.map(({ length }) => length)); batch++) {
      const losses = models.flatMap(({ model, optimizer }, i) => {
        // Folds of sizes that differ may leave training sets of as many batches and one.
        const rows = batches[i].at(batch);
        return rows ? [trainStep(model, optimizer, loss, rows.inputs, rows.targets)] : [];
      });
      issued.push(losses);
      if (issued.length > AHEAD) await finish();
    }
  while (issued.length > 0) await finish();
  for (const { inputs, targets } of batches.flat()) {
    inputs.dispose();
    targets.dispose();
  }
}

function scored(model: Module, folds: Folds, fold: number, { metric }: Settings): CrypTensor {
  return noGrad(() =>
    tidy(folds.inputs.context, () => {
      const { inputs, targets } = folds.heldOut(fold);
      const score = metric(model.forward(inputs), targets);
      if (score.size !== 1)
        throw new ArgumentError(`a metric is one number, not a tensor of the shape [${score.shape}]`);
      return score.reshape([]);
    }),
  );
}

async function tell(
  statistic: () => CrypTensor,
  to: Audience | undefined,
  { context }: CrypTensor,
): Promise<number | undefined> {
  if (to === undefined) return undefined;
  const value = noGrad(() => tidy(context, statistic));
  const told = await value.revealFloat64(to === 'all' ? {} : { to });
  value.dispose();
  return told?.data[0];
}

function checked(options: CrossValidateOptions): Settings {
  checkOptions('crossValidate', options, OPTIONS);
  for (const name of ['inputs', 'targets'] as const)
    if (!isEncryptedTensor(options[name]))
      throw new ArgumentError(`${name} of crossValidate are a secret tensor: share them by party.cryptensor`);
  for (const name of ['model', 'optimizer'] as const)
    if (typeof options[name] !== 'function')
      throw new ArgumentError(`${name} of crossValidate is a function that makes one for each fold`);
  if (typeof options.loss !== 'function' && !(options.loss instanceof Loss))
    throw new ArgumentError('loss of crossValidate is a loss, or a function of predictions and targets');
  const { inputs, folds = 5, epochs = 1, batchSize = 32, metric = 'loss', reveal = {}, loss } = options;
  const { order = 'shuffled', together = folds } = options;
  requireCount('folds', folds, 2);
  requireCount('epochs', epochs, 0);
  requireCount('batchSize', batchSize, 1);
  requireCount('together', together, 1);
  checkOptions('reveal', reveal, ['mean', 'spread']);
  const parties = inputs.engine.parties;
  for (const [name, to] of Object.entries(reveal))
    if (to !== undefined && to !== 'all' && !(Number.isInteger(to) && to >= 0 && to < parties))
      throw new ArgumentError(
        `reveal.${name} is 'all' or a rank from 0 to ${parties - 1}, not ${String(to)}`,
      );
  if (order !== 'shuffled' && order !== 'kept')
    throw new ArgumentError(`order is 'shuffled' or 'kept', not '${String(order)}'`);
  if (typeof metric !== 'function' && metric !== 'loss' && metric !== 'accuracy')
    throw new ArgumentError(`metric is 'loss', 'accuracy' or a function, not '${String(metric)}'`);
  const byName = { loss: (x: CrypTensor, y: CrypTensor) => lossOf(loss, x, y), accuracy };
  const measure = typeof metric === 'function' ? metric : byName[metric];
  return { folds, loss, epochs, batchSize, metric: measure, reveal, order, together };
}

function requireCount(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new ArgumentError(`${name} is ${String(value)} instead of a whole number from ${least} on`);
}
