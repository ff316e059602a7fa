/** What a network costs, from its graph alone: the private backend on an engine that runs nothing and adds up. */
import { type ConcreteGraph, numbersOf, type ParameterSlot } from '@tacit/graph';
import { costEngine, defaultConfig, type OperationCost, type ProtocolConfig } from '@tacit/mpc';
import { Ring } from '@tacit/ring';
import { Party } from '@tacit/tensor';
import { Graph } from './graph.js';
import type { EncryptionMode } from './parameter.js';
import { withWeightScales } from './weight-scales.js';

export interface CostOptions {
  /** Computing parties. Default 2. */
  readonly parties?: number;
  /** How the weights are protected. Default 'owned'. */
  readonly mode?: EncryptionMode;
  /** Settings that the parties would have. */
  readonly config?: ProtocolConfig;
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
  /** What each operation of the protocols takes of it, in the order of the program. */
  readonly operations: readonly OperationCost[];
}

const hasWeights = (graph: ConcreteGraph<ParameterSlot>): graph is ConcreteGraph =>
  [...graph.parameters.values()].every((slot) => numbersOf(slot) !== undefined);

/** Ranks of whom the model and the input belong to: who it is does not matter for the sum. */
const MODEL_OWNER = 0;
const DATA_OWNER = 1;

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
  { parties = 2, mode = 'owned', config = defaultConfig }: CostOptions = {},
): Promise<GraphCost> {
  ring ??= Ring.load();
  const engine = costEngine(await ring, parties, config);
  const { session } = engine;
  const party = new Party(engine);
  const scaled = hasWeights(graph) ? withWeightScales(graph, party.context.precision) : graph;
  const network = new Graph(scaled).encrypt(party, { src: MODEL_OWNER, mode }).eval();
  network.prepare(); // issues the masks of weights; they never come
  const setup = session.operations.length;
  const inputs = graph.inputs.map(({ shape }) => party.cryptensor(undefined, { src: DATA_OWNER, shape }));
  for (const y of network.forwardAll(...inputs)) y.revealFloat64({ to: DATA_OWNER });
  const sum = (of: readonly OperationCost[], field: 'bytes' | 'dealerBytes') =>
    of.reduce((total, cost) => total + cost[field], 0);
  const [before, operations] = [session.operations.slice(0, setup), session.operations.slice(setup)];
  return {
    rounds: session.rounds,
    bytes: sum(operations, 'bytes'),
    dealerBytes: sum(operations, 'dealerBytes'),
    setupBytes: sum(before, 'bytes'),
    operations,
  };
}
