/**
 * A party of `tacit predict`. Only the model's owner opens the model, only the data's owner opens the input and learns
 * the output, which it writes. The others learn the architecture and the shapes.
 */

import { encodeNpy, npyNumbers, parseNpy, readWhole, writeAtomically } from '@tacit/files';
import { type ConcreteGraph, InputShapeError } from '@tacit/graph';
import type { OperationStats } from '@tacit/mpc';
import { Graph } from '@tacit/nn';
import { EncodeRangeError } from '@tacit/ring';
import type { Plain } from '@tacit/tensor';
import { InputDtypeError, LaunchOptionsError } from '../errors.js';
import { announceModel } from '../from-onnx.js';
import type { LaunchedParty } from '../launched-party.js';
import { layersBeyond, rangeWarning } from '../value-range.js';
import { batchesOf, forwardParts } from './batches.js';
import type { OperationRow, PredictArguments, PredictNotice, PredictResult, Traffic } from './messages.js';
import { outputsWanted } from './outputs.js';

/** Progress notices are at least this far apart. */
const NOTICE_MS = 100;

interface Input {
  readonly shape: readonly number[];
  readonly values: Float64Array | undefined;
}

export async function predictParty(party: LaunchedParty, task: PredictArguments): Promise<PredictResult> {
  const src = task.dataOwner;
  const dataOwner = party.rank === src;
  const notify = (notice: PredictNotice): void => {
    if (dataOwner) party.notify(notice);
  };
  notify({ phase: 'setup' });
  const [model, input] = await Promise.all([
    announceModel(party, task.model, task.modelOwner),
    dataOwner ? readInput(task, party.engine.config.fractionBits) : undefined,
  ]);
  const shape = await party.announce<readonly number[]>(input?.shape, { src });
  const parts = batchesOf(model, shape);
  if (shape.includes(0) && model.inputs.length === 1)
    throw new InputShapeError(
      model.inputs[0].name,
      model.inputs[0].shape,
      shape,
      'there is nothing in this batch',
    );
  const graph = model.forShapes(parts.count > 1 ? [parts.size, ...shape.slice(1)] : shape);
  const wanted = outputsWanted(graph, task);
  if (task.inputRange && party.rank === task.modelOwner) {
    const beyond = layersBeyond(graph as ConcreteGraph, task.inputRange, party.context.precision.range);
    if (beyond.length > 0)
      party.notify({ phase: 'range', warning: rangeWarning(beyond, party.context.precision.range) });
  }
  const network = new Graph(graph);
  await network.encrypt(party, { src: task.modelOwner, mode: task.mode }).prepare();
  // Nobody is in the first inference while somebody is still in the setup.
  await settle(party);
  const setup = traffic(party);
  const readyAt = Date.now();

  const inferenceMs: number[] = [];
  let operations: OperationRow[] = [];
  let inference = setup;
  let outputs: readonly (Plain | undefined)[] = [];
  for (let index = 0; index < task.repeat; index++) {
    operations = [];
    party.stats.reset();
    const began = performance.now();
    let lastNotice = began;
    let issued = 0;
    party.onOperation = (stats) => {
      operations.push(row(stats));
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
    const x = party.cryptensor(input?.values, { src, shape });
    const ys = forwardParts(network, x, parts).filter((_, i) => wanted.has(graph.outputs[i].name));
    const revealed = Promise.all(ys.map((y) => y.revealFloat64({ to: src })));
    issued = graph.nodes.length;
    notify({ phase: 'inference', index, operations: issued, done: 0 });
    outputs = await revealed;
    inferenceMs.push(performance.now() - began);
    inference = traffic(party);
    await settle(party);
    x.dispose();
    for (const y of ys) y.dispose();
  }
  party.onOperation = undefined;
  const files = [...wanted.values()];
  outputs.forEach((plain, i) => {
    if (plain) writeAtomically(files[i], encodeNpy(plain.shape, Float32Array.from(plain.data)));
  });
  const [outputShape] = graph.outputs.flatMap(({ name, shape: own }) =>
    wanted.has(name) ? [parts.count > 1 ? [own[0] * parts.count, ...own.slice(1)] : own] : [],
  );
  return { outputShape, setup, readyAt, inference, inferenceMs, operations };
}

/**
 * Inputs must be below 2^20 in magnitude. More can be encoded, but the sums of a layer must stay below 2^30 (2^29 where
 * weights are shared), which no party can check in private: that leaves weights and sums a factor of 500 to 1,000.
 */
const INPUT_BITS = 20;

/** Reads the input at its owner. */
async function readInput(
  { input: path, inputRange }: PredictArguments,
  fractionBits: number,
): Promise<Input> {
  const array = parseNpy(await readWhole(path));
  if (array.dtype !== 'float32' && array.dtype !== 'float64') throw new InputDtypeError(path, array.dtype);
  const values = npyNumbers(array);
  const index = values.findIndex((v) => !(Math.abs(v) < 2 ** INPUT_BITS));
  if (index >= 0) throw new EncodeRangeError(index, values[index], fractionBits, INPUT_BITS);
  if (inputRange) {
    const outside = values.findIndex((v) => v < inputRange[0] || v > inputRange[1]);
    if (outside >= 0)
      throw new LaunchOptionsError(
        `${path} has ${values[outside]} at index ${outside}, outside of the stated range ${inputRange.join(' to ')}`,
      );
  }
  return { shape: array.shape, values };
}

/** Waits until every party has come here. */
async function settle(party: LaunchedParty): Promise<void> {
  await Promise.all(Array.from({ length: party.worldSize }, (_, src) => party.announce(true, { src })));
}

/** Between threads, used buffers travel back to the dealer for reuse; that is not a message and is not counted. */
function traffic(party: LaunchedParty): Traffic {
  const { peers, rounds } = party.stats.snapshot();
  return {
    rounds,
    bytesSent: peers.slice(0, party.worldSize).reduce((sum, { bytesSent }) => sum + bytesSent, 0),
    dealerBytes: peers[party.worldSize]?.bytesReceived ?? 0,
  };
}

const row = ({ name, shape, rounds, bytesSent, ms }: OperationStats): OperationRow => ({
  name,
  shape,
  rounds,
  bytes: bytesSent,
  ms,
});
