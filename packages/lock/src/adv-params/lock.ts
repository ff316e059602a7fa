/**
 * AdvParams: Xue, Wu, Wang, Zhang, Liu, "AdvParams: An Active DNN Intellectual Property Protection Technique via Adversarial
 * Perturbation Based Parameter Encryption", arXiv 2105.13697. A few weights are moved against the loss, within the range of
 * their layers, until the model answers no better than chance; the key says which they are and what they were.
 */
import { ArgumentError } from '@tacit/errors';
import { Classifier } from '../classifier/classifier.js';
import { type Examples, examplesFor, type LabelledData } from '../classifier/examples.js';
import { LockError } from '../errors.js';
import { type LockKey, newKeyId } from '../keys/key.js';
import { MARK_ENTRY, markText, requireUnlocked } from '../mark/index.js';
import { readWeights, type Weight, weightsHash, writeWeights } from '../weights/index.js';
import { type AscentOptions, ascend, type ComputePass, type Ending } from './ascend.js';
import type { AdvParamsBody } from './key-body.js';
import { Layer } from './layer.js';
import { type LockReport, layerReports } from './lock-report.js';
import { isFloatType, writeBits } from './number-bits.js';
import { type AdvParamsOptions, isDefaultStop, type Limits, limitsOf, stopAccuracyOf } from './options.js';
import { selectLayers } from './select-layers.js';

/** A locked model, what unlocks it, and what the lock did. */
export interface AdvParamsLock {
  /** The bytes of the locked ONNX file: those of the model but for the changed weights. */
  readonly locked: Uint8Array;
  readonly key: LockKey<AdvParamsBody>;
  readonly report: LockReport;
}

/**
 * Locks a classifier. No training, no change of its structure: the file differs in a few weights.
 * @param model the bytes of an ONNX file with one input and one output [examples, classes]
 * @param data examples whose loss is made to grow
 * @param options limits, step, stop, progress, cancellation
 * @returns the locked file, its key and a report
 * @throws OnnxFormatError, UnsupportedModelError, WeightsError where the model cannot be read, computed or changed
 * @throws ArgumentError, InputShapeError, ShapeError where options or data do not fit
 * @throws LockError (`LOCK_WEAK`) where the limits do not let the lock reach its stop, and `acceptWeaker` is not set,
 * (`LOCK_STATE`) where the model says that it is locked already
 * @throws the reason of the signal, where it is aborted
 * @example
 * const { locked, key, report } = await lockAdvParams(model, { images, labels }, { maxParams: 10 });
 */
export async function lockAdvParams(
  model: Uint8Array,
  data: LabelledData,
  options: AdvParamsOptions = {},
): Promise<AdvParamsLock> {
  const began = performance.now();
  const limits = limitsOf(options);
  options.signal?.throwIfAborted();
  requireUnlocked(model);
  const weights = new Map(readWeights(model).map((weight) => [weight.name, weight]));
  const classifier = new Classifier(model, options);
  const { input, classes } = classifier;
  const examples = examplesFor(data, input, classes);
  const evaluation = options.evaluation && examplesFor(options.evaluation, input, classes);
  const lockable = classifier.weights.flatMap((name) => {
    const { type = '', shape = [], bytes = NONE } = weights.get(name) ?? {};
    return isFloatType(type) ? [new Layer(name, type, shape, bytes, limits.boundaryDistance)] : [];
  });
  if (lockable.length === 0) throw new ArgumentError('the model has no weights of float16, float or double');
  const names = lockable.map(({ name }) => name);
  const chosen = new Set(selectLayers(names, limits.maxLayers));
  const layers = lockable.filter(({ name }) => chosen.has(name));
  try {
    const compute = passOf(classifier, examples, evaluation, options.onBatch);
    const stop = {
      stopAccuracy: stopAccuracyOf(limits, classes),
      oneAnswer: isDefaultStop(limits) ? mostFrequent(evaluation ?? examples) : undefined,
    };
    const found = await locked(layers, compute, stop, limits, options);
    const id = newKeyId();
    const metadata = options.mark
      ? { [MARK_ENTRY]: markText({ kind: 'adv-params', keyId: id, details: {} }) }
      : {};
    const file = writeWeights(model, lockedBytes(weights, layers), { metadata });
    return {
      locked: file,
      key: {
        kind: 'adv-params',
        id,
        model: { original: weightsHash([...weights.values()]), locked: weightsHash(file) },
        body: { layers: changedLayers(layers) },
      },
      report: {
        ...found,
        classes,
        examples: examples.count,
        evaluated: (evaluation ?? examples).count,
        sameData: evaluation === undefined,
        weights: lockable.reduce((sum, { values }) => sum + values.length, 0),
        layers: layerReports(layers),
        rule: limits.rule,
        ms: performance.now() - began,
      },
    };
  } finally {
    await classifier.close();
  }
}

const NONE = new Uint8Array(0);

/** Moves weights, and says what came of it. */
async function locked(
  layers: readonly Layer[],
  compute: ComputePass,
  stop: Pick<AscentOptions, 'stopAccuracy' | 'oneAnswer'>,
  limits: Limits,
  { signal, onProgress, acceptWeaker = false }: AdvParamsOptions,
): Promise<Pick<LockReport, 'ending' | 'reached' | 'clean' | 'locked' | 'changed' | 'trace'>> {
  const first = await compute(layers, signal);
  if (!Number.isFinite(first.loss))
    throw new ArgumentError(
      `the loss of the model is ${first.loss} before anything is changed: images or weights are not finite, or far out of range`,
    );
  const { ending, trace } = await ascend(layers, first, compute, {
    limits,
    ...stop,
    onProgress,
    signal,
  });
  const reached = ending === 'accuracy' || ending === 'loss' || ending === 'one answer';
  const [clean] = trace;
  const last = trace.at(-1) ?? clean;
  if (last.changed === 0) throw new LockError('LOCK_WEAK', nothingChanged(reached));
  if (!reached && !acceptWeaker)
    throw new LockError('LOCK_WEAK', weakness(ending, last.accuracy, last.loss, stop.stopAccuracy));
  return {
    ending,
    reached,
    clean: { loss: clean.loss, accuracy: clean.accuracy },
    locked: { loss: last.loss, accuracy: last.accuracy },
    changed: last.changed,
    trace,
  };
}

/** The accuracy of always giving the same answer. */
function mostFrequent({ labels, count }: Examples): number {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return Math.max(...counts.values()) / count;
}

/** Gradients of the examples; the accuracy is theirs as well, unless there are others to evaluate. */
function passOf(
  classifier: Classifier,
  examples: Examples,
  evaluation: Examples | undefined,
  onBatch: AdvParamsOptions['onBatch'],
): ComputePass {
  const all = examples.count + (evaluation?.count ?? 0);
  return async (layers, signal) => {
    const weights = new Map(layers.map(({ name, values }) => [name, values]));
    const names = layers.map(({ name }) => name);
    const found = await classifier.gradients(examples, weights, names, {
      signal,
      onBatch: (done) => onBatch?.(done, all),
    });
    if (evaluation === undefined) return found;
    const { accuracy } = await classifier.score(evaluation, weights, {
      signal,
      onBatch: (done) => onBatch?.(examples.count + done, all),
    });
    return { ...found, accuracy };
  };
}

const changedLayers = (layers: readonly Layer[]): AdvParamsBody['layers'] =>
  layers.flatMap((layer) => {
    const { name, type, shape } = layer;
    const changes = layer.changes();
    return changes.length === 0 ? [] : [{ name, type, shape, changes }];
  });

function lockedBytes(
  weights: ReadonlyMap<string, Weight>,
  layers: readonly Layer[],
): Map<string, Uint8Array> {
  const replacements = new Map<string, Uint8Array>();
  for (const layer of layers) {
    const bytes = Uint8Array.from(weights.get(layer.name)?.bytes ?? []);
    for (const { index, locked } of layer.changes()) writeBits(bytes, index, layer.type, locked);
    replacements.set(layer.name, bytes);
  }
  return replacements;
}

/** Without a change there would be no lock, and no key. */
const nothingChanged = (reached: boolean): string =>
  reached
    ? 'the model is no better than the stop before anything is changed: there is nothing to lock. Check images, their scale and labels, or ask for a lower accuracy (stop-accuracy)'
    : `no weight can move within its bounds. ${ADVICE}`;

const ADVICE =
  'Allow more changes a layer (max-params), more layers (max-layers), a wider range (boundary-distance) or longer steps (step-size)';

const WHY: Readonly<Record<Ending, string>> = {
  accuracy: '',
  loss: '',
  'one answer': '',
  'no moves':
    'no weight can move further within its bounds, and each layer has as many changes as it may have',
  rounds: 'the rounds are used up',
  'not a number': 'the next step would make the loss infinite or no number',
};

function weakness(ending: Ending, accuracy: number, loss: number, stop: number | undefined): string {
  const wanted = stop === undefined ? 'the loss that was asked for' : `${percent(stop)}, which was asked for`;
  return (
    `the lock comes to an accuracy of ${percent(accuracy)} and a loss of ${loss.toPrecision(4)}, not to ${wanted}: ${WHY[ending]}. ` +
    `${ADVICE}, or accept a weaker lock`
  );
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
