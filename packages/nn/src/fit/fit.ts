/** A loop of training, for those who want none of their own. */
import { ArgumentError } from '@tacit/errors';
import { checkOptions } from '@tacit/graph';
import { CrypTensor, noGrad, tidy } from '@tacit/tensor';
import type { Module } from '../module.js';
import { LRScheduler } from '../optim/lr-scheduler.js';
import { Optimizer } from '../optim/optimizer.js';
import { classesOf, rightOnes } from './accuracy.js';
import { anyAborted } from './agreed-stop.js';
import {
  isSummed,
  type LossFunction,
  lossOf,
  requireBoolean,
  requireCount,
  requireFunction,
  requireModel,
} from './checks.js';
import { decisions, Examples } from './examples.js';
import { meter, type Taken } from './meter.js';
import { checkRecipients, type Recipient, told } from './recipients.js';

/** What of a training is told, and to whom. Nothing by default. */
export interface FitReveal {
  /** Who learns losses. */
  readonly loss?: Recipient;
  /** Who learns, for each epoch, which part of the predictions was right before each step. */
  readonly accuracy?: Recipient;
  /** Whether losses are told of each batch (and their mean is that of the epoch), or of each epoch only. Default 'batch'. */
  readonly every?: 'batch' | 'epoch';
}

/** What a batch took, until its callback was called. */
export interface BatchReport extends Taken {
  /** From 0 on. */
  readonly epoch: number;
  readonly epochs: number;
  readonly batch: number;
  readonly batches: number;
  /** The loss, where it is told. */
  readonly loss?: number;
}

/** What an epoch took. */
export interface EpochReport extends Taken {
  /** From 0 on. */
  readonly epoch: number;
  readonly epochs: number;
  /** How many there were; fewer where training was ended. */
  readonly batches: number;
  readonly lr: number;
  /** The mean of the losses, each before its step, where it is told. */
  readonly loss?: number;
  /** Where it is told. */
  readonly accuracy?: number;
}

/** What a training came to. */
export interface FitResult {
  /** Epochs that were finished. */
  readonly epochs: readonly EpochReport[];
  /** Whether a signal ended it. */
  readonly aborted: boolean;
}

export interface FitOptions {
  /** Examples along the first axis; several tensors for a model of several inputs. */
  readonly inputs: CrypTensor | readonly CrypTensor[];
  /** Of each example. */
  readonly targets: CrypTensor;
  readonly loss: LossFunction;
  readonly optimizer: Optimizer;
  /** How often all examples are gone through. */
  readonly epochs: number;
  /** Examples for a step; the last batch of an epoch may have fewer. */
  readonly batchSize: number;
  /** Whether each epoch has another order, which nobody knows. Default false: the order of the inputs. */
  readonly shuffle?: boolean;
  /** Whether a last batch of fewer examples is left out. Default false. */
  readonly dropLast?: boolean;
  /** Sets the learning rate after each epoch. */
  readonly scheduler?: LRScheduler;
  /** What is told, and to whom. */
  readonly reveal?: FitReveal;
  /** Ends the training between two batches, at all parties. Each party gives one, its own, or none does. */
  readonly signal?: AbortSignal;
  /** Called after each batch; awaited. It must issue what it issues at all parties. */
  readonly onBatchEnd?: (report: BatchReport) => unknown;
  /** Called after each epoch; awaited. It must issue what it issues at all parties. */
  readonly onEpochEnd?: (report: EpochReport) => unknown;
  /** Whether party 0 writes a line for each epoch to its standard error. Default false. */
  readonly progress?: boolean;
}

const OPTIONS = [
  'inputs',
  'targets',
  'loss',
  'optimizer',
  'epochs',
  'batchSize',
  'shuffle',
  'dropLast',
  'scheduler',
  'reveal',
  'signal',
  'onBatchEnd',
  'onEpochEnd',
  'progress',
];

/**
 * Trains a model. All parties call it with the same options but for callbacks, signal and progress. Examples go into
 * batches by their order, or with `shuffle` by one that nobody knows, at the price of a secret shuffle of all inputs for
 * each epoch: one round a party, 8 to 16 bytes for each number. In the order of the inputs these are opened under their
 * mask once for all epochs. Nothing is told but what `reveal` asks for. At most two
 * steps are on their way at a time, so that memory does not grow with the number of batches.
 *
 * With a `signal` the parties tell each other before each batch whether theirs has fired, beside what else they send; the
 * training ends at all of them after the batch that is then on its way, and the model is what that batch has made of it.
 * @param model a model that is encrypted with mode 'shared'
 * @param options examples, loss, optimiser, epochs, batches; what is told; callbacks
 * @returns what each epoch took, and whether a signal ended it
 * @throws ArgumentError for options that make no sense, do not exist or belong to another session
 * @throws ShapeError where inputs and targets are not of as many examples
 * @example
 * await nn.fit(model, {
 *   inputs: x, targets: y, loss: new nn.CrossEntropyLoss(), optimizer, epochs: 5, batchSize: 32,
 *   reveal: { loss: 0 }, onEpochEnd: ({ epoch, loss }) => console.log(epoch, loss),
 * });
 */
export async function fit(model: Module, options: FitOptions): Promise<FitResult> {
  checkOptions('fit', options, OPTIONS);
  const { inputs, targets, loss, optimizer, scheduler, reveal = {}, signal } = options ?? {};
  const given = Examples.of(inputs, targets);
  const { context, engine } = targets;
  requireModel('fit', model, targets);
  const criterion = lossOf(loss);
  if (!(optimizer instanceof Optimizer))
    throw new ArgumentError('fit: optimizer is an optimiser, such as an SGD');
  const own = new Set(model.parameters());
  if (!optimizer.parameters.every((parameter) => own.has(parameter)))
    throw new ArgumentError('fit: the optimiser moves parameters of another model');
  const epochs = requireCount('epochs', options.epochs);
  const batchSize = requireCount('batchSize', options.batchSize);
  const shuffle = requireBoolean('shuffle', options.shuffle ?? false);
  const dropLast = requireBoolean('dropLast', options.dropLast ?? false);
  const progress = requireBoolean('progress', options.progress ?? false);
  requireFunction('onBatchEnd', options.onBatchEnd);
  requireFunction('onEpochEnd', options.onEpochEnd);
  if (scheduler !== undefined && !(scheduler instanceof LRScheduler && scheduler.optimizer === optimizer))
    throw new ArgumentError("fit: scheduler is a schedule of the optimiser's learning rate");
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new ArgumentError('fit: signal is an AbortSignal');
  checkRecipients('fit', { ...reveal }, ['loss', 'accuracy', 'every'], engine.parties);
  const { every = 'batch' } = reveal;
  if (every !== 'batch' && every !== 'epoch')
    throw new ArgumentError(`fit: reveal.every is 'batch' or 'epoch', not '${String(every)}'`);

  const batches = given.batches(batchSize, dropLast);
  const classes = reveal.accuracy === undefined ? undefined : noGrad(() => classesOf(targets));
  const examples = new Examples(given.inputs, targets, classes);
  const weight = (length: number): number => (isSummed(loss) ? 1 : length);
  const total = batches.reduce((sum, { length }) => sum + weight(length), 0);
  const finished: EpochReport[] = [];
  // What is multiplied again in each epoch is opened once. A shuffle gives other tensors each time.
  if (epochs > 1 && !shuffle) await Promise.all(examples.inputs.map((x) => x.masked()));
  const wasTraining = model.training;
  const ended = (): Promise<boolean> =>
    signal ? thrownLater(anyAborted(engine, signal)) : Promise.resolve(false);
  let verdict = ended();
  // The step before the last one issued.
  let before: Promise<unknown> = Promise.resolve();
  let aborted = false;
  model.train();
  try {
    for (let epoch = 0; epoch < epochs && !aborted; epoch++) {
      const sinceEpoch = meter(engine);
      const { lr } = optimizer;
      const ordered = shuffle ? examples.shuffled() : examples;
      let sum: number | undefined;
      let losses: CrypTensor | undefined;
      let right: CrypTensor | undefined;
      let decided = 0;
      for (const [batch, place] of batches.entries()) {
        aborted = await verdict;
        if (aborted) break;
        verdict = ended();
        const sinceBatch = meter(engine);
        optimizer.zeroGrad();
        const made = tidy(context, () => {
          const part = ordered.part(place);
          const prediction = model.forward(...part.inputs);
          const value = criterion(prediction, part.targets);
          const count =
            reveal.accuracy === undefined ? undefined : noGrad(() => rightOnes(prediction, part, loss));
          decided += decisions(prediction);
          return { value, ...(count ? { count } : {}) };
        });
        made.value.backward();
        optimizer.step();
        const done = thrownLater(computed(optimizer));
        let own: number | undefined;
        if (reveal.loss !== undefined && every === 'batch') {
          own = await told(made.value, reveal.loss);
          if (own !== undefined) sum = (sum ?? 0) + own * weight(place.length);
        } else if (reveal.loss !== undefined) {
          const share = noGrad(() => made.value.detach().mul(weight(place.length)));
          losses = added(losses, share);
        }
        if (made.count) right = added(right, made.count);
        made.value.dispose();
        await before;
        before = done;
        await options.onBatchEnd?.({
          epoch,
          epochs,
          batch,
          batches: batches.length,
          ...(own === undefined ? {} : { loss: own }),
          ...sinceBatch(),
        });
      }
      if (ordered !== examples) ordered.dispose();
      if (aborted) {
        losses?.dispose();
        right?.dispose();
        break;
      }
      const [whole = sum, count] = await Promise.all([
        losses && reveal.loss !== undefined ? told(losses, reveal.loss) : undefined,
        right && reveal.accuracy !== undefined ? told(right, reveal.accuracy) : undefined,
      ]);
      losses?.dispose();
      right?.dispose();
      await before;
      scheduler?.step();
      const report: EpochReport = {
        epoch,
        epochs,
        batches: batches.length,
        lr,
        ...(whole === undefined ? {} : { loss: isSummed(loss) ? whole : whole / total }),
        ...(count === undefined ? {} : { accuracy: count / decided }),
        ...sinceEpoch(),
      };
      finished.push(report);
      if (progress && engine.rank === 0) console.error(lineOf(report));
      await options.onEpochEnd?.(report);
    }
    await before;
    // What was asked is answered, so that no message is left.
    await verdict;
  } finally {
    model.train(wasTraining);
    classes?.dispose();
  }
  return { epochs: finished, aborted };
}

/** When this party has computed the last step. */
async function computed({ parameters }: Optimizer): Promise<void> {
  await Promise.all(
    parameters.map(({ operand }) => (operand instanceof CrypTensor ? operand.share.value : 0)),
  );
}

/** A promise whose rejection is seen where it is awaited, which may be later. */
function thrownLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** The sum, which takes both over. */
function added(sum: CrypTensor | undefined, x: CrypTensor): CrypTensor {
  if (!sum) return x;
  const next = sum.add(x);
  sum.dispose();
  x.dispose();
  return next;
}

function lineOf({ epoch, epochs, loss, accuracy, lr, rounds, bytes, seconds }: EpochReport): string {
  const parts = [
    `epoch ${epoch + 1}/${epochs}`,
    ...(loss === undefined ? [] : [`loss ${loss.toFixed(4)}`]),
    ...(accuracy === undefined ? [] : [`accuracy ${(100 * accuracy).toFixed(1)} %`]),
    `lr ${lr}`,
    `${seconds.toFixed(1)} s`,
    `${rounds} rounds`,
    `${(bytes / 1e6).toFixed(1)} MB sent`,
  ];
  return parts.join(', ');
}
