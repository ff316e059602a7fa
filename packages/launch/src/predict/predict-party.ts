/**
 * A party of `tacit predict`. Only the model's owner opens the model, only the owner of an input opens that, and each
 * output is told to one party, which writes it. The others learn the architecture and the shapes.
 */

import { encodeNpy, writeAtomically } from '@tacit/files';
import { type ConcreteGraph, InputShapeError, type InputSlot } from '@tacit/graph';
import type { OperationStats } from '@tacit/mpc';
import { Graph } from '@tacit/nn';
import type { Plain } from '@tacit/tensor';
import { announceModel } from '../from-onnx.js';
import type { LaunchedParty } from '../launched-party.js';
import { layersBeyond, rangeWarning } from '../value-range.js';
import { type Batches, batchesOf, forwardParts, ONE_PART } from './batches.js';
import { gatherInputs, type Input } from './inputs.js';
import type {
  OperationRow,
  OwnedFile,
  PredictArguments,
  PredictNotice,
  PredictResult,
  Traffic,
} from './messages.js';
import { outputsWanted } from './outputs.js';

/** Progress notices are at least this far apart. */
const NOTICE_MS = 100;

/** What a prediction works with once the model is encrypted. */
interface Prepared {
  readonly network: Graph;
  readonly inputs: readonly Input[];
  readonly parts: Batches;
  readonly wanted: ReadonlyMap<string, OwnedFile>;
}

/** Model and inputs, at all parties. What only this needs, the numbers of the file above all, ends with it. */
async function setUp(party: LaunchedParty, task: PredictArguments): Promise<Prepared> {
  let gathered: Promise<Input[]> | undefined;
  const gather = (slots: readonly InputSlot[]): Promise<Input[]> => {
    gathered ??= gatherInputs(party, slots, task);
    return gathered;
  };
  const shapesOf = async (slots: readonly InputSlot[]) => {
    const given = await gather(slots);
    return Object.fromEntries(slots.map(({ name }, i) => [name, given[i].shape]));
  };
  const model = await announceModel(party, task.model, task.modelOwner, shapesOf, task.publicInputs);
  const inputs = await gather(model.inputs);
  inputs.forEach(({ shape }, i) => {
    const { name, shape: wanted } = model.inputs[i];
    if (shape.includes(0)) throw new InputShapeError(name, wanted, shape, 'there is nothing in this batch');
  });
  const [first] = inputs;
  const parts = inputs.length === 1 ? batchesOf(model, first.shape) : ONE_PART;
  const graph = model.forShapes(
    parts.count > 1
      ? [parts.size, ...first.shape.slice(1)]
      : Object.fromEntries(model.inputs.map(({ name }, i) => [name, inputs[i].shape])),
  );
  const wanted = outputsWanted(graph, task.outputs);
  if (task.inputRange && party.rank === task.modelOwner) {
    const beyond = layersBeyond(graph as ConcreteGraph, task.inputRange, party.context.precision.range);
    if (beyond.length > 0)
      party.notify({ phase: 'range', warning: rangeWarning(beyond, party.context.precision.range) });
  }
  const network = new Graph(graph);
  await network.encrypt(party, { src: task.modelOwner, mode: task.mode }).prepare();
  // A twin computes with the weights, too.
  if (!party.context.observer) network.forget();
  return { network, inputs, parts, wanted };
}

export async function predictParty(party: LaunchedParty, task: PredictArguments): Promise<PredictResult> {
  const notify = (notice: PredictNotice): void => {
    if (party.rank === task.dataOwner) party.notify(notice);
  };
  notify({ phase: 'setup' });
  let payload = 0;
  party.onOperation = ({ bytesSent }) => {
    payload += bytesSent;
  };
  const { network, inputs, parts, wanted } = await setUp(party, task);
  const { graph } = network;
  // Nobody is in the first inference while somebody is still in the setup.
  await settle(party);
  const setup = traffic(party, payload);
  const readyAt = Date.now();

  const files = [...wanted.values()];
  const inferenceMs: number[] = [];
  let operations: OperationRow[] = [];
  let inference = setup;
  let outputs: readonly (Plain | undefined)[] = [];
  for (let index = 0; index < task.repeat; index++) {
    operations = [];
    payload = 0;
    party.stats.reset();
    const began = performance.now();
    let lastNotice = began;
    let issued = 0;
    party.onOperation = (stats) => {
      operations.push(row(stats));
      payload += stats.bytesSent;
      const now = performance.now();
      if (now - lastNotice < NOTICE_MS) return;
      lastNotice = now;
      notify({
        phase: 'inference',
        index,
        operations: Math.max(issued, operations.length),
        done: operations.length,
      });
    };
    const xs = inputs.map(({ values, src, shape }) => party.cryptensor(values, { src, shape }));
    const all = parts.count > 1 ? forwardParts(network, xs[0], parts) : network.forwardAll(...xs);
    const ys = all.filter((_, i) => wanted.has(graph.outputs[i].name));
    const revealed = Promise.all(ys.map((y, i) => y.revealFloat64({ to: files[i].owner })));
    issued = graph.nodes.length;
    notify({ phase: 'inference', index, operations: issued, done: 0 });
    outputs = await revealed;
    inferenceMs.push(performance.now() - began);
    inference = traffic(party, payload);
    await settle(party);
    for (const tensor of [...xs, ...all]) tensor.dispose();
  }
  party.onOperation = undefined;
  outputs.forEach((plain, i) => {
    if (plain) writeAtomically(files[i].file, encodeNpy(plain.shape, Float32Array.from(plain.data)));
  });
  const [outputShape] = graph.outputs.flatMap(({ name, shape: own }) =>
    wanted.has(name) ? [parts.count > 1 ? [own[0] * parts.count, ...own.slice(1)] : own] : [],
  );
  return { outputShape, setup, readyAt, inference, inferenceMs, operations };
}

/** Waits until every party has come here. */
async function settle(party: LaunchedParty): Promise<void> {
  await Promise.all(Array.from({ length: party.worldSize }, (_, src) => party.announce(true, { src })));
}

/** Between threads, used buffers travel back to the dealer for reuse; that is not a message and is not counted. */
function traffic(party: LaunchedParty, payloadSent: number): Traffic {
  const { peers, rounds } = party.stats.snapshot();
  const dealer = peers[party.worldSize];
  return {
    rounds,
    bytesSent: peers.slice(0, party.worldSize).reduce((sum, { bytesSent }) => sum + bytesSent, 0),
    payloadSent,
    dealerBytes: dealer?.bytesReceived ?? 0,
    dealerPayload: dealer?.payloadBytesReceived ?? 0,
  };
}

const row = ({ name, shape, rounds, bytesSent, ms }: OperationStats): OperationRow => ({
  name,
  shape,
  rounds,
  bytes: bytesSent,
  ms,
});
