/**
 * A party of `tacit train`. Only the owner of a file opens it; the others learn shapes. What is revealed, and to whom, is
 * what the config says, and all parties compare their configs first.
 */
import { createHash, randomBytes } from 'node:crypto';
import { extname } from 'node:path';
import { ArgumentError } from '@tacit/errors';
import { writeWeights } from '@tacit/files';
import type { ConcreteGraph, ParameterSlot } from '@tacit/graph';
import type { OperationStats } from '@tacit/mpc';
import type { Module } from '@tacit/nn';
import { type CrypTensor, cat } from '@tacit/tensor';
import { everyOutcome, outcomeOf } from '../agreed-outcome.js';
import { announceModel } from '../from-onnx.js';
import type { LaunchedParty } from '../launched-party.js';
import { buildLoss, buildModel, buildOptimizer, buildSchedule } from './build.js';
import { Checkpoint, moveOn } from './checkpoint.js';
import type { TrainConfig } from './config.js';
import { errorAt } from './config-file.js';
import { exportOnnx } from './export-onnx.js';
import { type Layout, layoutOf } from './layout.js';
import { fit } from './loop.js';
import type { EpochRow, OperationTotal, TrainNotice, TrainResult, TrainTask } from './messages.js';
import { splitRows } from './order.js';
import { planStep } from './plan.js';
import { type OwnData, readSource, type SourceAt, sourcesOf, standardized } from './sources.js';
import { TrafficMeter } from './traffic.js';

/** Added to variances that are secret, so that columns that never change are not divided by 0. */
const LEAST_VARIANCE = 2 ** -12;

/**
 * Runs a training at this party.
 * @param party this party
 * @param task the config, the same at all parties
 * @returns what it counted, and what it was told
 * @throws TrainConfigError, ArrayFileError, FileError, PeerFileError, SharesMismatchError
 */
export async function trainParty(party: LaunchedParty, task: TrainTask): Promise<TrainResult> {
  const { config } = task;
  const began = performance.now();
  const notify = (notice: TrainNotice): void => party.notify(notice);
  notify({ phase: 'setup' });
  await compareConfigs(party, task);
  const sources = sourcesOf(task);
  const { own, shapes } = await readAll(party, task, sources);
  const seed = await party.announce(config.seed ?? randomBytes(4).readUInt32LE(), { src: 0 });
  const checkpoint =
    config.checkpoint && new Checkpoint(party, config.checkpoint.file, digestOf(kept(config)));
  const resumed = task.resume ? await checkpoint?.load() : undefined;
  const usedSeed = resumed?.seed ?? seed;
  const layout = layoutOf(task, sources, shapes);
  const graph = await graphOf(party, task, layout);
  const plan = planStep(task, layout, party.worldSize, party.engine.config, graph);
  const rows = splitRows(layout.rows, config.validation, usedSeed);
  const { inputs, targets, scaling } = await share(party, task, sources, own, shapes, layout, rows.training);

  const model = buildModel(task, graph);
  model.train();
  const initial = Array.isArray(config.model) ? config.initial : config.model.owner;
  model.encrypt(party, {
    src: initial === 'nobody' ? 'nobody' : config.parties.indexOf(initial),
    mode: 'shared',
  });
  const optimizer = buildOptimizer(task, model);
  const schedule = buildSchedule(task, optimizer);
  if (resumed) {
    model.loadState(resumed.model);
    moveOn(optimizer, resumed);
    for (let epoch = 0; epoch < resumed.epoch; epoch++) schedule?.step();
  }
  await model.prepare();
  const meter = new TrafficMeter(party);
  const setup = { ...(await meter.next()), ms: performance.now() - began };

  const operations = new Map<string, OperationTotal>();
  party.onOperation = (stats) => addTo(operations, stats);
  const epochs: EpochRow[] = [];
  await fit(party, {
    meter,
    model,
    optimizer,
    schedule,
    criterion: buildLoss(task),
    lossName: config.loss.name,
    isSum: config.loss.args.some(asksForSum),
    inputs,
    targets,
    rows,
    layout,
    seed: usedSeed,
    first: (resumed?.epoch ?? 0) + 1,
    epochs: config.epochs,
    reveal: config.reveal,
    onStep: (epoch, step) => notify({ phase: 'step', epoch, step, steps: layout.steps }),
    onEpoch: async (row) => {
      epochs.push(row);
      notify({ phase: 'epoch', epoch: row });
      const { every = 1 } = config.checkpoint ?? {};
      if (checkpoint && (row.epoch % every === 0 || row.epoch === config.epochs))
        await checkpoint.save({ epoch: row.epoch, seed: usedSeed, model, optimizer });
    },
  });
  party.onOperation = undefined;
  for (const target of config.save)
    if ('shares' in target) await party.saveShares(target.shares, { ...sharedState(model), ...scaling });
    else {
      const to = config.parties.indexOf(target.to);
      if (extname(target.file).toLowerCase() === '.onnx')
        await exportOnnx(party, model, target.file, { to, inputShape: ['batch', ...layout.example] });
      else await saveWeights(party, model, scaling, target.file, to);
    }
  return {
    layout,
    plan,
    seed: usedSeed,
    resumedAfter: resumed?.epoch ?? 0,
    setup,
    epochs,
    operations: [...operations.values()],
  };
}

/** Whether options of a loss say that it is a sum over the examples. */
const asksForSum = (options: unknown): boolean =>
  typeof options === 'object' && options !== null && 'reduction' in options && options.reduction === 'sum';

/** All parties must have been told the same. */
async function compareConfigs(party: LaunchedParty, { config, resume, places }: TrainTask): Promise<void> {
  const digests = await everyOutcome(party, Promise.resolve(`${digestOf(config)} ${resume}`));
  const other = digests.findIndex((theirs) => theirs !== digests[party.rank]);
  if (other >= 0)
    throw errorAt(
      places,
      [],
      `${config.parties[other]} has another config, or another choice of --resume: all parties take part with the same`,
    );
}

/** What of a config cannot change between a checkpoint and what goes on from it. */
const kept = ({ epochs: _, save: __, checkpoint: ___, reveal: ____, ...rest }: TrainConfig) => rest;

const digestOf = (value: unknown): string => createHash('sha256').update(canonical(value)).digest('hex');

/** JSON with keys in one order. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, part]) => `${JSON.stringify(key)}:${canonical(part)}`)
    .join()}}`;
}

/** Each owner reads its files; all learn their shapes. */
async function readAll(party: LaunchedParty, task: TrainTask, sources: readonly SourceAt[]) {
  const own = sources.map((source) => (source.owner === party.rank ? readSource(task, source) : undefined));
  const shapes = await Promise.all(
    sources.map(({ owner }, i) =>
      outcomeOf<readonly number[]>(
        party,
        owner,
        own[i]?.then(({ shape }) => shape),
      ),
    ),
  );
  return { own: await Promise.all(own), shapes };
}

/** The model of a file, for the size of a batch. */
async function graphOf(
  party: LaunchedParty,
  { config, places }: TrainTask,
  { batch, example }: Layout,
): Promise<ConcreteGraph<ParameterSlot> | undefined> {
  if (Array.isArray(config.model)) return undefined;
  const { onnx, owner } = config.model;
  const shape = [batch, ...example];
  const src = config.parties.indexOf(owner);
  const announced = await announceModel(party, onnx, src, () => shape, undefined, true);
  if (announced.inputs.length !== 1)
    throw errorAt(
      places,
      ['model', 'onnx'],
      `the model has ${announced.inputs.length} inputs, and one can be trained`,
    );
  return announced.forShapes(shape);
}

/** Features and targets as secret tensors. */
async function share(
  party: LaunchedParty,
  task: TrainTask,
  sources: readonly SourceAt[],
  own: readonly (OwnData | undefined)[],
  shapes: readonly (readonly number[])[],
  { rows, example }: Layout,
  training: Int32Array,
) {
  const { data } = task.config;
  const prepared = sources.map(({ kind, source, owner }, i) => {
    const values = own[i];
    return owner === party.rank && values && kind === 'features' && data.standardize === 'owner'
      ? async () => standardized(values, training, source)
      : async () => values;
  });
  const ready: (OwnData | undefined)[] = [];
  // Writing the scaling may fail, at its owner only.
  for (const [i, { owner, kind, source }] of sources.entries())
    if (kind === 'features' && source.scaling !== undefined) {
      const done = owner === party.rank ? prepared[i]() : undefined;
      await outcomeOf(
        party,
        owner,
        done?.then(() => true),
      );
      ready.push(await done);
    } else ready.push(await prepared[i]());
  const shared = sources.map(({ owner }, i) =>
    party.cryptensor(ready[i]?.data, { src: owner, shape: shapes[i] }),
  );
  const joined = (kind: SourceAt['kind'], axis: number): CrypTensor => {
    const parts = shared.filter((_, i) => sources[i].kind === kind);
    return parts.length === 1 ? parts[0] : cat(parts, axis);
  };
  const targets = joined('targets', 0);
  const features = joined('features', data.split === 'columns' ? 1 : 0);
  const scaling: Record<string, CrypTensor> = {};
  if (data.standardize !== 'private') return { inputs: shaped(features), targets, scaling };
  const { inputs, mean, deviation } = party.tidy(() => {
    const known = features.take([...training], 0);
    const center = known.mean(0, true);
    const variance = known.sub(center).square().mean(0, true);
    const inverse = variance.add(LEAST_VARIANCE).invSqrt();
    return {
      inputs: features.sub(center).mul(inverse),
      mean: center,
      deviation: variance.add(LEAST_VARIANCE).mul(inverse),
    };
  });
  return { inputs: shaped(inputs), targets, scaling: { 'input.mean': mean, 'input.deviation': deviation } };

  function shaped(x: CrypTensor): CrypTensor {
    return data.shape ? x.reshape([rows, ...example]) : x;
  }
}

/** Parameters and buffers of a model that is shared. */
const sharedState = (model: Module): Record<string, CrypTensor> =>
  model.stateDict() as Record<string, CrypTensor>;

/** Reveals the weights to one party, which writes them; all learn whether that worked. */
async function saveWeights(
  party: LaunchedParty,
  model: Module,
  scaling: Readonly<Record<string, CrypTensor>>,
  file: string,
  to: number,
): Promise<void> {
  const names = Object.keys(scaling);
  const more = Promise.all(names.map((name) => scaling[name].revealFloat64({ to })));
  const told = model.decrypt({ to });
  const written = Promise.all([told, more]).then(([weights, others]) => {
    if (party.rank !== to) return true;
    if (!weights) throw new ArgumentError('the weights were not told');
    const extra = names.flatMap((name, i) => {
      const value = others[i];
      return value ? [[name, value] as const] : [];
    });
    writeWeights(file, { ...weights, ...Object.fromEntries(extra) });
    return true;
  });
  await outcomeOf(party, to, written);
}

function addTo(totals: Map<string, OperationTotal>, stats: OperationStats): void {
  const { rounds, bytesSent, ms } = stats;
  // The digest of a table, behind the name of what is looked up in it, says nothing to a reader.
  const name = stats.name.replace(/\/[0-9a-f]{16,}$/, '');
  const before = totals.get(name) ?? { name, count: 0, rounds: 0, bytes: 0, ms: 0 };
  totals.set(name, {
    name,
    count: before.count + 1,
    rounds: before.rounds + rounds,
    bytes: before.bytes + bytesSent,
    ms: before.ms + ms,
  });
}
