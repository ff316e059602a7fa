/** Clients of models that are served in this process: in the clear, and by two parties and a dealer. */
import { type ConcreteGraph, evaluatePlain, type PlainTensor, specialize } from '@tacit/graph';
import { Graph, withWeightScales } from '@tacit/nn';
import { buildGraph, parseOnnx } from '@tacit/onnx';
import { simulate } from '@tacit/testing/tensors';
import type { Connect, ModelInfo, PrivateModel, SlotInfo, TensorLike } from '../../src/index.js';
import { readModelFile } from '../../src/stub/model-file.js';
import { slotsOf } from '../../src/stub/read-stub.js';
import { dataOf, numbersIn } from '../../src/tensors/element-types.js';

type Values = Readonly<Record<string, PlainTensor>>;
type Compute = (graph: ConcreteGraph, inputs: Values) => Promise<Values>;

/** What a client saw. */
export interface Served {
  readonly connect: Connect;
  /** Invites that were asked for, and inputs of runs as they came. */
  readonly invites: string[];
  readonly runs: Readonly<Record<string, TensorLike>>[];
  readonly closed: string[];
}

export const infoOf = (model: Uint8Array, name = 'served'): ModelInfo => {
  const { inputs, outputs } = readModelFile(model);
  const slots = (list: typeof inputs) => slotsOf(list).map((slot) => ({ ...slot, shape: slot.shape ?? [] }));
  return { name, inputs: slots(inputs), outputs: slots(outputs) as SlotInfo[], learns: [] };
};

const clear: Compute = async (graph, inputs) => evaluatePlain(graph, inputs);

/** Rank 0 has the inputs and learns the outputs, rank 1 has the weights. */
const secret: Compute = async (graph, inputs) => {
  const { results } = await simulate({ parties: 2 }, async (party) => {
    const own = withWeightScales(graph, party.context.precision);
    const known = Array.from(
      own.parameters,
      ([name, { shape, scales }]) => [name, { shape, scales }] as const,
    );
    const network = new Graph(party.rank === 1 ? own : { ...own, parameters: new Map(known) });
    await network.encrypt(party, { src: 1 }).prepare();
    const xs = graph.inputs.map(({ name, shape }) =>
      party.cryptensor(party.rank === 0 ? inputs[name].data : undefined, { src: 0, shape }),
    );
    return Promise.all(network.forwardAll(...xs).map((y) => y.revealFloat64({ to: 0 })));
  });
  return Object.fromEntries(
    graph.outputs.map(({ name, shape }, i) => [name, results[0][i] ?? { shape, data: new Float64Array() }]),
  );
};

/**
 * Serves models by their invites.
 * @param models files by invite
 * @param how whether they are computed in the clear or among two parties
 */
export function serve(
  models: Readonly<Record<string, Uint8Array>>,
  how: 'clear' | 'private' = 'clear',
): Served {
  const [invites, runs, closed]: [string[], Served['runs'], string[]] = [[], [], []];
  const connect: Connect = async (invite, { signal } = {}) => {
    signal?.throwIfAborted();
    invites.push(invite);
    const file = models[invite];
    if (!file) throw new Error(`nobody serves ${invite}`);
    const parsed = parseOnnx(file);
    const info = infoOf(file);
    let rounds = 0;
    const model: PrivateModel = {
      info,
      get stats() {
        return { rounds };
      },
      run: async (feeds, options) => {
        options?.onProgress?.('begins');
        runs.push(feeds);
        const inputs = Object.fromEntries(
          Object.entries(feeds).map(([name, { type, dims, data }]) => [
            name,
            { shape: dims, data: numbersIn(type, data) },
          ]),
        );
        const shapes = Object.fromEntries(Object.entries(inputs).map(([key, { shape }]) => [key, shape]));
        // What is computed from sizes is constant once they are known.
        const graph = specialize(buildGraph(parsed, { inputShapes: shapes }), shapes);
        const made = await (how === 'clear' ? clear : secret)(graph, inputs);
        rounds++;
        return Object.fromEntries(
          info.outputs.map(({ name }) => {
            const { shape, data } = made[name];
            return [name, { type: 'float32', dims: shape, data: dataOf('float32', data) }];
          }),
        );
      },
      close: async () => {
        closed.push(invite);
      },
    };
    return model;
  };
  return { connect, invites, runs, closed };
}
