/** How good a model is, of which only what is asked for becomes known. */
import { ArgumentError } from '@tacit/errors';
import { checkOptions } from '@tacit/graph';
import { type CrypTensor, noGrad, tidy } from '@tacit/tensor';
import type { Module } from '../module.js';
import { rightOnes } from './accuracy.js';
import {
  isSummed,
  type LossFunction,
  lossOf,
  requireCount,
  requireFunction,
  requireModel,
} from './checks.js';
import { decisions, Examples } from './examples.js';
import { meter, type Taken } from './meter.js';
import { checkRecipients, type Recipient, told } from './recipients.js';

export interface EvaluateOptions {
  /** Examples along the first axis; several tensors for a model of several inputs. */
  readonly inputs: CrypTensor | readonly CrypTensor[];
  /** Of each example. */
  readonly targets: CrypTensor;
  /** Needed for `reveal.loss`. */
  readonly loss?: LossFunction;
  /** One number for a batch, of which the mean over all examples is told; needed for `reveal.metric`. */
  readonly metric?: (prediction: CrypTensor, target: CrypTensor) => CrypTensor;
  /** Examples that are computed together. Default all. */
  readonly batchSize?: number;
  /** What is told, and to whom: at least one of these. */
  readonly reveal: {
    readonly loss?: Recipient;
    /** The part of predictions that are right. */
    readonly accuracy?: Recipient;
    readonly metric?: Recipient;
  };
}

/** What is told, where it is told, and what it took. */
export interface Evaluation extends Taken {
  readonly examples: number;
  readonly loss?: number;
  readonly accuracy?: number;
  readonly metric?: number;
}

const NAMES = ['loss', 'accuracy', 'metric'] as const;

/**
 * Computes a model's predictions for examples, without gradients and with `eval()`, and tells how good they are: each
 * number once, for all examples. All parties call it with the same options.
 * @param model an encrypted model
 * @param options examples, loss or metric, and who is told
 * @returns the numbers, at the parties that are told
 * @throws ArgumentError for options that make no sense, do not exist or belong to another session
 * @throws ShapeError where inputs and targets are not of as many examples
 * @example const { accuracy } = await nn.evaluate(model, { inputs: x, targets: y, reveal: { accuracy: 'all' } });
 */
export async function evaluate(model: Module, options: EvaluateOptions): Promise<Evaluation> {
  checkOptions('evaluate', options, ['inputs', 'targets', 'loss', 'metric', 'batchSize', 'reveal']);
  const { inputs, targets, loss, metric, reveal } = options ?? {};
  const examples = Examples.of(inputs, targets);
  const { context, engine } = targets;
  requireModel('evaluate', model, targets);
  checkRecipients('evaluate', { ...reveal }, NAMES, engine.parties);
  const wanted = NAMES.filter((name) => reveal?.[name] !== undefined);
  if (wanted.length === 0)
    throw new ArgumentError(
      "evaluate tells nothing: reveal says what and to whom, such as { accuracy: 'all' }",
    );
  requireFunction('metric', metric);
  if (reveal.metric !== undefined && !metric)
    throw new ArgumentError('evaluate: reveal.metric without a metric');
  if (reveal.loss !== undefined && !loss) throw new ArgumentError('evaluate: reveal.loss without a loss');
  const criterion = loss && lossOf(loss);
  const size = requireCount('batchSize', options.batchSize ?? examples.count);

  const taken = meter(engine);
  const wasTraining = model.training;
  const sums: Partial<Record<(typeof NAMES)[number], CrypTensor>> = {};
  let decided = 0;
  let before: Promise<unknown> = Promise.resolve();
  model.eval();
  try {
    for (const place of examples.batches(size, false)) {
      const made = tidy(context, () =>
        noGrad(() => {
          const part = examples.part(place);
          const prediction = model.forward(...part.inputs);
          decided += decisions(prediction);
          const numbers = {
            loss: () => criterion?.(prediction, part.targets).mul(loss && isSummed(loss) ? 1 : place.length),
            accuracy: () => rightOnes(prediction, part, loss),
            metric: () => metric?.(prediction, part.targets).mul(place.length),
          };
          return Object.fromEntries(
            wanted.map((name) => {
              const x = numbers[name]();
              const sum = sums[name];
              return [name, sum && x ? sum.add(x) : x];
            }),
          ) as typeof sums;
        }),
      );
      for (const name of wanted) sums[name]?.dispose();
      Object.assign(sums, made);
      const done = Promise.all(wanted.map((name) => made[name]?.share.value));
      done.catch(() => {}); // thrown where it is awaited
      await before;
      before = done;
    }
    await before;
  } finally {
    model.train(wasTraining);
  }
  const numbers = await Promise.all(
    wanted.map(async (name) => {
      const [sum, to] = [sums[name], reveal[name]];
      const number = sum && to !== undefined ? await told(sum, to) : undefined;
      sum?.dispose();
      if (number === undefined) return [];
      const over =
        name === 'accuracy' ? decided : name === 'loss' && loss && isSummed(loss) ? 1 : examples.count;
      return [[name, number / over]];
    }),
  );
  return { examples: examples.count, ...Object.fromEntries(numbers.flat()), ...taken() };
}
