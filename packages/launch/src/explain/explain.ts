/** What a model costs in private, without running it: rounds and bytes exactly, time and memory as estimates. */
import { availableParallelism } from 'node:os';
import type { ConcreteGraph } from '@tacit/graph';
import { defaultConfig, type OperationCost, type ProtocolConfig } from '@tacit/mpc';
import { costOf, type EncryptionMode } from '@tacit/nn';
import { sizeOf } from '@tacit/ring';
import { LaunchOptionsError } from '../errors.js';
import { forwardParts } from '../predict/batches.js';
import { measureRates } from './measure-rates.js';
import { memoryOf } from './memory.js';
import { type ShapeOptions, shapedModel } from './model.js';
import { ratesFor, Work } from './rates.js';
import type { ExplainedOperation, ExplainReport, TimeEstimate } from './report.js';
import { type Timeline, timeline } from './timeline.js';

/** Who takes part, what they compute, and over which network. */
export interface ExplainOptions extends ShapeOptions {
  /** Default 2. */
  readonly parties?: number;
  /** How weights are protected. Default 'owned'. */
  readonly mode?: EncryptionMode;
  /** Rank of who has the model. Default 0. */
  readonly modelOwner?: number;
  /** Rank of who has the inputs and learns the outputs. Default 1. */
  readonly dataOwner?: number;
  /** Outputs that are revealed, by name, with the rank of who learns them. Default: the first, to the data's owner. */
  readonly outputs?: Readonly<Record<string, number | undefined>>;
  readonly config?: Partial<ProtocolConfig>;
  /** Between any two members, both ways. Default 0. */
  readonly roundTripMs?: number;
  /** Of each direction between two members. Default: as much as wanted. */
  readonly bytesPerSecond?: number;
  /** Multiplications a second of a core; default: this machine is measured. */
  readonly speed?: number;
  /** Whether all members share this machine, or one with so many processors. Default: each has a machine of its own. */
  readonly sharedCores?: number | boolean;
}

/**
 * What an inference costs, without running it.
 * @param model path of an ONNX file
 * @param options who takes part, shapes of inputs, the network
 * @returns rounds and bytes, which are exact, and estimates of time and memory
 * @throws LaunchOptionsError where a rank, a shape or an output does not fit
 * @throws FileError, OnnxFormatError, UnsupportedModelError, UnsupportedOperationError
 * @example
 * const { rounds, time } = await explain('model.onnx', { batch: 32, roundTripMs: 40, bytesPerSecond: 12.5e6 });
 */
export async function explain(model: string, options: ExplainOptions = {}): Promise<ExplainReport> {
  const { parties = 2, mode = 'owned', modelOwner = 0, dataOwner = 1 } = options;
  if (!Number.isInteger(parties) || parties < 2 || parties > 64)
    throw new LaunchOptionsError(`a computation has 2 to 64 parties, not ${parties}`);
  const { graph, inputs: shaped, parts } = await shapedModel(model, options);
  const inputs = shaped.map(({ name, shape, owner = dataOwner }) => ({ name, shape, owner }));
  const wanted = outputsOf(graph, options.outputs, dataOwner);
  checkRanks(parties, [
    ['the model', modelOwner],
    ['the data', dataOwner],
    ...inputs.map(({ name, owner }) => [`the input ${name}`, owner] as const),
    ...Object.entries(wanted).map(([name, to]) => [`the output ${name}`, to] as const),
  ]);
  const config = { ...defaultConfig, ...options.config };
  const cost = await costOf(graph, {
    parties,
    mode,
    config,
    modelOwner,
    inputOwners: inputs.map(({ owner }) => owner),
    inputShapes: inputs.map(({ shape }) => shape),
    outputOwners: wanted,
    forward: (network, xs) =>
      parts.count > 1 ? forwardParts(network, xs[0], parts) : network.forwardAll(...xs),
  });
  const { roundTripMs = 0, bytesPerSecond, speed } = options;
  const rates = speed === undefined ? await measureRates() : ratesFor(speed);
  const sharedCores =
    options.sharedCores === true ? availableParallelism() : options.sharedCores || undefined;
  const places = {
    cores: sharedCores ?? parties + 1,
    delayMs: roundTripMs / 2,
    bytesPerMs: bytesPerSecond === undefined ? Number.POSITIVE_INFINITY : bytesPerSecond / 1000,
  };
  const run = { parties, chunk: config.chunk, work: new Work(rates), places };
  const inference = timeline(cost.operations, cost.setup.length, run);
  return {
    model,
    parties,
    mode,
    modelOwner,
    inputs,
    outputs: graph.outputs.flatMap(({ name, shape }) => {
      const to = wanted[name];
      const whole = parts.count > 1 ? [shape[0] * parts.count, ...shape.slice(1)] : shape;
      return to === undefined ? [] : [{ name, shape: whole, to }];
    }),
    runs: parts.count,
    parameters: [...graph.parameters.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    rounds: cost.rounds,
    bytesSent: bytesByRank(cost.operations, parties),
    dealerBytes: cost.dealerBytes,
    tapeBytes: cost.dealerBytes,
    setup: {
      rounds: Math.max(0, ...cost.setup.map(({ rounds }) => rounds)),
      bytesSent: bytesByRank(cost.setup, parties),
      ms: timeline(cost.setup, 0, run).ms,
    },
    operations: byNode(graph, cost.operations, cost.setup.length, inference, parties),
    memory: memoryOf(graph, cost.setup, cost.operations, { parties, modelOwner }),
    network: { roundTripMs, bytesPerSecond, sharedCores },
    computation: { source: speed === undefined ? 'measured' : 'stated', rates },
    time: timeOf(
      inference,
      timeline(cost.operations, cost.setup.length, { ...run, ...noWork(places.delayMs) }).ms,
    ),
  };
}

/** Outputs and who learns them. */
function outputsOf(
  { outputs }: ConcreteGraph,
  given: ExplainOptions['outputs'],
  dataOwner: number,
): Record<string, number> {
  const names = outputs.map(({ name }) => name);
  if (given === undefined || Object.keys(given).length === 0) return { [names[0]]: dataOwner };
  for (const name of Object.keys(given))
    if (!names.includes(name))
      throw new LaunchOptionsError(`the model has no output '${name}'; it has ${names.join(', ')}`);
  return Object.fromEntries(Object.entries(given).map(([name, to = dataOwner]) => [name, to]));
}

function checkRanks(parties: number, ranks: readonly (readonly [what: string, rank: number])[]): void {
  for (const [what, rank] of ranks)
    if (!Number.isInteger(rank) || rank < 0 || rank >= parties)
      throw new LaunchOptionsError(
        `the owner of ${what} must be a rank from 0 to ${parties - 1}, not ${rank}; --parties says how many there are`,
      );
}

const bytesByRank = (costs: readonly OperationCost[], parties: number): number[] =>
  Array.from({ length: parties }, (_, rank) => costs.reduce((sum, { sent }) => sum + sent[rank], 0));

/** What each node of the graph takes; rounds and time where it makes the longest chain longer. */
function byNode(
  graph: ConcreteGraph,
  costs: readonly OperationCost[],
  first: number,
  { ends }: Timeline,
  parties: number,
): ExplainedOperation[] {
  const depths: number[] = [];
  const rows = new Map<string, { costs: OperationCost[]; depth: number; end: number }>();
  costs.forEach((cost, i) => {
    const before = cost.inputs.map((input) => (input < first ? 0 : depths[input - first]));
    depths.push(Math.max(0, ...before) + cost.rounds);
    const key = cost.place;
    const row = rows.get(key) ?? { costs: [], depth: 0, end: 0 };
    row.costs.push(cost);
    row.depth = Math.max(row.depth, depths[i]);
    row.end = Math.max(row.end, ends[i]);
    rows.set(key, row);
  });
  const order = (key: string): number =>
    key === 'inputs' ? -1 : key === 'outputs' ? graph.nodes.length : Number(key);
  let [depth, end] = [0, 0];
  return [...rows]
    .sort(([a], [b]) => order(a) - order(b))
    .map(([key, row]) => {
      const node = graph.nodes[Number(key)];
      const made = {
        name: node?.outputs[0] ?? key,
        op: node?.op ?? (key === 'outputs' ? 'reveal' : 'input'),
        shape: (node && graph.shapes.get(node.outputs[0])) ?? row.costs[0].shape,
        protocols: row.costs.map(({ kind }) => kind),
        rounds: Math.max(0, row.depth - depth),
        bytesSent: bytesByRank(row.costs, parties),
        dealerBytes: row.costs.reduce((sum, { dealerBytes }) => sum + dealerBytes, 0),
        ms: Math.max(0, row.end - end),
      };
      depth = Math.max(depth, row.depth);
      end = Math.max(end, row.end);
      return made;
    });
}

/** Machines that compute and send in no time. */
const noWork = (delayMs: number) => ({
  work: new Work({ multiplications: Number.POSITIVE_INFINITY, wordNs: 0, messageMs: 0 }),
  places: { cores: Number.POSITIVE_INFINITY, delayMs, bytesPerMs: Number.POSITIVE_INFINITY },
});

function timeOf({ ms, busy, carried }: Timeline, waitingMs: number): TimeEstimate {
  const lines = carried.flatMap((row, from) => row.map((time, to) => ({ from, to, ms: time })));
  const busiest = lines.reduce((most, line) => (line.ms > most.ms ? line : most));
  return {
    ms,
    waitingMs,
    computingMs: busy,
    ...(busiest.ms > 0 ? { busiestLine: busiest } : {}),
  };
}
