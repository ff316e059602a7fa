/** The loop over epochs and batches: forward, backward, step; losses and accuracies in private, told as the config says. */
import type { Loss, Module, optim } from '@tacit/nn';
import { type CrypTensor, noGrad } from '@tacit/tensor';
import type { LaunchedParty } from '../launched-party.js';
import type { Recipients, TrainConfig } from './config.js';
import { hits } from './hits.js';
import type { Layout } from './layout.js';
import type { EpochRow } from './messages.js';
import type { Schedule } from './names.js';
import { publicOrder, type Split } from './order.js';
import type { TrafficMeter } from './traffic.js';

export interface FitOptions {
  readonly meter: TrafficMeter;
  readonly model: Module;
  readonly optimizer: optim.Optimizer;
  readonly schedule: Schedule | undefined;
  readonly criterion: Loss;
  readonly lossName: string;
  /** Whether the loss of a batch is a sum over its examples, and not a mean. */
  readonly isSum: boolean;
  /** [rows, ...] */
  readonly inputs: CrypTensor;
  readonly targets: CrypTensor;
  readonly rows: Split;
  readonly layout: Layout;
  /** Of the public order of batches. */
  readonly seed: number;
  /** Number of the first epoch, from 1. */
  readonly first: number;
  readonly epochs: number;
  readonly reveal: TrainConfig['reveal'];
  onStep(epoch: number, step: number): void;
  onEpoch(row: EpochRow): Promise<void>;
}

/** Sums over an epoch, secret; undefined where nobody is to learn them. */
interface Sums {
  loss: CrypTensor | undefined;
  hits: CrypTensor | undefined;
}

/** Trains. All parties issue the same operations, whatever they are told. */
export async function fit(party: LaunchedParty, options: FitOptions): Promise<void> {
  const { model, optimizer, schedule, rows, layout, seed, first, epochs } = options;
  for (let epoch = first; epoch <= epochs; epoch++) {
    const began = performance.now();
    const order = publicOrder(rows.training.length, seed, `epoch ${epoch}`);
    const sums: Sums = { loss: undefined, hits: undefined };
    model.train();
    for (let step = 0; step < layout.steps; step++) {
      const batch = order.subarray(step * layout.batch, (step + 1) * layout.batch);
      const { loss } = passBatch(
        party,
        options,
        Array.from(batch, (i) => rows.training[i]),
        sums,
      );
      loss.backward();
      loss.dispose();
      optimizer.step();
      model.zeroGrad();
      // The next step needs these masks anyway: not more than one step is underway.
      await model.prepare();
      options.onStep(epoch, step + 1);
    }
    schedule?.step();
    const trained = Math.min(layout.steps * layout.batch, layout.training);
    const told = tellBoth(options, sums, trained);
    const held = rows.validation.length > 0 ? validate(party, options) : undefined;
    const [loss, accuracy] = await told;
    const [validationLoss, validationAccuracy] = (await held) ?? [];
    const counted = await options.meter.next();
    const ms = performance.now() - began;
    await options.onEpoch({
      epoch,
      ...(loss === undefined ? {} : { loss }),
      ...(accuracy === undefined ? {} : { accuracy }),
      ...(validationLoss === undefined ? {} : { validationLoss }),
      ...(validationAccuracy === undefined ? {} : { validationAccuracy }),
      ms,
      traffic: counted,
    });
  }
}

/** Loss and hits of the rows that are held back, batch by batch. */
async function validate(party: LaunchedParty, options: FitOptions): Promise<Told> {
  const { model, rows, layout, reveal } = options;
  if (reveal.loss.length === 0 && reveal.accuracy.length === 0) return [undefined, undefined];
  const sums: Sums = { loss: undefined, hits: undefined };
  model.eval();
  for (let start = 0; start < rows.validation.length; start += layout.batch) {
    const batch = [...rows.validation.subarray(start, start + layout.batch)];
    noGrad(() => passBatch(party, options, batch, sums)).loss.dispose();
  }
  return tellBoth(options, sums, rows.validation.length);
}

/** The loss of a batch, which is added to the sums. */
function passBatch(
  party: LaunchedParty,
  { model, criterion, lossName, isSum, inputs, targets, layout, reveal }: FitOptions,
  batch: readonly number[],
  sums: Sums,
): { readonly loss: CrypTensor } {
  const made = party.tidy(() => {
    // A graph takes batches of its size only: others are filled up with a row that does not count.
    const fill = isFixed(model) ? layout.batch - batch.length : 0;
    const x = inputs.take([...batch, ...new Array(fill).fill(batch[0])], 0);
    const y = targets.take([...batch], 0);
    const all = model.forward(x);
    const output = fill > 0 ? all.slice([0], [batch.length]) : all;
    const loss = criterion.forward(output, y);
    const weight = isSum ? 1 : batch.length;
    const kept: Record<string, CrypTensor> = { loss };
    if (reveal.loss.length > 0) kept.losses = added(sums.loss, loss.detach().mul(weight));
    if (reveal.accuracy.length > 0) kept.hits = added(sums.hits, hits(lossName, output, y));
    return kept;
  });
  for (const [name, value] of [['loss', made.losses] as const, ['hits', made.hits] as const])
    if (value) {
      sums[name]?.dispose();
      sums[name] = value;
    }
  return { loss: made.loss };
}

const isFixed = (model: Module): boolean => 'graph' in model;

const added = (sum: CrypTensor | undefined, value: CrypTensor): CrypTensor =>
  noGrad(() => sum?.add(value) ?? value.clone());

type Told = [loss: number | undefined, accuracy: number | undefined];

/** Tells the means over some rows to whoever is to learn them. */
async function tellBoth({ reveal }: FitOptions, sums: Sums, count: number): Promise<Told> {
  const told = Promise.all([tell(sums.loss, reveal.loss), tell(sums.hits, reveal.accuracy)]);
  sums.loss?.dispose();
  sums.hits?.dispose();
  const [loss, right] = await told;
  return [
    loss === undefined ? undefined : loss / count,
    right === undefined ? undefined : Math.round(right) / count,
  ];
}

async function tell(value: CrypTensor | undefined, to: Recipients): Promise<number | undefined> {
  if (!value) return undefined;
  if (to === 'all') return value.item();
  const told = await Promise.all(to.map((rank) => value.item({ to: rank })));
  return told.find((number) => number !== undefined);
}
