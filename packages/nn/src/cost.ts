/** What a network costs, from its graph alone: the private backend on an engine that runs nothing and adds up. */
import { ArgumentError } from '@tacit/errors';
import { type ConcreteGraph, numbersOf, type ParameterSlot } from '@tacit/graph';
import {
  type CostSession,
  costEngine,
  defaultConfig,
  type OperationCost,
  type ProtocolConfig,
  type TapePlan,
} from '@tacit/mpc';
import { Ring } from '@tacit/ring';
import { type CrypTensor, Party } from '@tacit/tensor';
import { Graph } from './graph.js';
import { nodeOfProduct } from './node-of-product.js';
import type { EncryptionMode } from './parameter.js';
import { withWeightScales } from './weight-scales.js';

export interface CostOptions {
  /** Computing parties. Default 2. */
  readonly parties?: number;
  /** How the weights are protected. Default 'owned'. */
  readonly mode?: EncryptionMode;
  /** Settings that the parties would have. */
  readonly config?: ProtocolConfig;
  /** Rank of the owner of the weights. Default 0. */
  readonly modelOwner?: number;
  /** Ranks of the owners of the inputs, in their order. Default 1 for all. */
  readonly inputOwners?: readonly number[];
  /** Rank of whom an output is revealed to, by its name; others stay secret. Default: all to the owner of the first input. */
  readonly outputOwners?: Readonly<Record<string, number>>;
  /** Shapes that the inputs have, in their order, where `forward` does not give them to the network as they are. */
  readonly inputShapes?: readonly (readonly number[])[];
  /** How the network is applied to the inputs. Default: `forwardAll`. */
  readonly forward?: (network: Graph, inputs: readonly CrypTensor[]) => readonly CrypTensor[];
}

/** What an inference costs. Bytes are payload: messages have keys of some ten bytes beside it. */
export interface GraphCost {
  /** Rounds from the input to the revealed outputs. */
  readonly rounds: number;
  /** Bytes that all parties send, together. */
  readonly bytes: number;
  /** Bytes that the dealer sends. */
  readonly dealerBytes: number;
  /** Bytes that are sent once for a model, before the first inference. */
  readonly setupBytes: number;
  /**
   * What each operation of the protocols takes of it, in the order of the program. `place` is the index of the node of the
   * graph that it belongs to, 'inputs' or 'outputs' for what comes before and after all nodes.
   */
  readonly operations: readonly OperationCost[];
  /** The same of what is sent once for a model. `inputs` of all operations count from here: these come first. */
  readonly setup: readonly OperationCost[];
}

const hasWeights = (graph: ConcreteGraph<ParameterSlot>): graph is ConcreteGraph =>
  [...graph.parameters.values()].every((slot) => numbersOf(slot) !== undefined);

/** Public numbers are encoded by it and nothing is computed, so that one serves all. */
let ring: Promise<Ring> | undefined;

/**
 * The cost of a graph, without running it: shapes and settings decide it.
 * @param graph with or without weights
 * @param options parties, mode, settings
 * @returns rounds and bytes of one inference whose outputs are revealed to the owner of the input
 * @throws UnsupportedOperationError for an operation that cannot be computed in private
 * @example const { rounds, bytes } = await costOf(specialize(buildGraph(parseOnnx(file)), {}));
 */
export async function costOf(
  graph: ConcreteGraph<ParameterSlot>,
  {
    parties = 2,
    mode = 'owned',
    config = defaultConfig,
    modelOwner = 0,
    inputOwners = graph.inputs.map(() => 1),
    outputOwners,
    inputShapes = graph.inputs.map(({ shape }) => shape),
    forward = (network, inputs) => network.forwardAll(...inputs),
  }: CostOptions = {},
): Promise<GraphCost> {
  ring ??= Ring.load();
  for (const rank of [modelOwner, ...inputOwners, ...Object.values(outputOwners ?? {})])
    if (!Number.isInteger(rank) || rank < 0 || rank >= parties)
      throw new ArgumentError(`there is no party ${rank} among ${parties}`);
  const engine = costEngine(await ring, parties, config);
  const { session } = engine;
  const party = new Party(engine);
  const scaled = hasWeights(graph) ? withWeightScales(graph, party.context.precision) : graph;
  const network = new Graph(scaled).encrypt(party, { src: modelOwner, mode }).eval();
  network.prepare(); // issues the masks of weights; they never come
  const setup = session.issued;
  session.place = 'inputs';
  const inputs = inputShapes.map((shape, i) => party.cryptensor(undefined, { src: inputOwners[i], shape }));
  const places = new Map(scaled.nodes.map((node, index) => [node, `${index}`]));
  party.context.backend.node = (node, _, compute) => {
    session.place = places.get(node) ?? session.place;
    return compute();
  };
  const outputs = forward(network, inputs);
  session.place = 'outputs';
  outputs.forEach((y, i) => {
    const to = outputOwners ? outputOwners[graph.outputs[i].name] : inputOwners[0];
    if (to !== undefined) y.revealFloat64({ to });
  });
  const sum = (of: readonly OperationCost[], field: 'bytes' | 'dealerBytes') =>
    of.reduce((total, cost) => total + cost[field], 0);
  const operations = session.operations
    .slice(setup)
    .map((cost) => ({ ...cost, place: nodeOfProduct(scaled, cost) }));
  const before = session.operations.slice(0, setup);
  return {
    rounds: session.rounds,
    bytes: sum(operations, 'bytes'),
    dealerBytes: sum(operations, 'dealerBytes'),
    setupBytes: sum(before, 'bytes'),
    operations,
    setup: before,
  };
}

/** Whose the model and the data are, and how often it runs. */
export interface PlanOptions extends CostOptions {
  /** Rank of the party that has the weights. Default 0. */
  readonly modelOwner?: number;
  /** Rank of the party that has the inputs and learns the outputs. Default 1. */
  readonly dataOwner?: number;
  /** Inferences of one session. Default 1. */
  readonly inferences?: number;
  /** Names of the outputs that are revealed. Default all. */
  readonly outputs?: readonly string[];
}

/**
 * What has to be dealt for a session that encrypts a model and runs it: the plan of its tapes. It is that of a program
 * which makes the network (`fromOnnx`, or `tacit predict`), encrypts and prepares it, and for each inference makes the
 * inputs by `cryptensor`, calls the network and reveals the outputs, in this order and nothing else.
 * @param graph with its weights, whose scales are part of the plan
 * @param options parties, mode, settings, owners, and how often
 * @returns the plan; shapes, settings and scales are in it, and no weight
 * @throws UnsupportedOperationError for an operation that cannot be computed in private
 * @example const plan = await planOf(specialize(buildGraph(parseOnnx(file)), {}), { inferences: 10 });
 */
export async function planOf(
  graph: ConcreteGraph<ParameterSlot>,
  options: PlanOptions = {},
): Promise<TapePlan> {
  const { parties = 2, config = defaultConfig } = options;
  const { session } = await dryRun(graph, options);
  return { parties, config, operations: session.dealt };
}

/** Issues what a session with a network issues, on an engine that runs nothing. */
async function dryRun(
  graph: ConcreteGraph<ParameterSlot>,
  {
    parties = 2,
    mode = 'owned',
    config = defaultConfig,
    modelOwner = 0,
    dataOwner = 1,
    inferences = 1,
    outputs,
  }: PlanOptions,
): Promise<{ readonly session: CostSession; readonly setup: number }> {
  ring ??= Ring.load();
  const engine = costEngine(await ring, parties, config);
  const { session } = engine;
  const party = new Party(engine);
  const scaled = hasWeights(graph) ? withWeightScales(graph, party.context.precision) : graph;
  const network = new Graph(scaled).encrypt(party, { src: modelOwner, mode }).eval();
  network.prepare(); // issues the masks of weights; they never come
  const setup = session.operations.length;
  for (let i = 0; i < inferences; i++) {
    const inputs = graph.inputs.map(({ shape }) => party.cryptensor(undefined, { src: dataOwner, shape }));
    network.forwardAll(...inputs).forEach((y, output) => {
      if (outputs?.includes(graph.outputs[output].name) ?? true) y.revealFloat64({ to: dataOwner });
    });
  }
  return { session, setup };
}
