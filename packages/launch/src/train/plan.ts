/** What one step of a training takes, by layer, without running it; and whether the config fits together at all. */
import { extname } from 'node:path';
import { TacitError } from '@tacit/errors';
import { type ConcreteGraph, type ParameterSlot, sizeOf } from '@tacit/graph';
import { costEngine, type ProtocolConfig } from '@tacit/mpc';
import { CostTrace, countingRing, type TracedModule } from '@tacit/nn';
import { noGrad, Party } from '@tacit/tensor';
import { buildLoss, buildModel, buildOptimizer, buildSchedule, type Checked, OptionWatch } from './build.js';
import { errorAt } from './config-file.js';
import type { TrainConfigError } from './errors.js';
import { tryOnnx } from './export-onnx.js';
import { hits } from './hits.js';
import type { Layout } from './layout.js';

/** A part of a step: a layer's forward pass, the loss, the backward pass, the optimiser. */
export interface PlanPart {
  /** The place of a layer, or what it is. */
  readonly name: string;
  /** Class of a layer. */
  readonly type: string;
  readonly outputShape: readonly number[];
  readonly parameters: number;
  /** What it adds to the longest chain of messages. */
  readonly rounds: number;
  /** Payload bytes of all parties. */
  readonly bytes: number;
  readonly dealerBytes: number;
}

/** What one step takes. */
export interface StepPlan {
  readonly parts: readonly PlanPart[];
  readonly parameters: number;
  readonly trained: number;
  /** What the model makes of a batch. */
  readonly outputShape: readonly number[];
  readonly rounds: number;
  readonly bytes: number;
  readonly dealerBytes: number;
}

/**
 * Runs a step on an engine that only counts.
 * @param checked the config
 * @param layout shapes
 * @param parties how many there are
 * @param protocol their settings
 * @param graph of the ONNX file, if the model is one
 * @returns what the step takes
 * @throws TrainConfigError where a layer does not fit its input, the target the loss, or an option is unknown
 */
export function planStep(
  checked: Checked,
  layout: Layout,
  parties: number,
  protocol: ProtocolConfig,
  graph?: ConcreteGraph<ParameterSlot>,
): StepPlan {
  const engine = costEngine(countingRing, parties, protocol);
  const { session } = engine;
  const party = new Party(engine);
  const watch = new OptionWatch();
  const model = buildModel(checked, graph, watch);
  const loss = buildLoss(checked, watch);
  const { config, places } = checked;
  model.train();
  const src = config.initial === 'nobody' ? 'nobody' : config.parties.indexOf(config.initial);
  model.encrypt(party, { src: graph ? 0 : src, mode: 'shared' });
  if (![...model.parameters()].some(({ requiresGrad }) => requiresGrad))
    throw errorAt(places, ['model'], 'the model has no weights that can be trained');
  const optimizer = buildOptimizer(checked, model, watch);
  buildSchedule(checked, optimizer, watch);
  const { batch, example, target } = layout;
  const x = party.cryptensor(undefined, { src: 0, shape: [batch, ...example] });
  const y = party.cryptensor(undefined, { src: 1, shape: [batch, ...target] });
  for (const parameter of model.multiplied()) parameter.masked.catch(() => {}); // never comes
  const trace = new CostTrace(session);
  const start = session.issued;
  const atLayer = (error: unknown) => layerError(checked, trace, error);
  const output = attempt(atLayer, () => trace.modules(model, () => model.forward(x)));
  const outputShape = output.shape;
  const value = attempt(
    (error) =>
      errorAt(
        places,
        ['loss'],
        `the loss of an output [${outputShape.join(', ')}] and targets [${y.shape.join(', ')}]: ${error.message}`,
      ),
    () => trace.part('loss', () => loss.forward(output, y)),
  );
  if (config.reveal.accuracy.length > 0)
    attempt(
      (error) => errorAt(places, ['reveal', 'accuracy'], error.message),
      () => trace.part('accuracy', () => hits(config.loss.name, output, y)),
    );
  attempt(
    (error) => errorAt(places, ['model'], `the backward pass: ${error.message}`),
    () => trace.part('backward pass', () => value.backward()),
  );
  attempt(
    (error) => errorAt(places, ['optimizer'], error.message),
    () => trace.part('optimiser', () => optimizer.step()),
  );
  const operations = session.operations.slice(start);
  const { rounds } = session;
  const last = layout.training - (layout.steps - 1) * batch;
  if (last < batch) {
    const few = party.cryptensor(undefined, { src: 0, shape: [last, ...example] });
    attempt(
      (error) => {
        const rows = `${last} of ${batch} rows`;
        return errorAt(
          places,
          ['batchSize'],
          `the last batch has ${rows}; leave it out by 'dropLast: true': ${error.message}`,
        );
      },
      () => model.forward(few),
    );
  }
  for (const [i, save] of config.save.entries())
    if (!('shares' in save) && extname(save.file).toLowerCase() === '.onnx')
      attempt(
        (error) => errorAt(places, ['save', i, 'file'], error.message),
        () => tryOnnx(model, ['batch', ...example]),
      );
  // Options that only inference looks at.
  model.eval();
  noGrad(() => attempt(atLayer, () => model.forward(x)));
  const unread = watch.unread();
  if (unread) throw errorAt(places, unread.path, `there is no option '${unread.name}'`);
  const counted = new Set<TracedModule>();
  const parts = trace.parts.flatMap((part): PlanPart[] => {
    const { module, name, shape } = part;
    const numbers = module && !counted.has(module) ? ownNumbers(module) : 0;
    if (module) counted.add(module);
    if (name === '' && Array.isArray(config.model) && part.bytes === 0 && part.rounds === 0) return [];
    return [
      {
        name: name === '' ? 'model' : name,
        type: module?.constructor.name ?? '',
        outputShape: shape ?? [],
        parameters: numbers,
        rounds: part.rounds,
        bytes: part.bytes,
        dealerBytes: part.dealerBytes,
      },
    ];
  });
  const numbersOf = (only: (trained: boolean) => boolean) =>
    [...model.parameters(), ...model.buffers()]
      .filter(({ requiresGrad }) => only(requiresGrad))
      .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return {
    parts,
    parameters: numbersOf(() => true),
    trained: numbersOf((trained) => trained),
    outputShape,
    rounds,
    bytes: operations.reduce((sum, { bytes }) => sum + bytes, 0),
    dealerBytes: operations.reduce((sum, { dealerBytes }) => sum + dealerBytes, 0),
  };
}

/** Numbers of a module without those of modules inside of it. */
function ownNumbers(module: TracedModule): number {
  let numbers = 0;
  for (const [, member] of module.members() as Iterable<[string, { shape?: readonly number[] }]>)
    if (member.shape) numbers += sizeOf(member.shape);
  return numbers;
}

function attempt<T>(complaint: (error: Error) => Error, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof TacitError && error.code !== 'TRAIN_CONFIG') throw complaint(error);
    throw error;
  }
}

/** The layer that was computing, and what it was given. */
function layerError({ config, places }: Checked, trace: CostTrace, error: unknown): TrainConfigError {
  const { message } = error as Error;
  const { name } = trace.parts.at(-1) ?? { name: '' };
  const index = Number(name.split('.')[0]);
  if (!Array.isArray(config.model) || name === '' || !config.model[index])
    return errorAt(places, ['model'], message);
  const { name: type } = config.model[index];
  const before = trace.parts.filter(({ shape }) => shape !== undefined).at(-1)?.shape;
  const input = before ? ` on an input [${before.join(', ')}]` : '';
  return errorAt(places, ['model', index, type], `layer ${index} (${type})${input}: ${message}`);
}
