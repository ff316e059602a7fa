/**
 * A model that its file fixes to a batch size, on a larger batch: it runs once for each part. The parts do not depend on
 * each other, so they share their rounds.
 */
import type { Graph } from '@tacit/nn';
import { type CrypTensor, cat } from '@tacit/tensor';
import type { AnnouncedModel } from '../from-onnx.js';

export interface Batches {
  /** Examples of a part. */
  readonly size: number;
  readonly count: number;
}

/** All of it at once. */
export const ONE_PART: Batches = { size: 0, count: 1 };

/** How an input of that shape is cut; one part where the model takes it as it is, or would refuse its parts, too. */
export function batchesOf({ inputs }: Pick<AnnouncedModel, 'inputs'>, shape: readonly number[]): Batches {
  const whole = { size: shape[0], count: 1 };
  const declared = inputs.length === 1 ? inputs[0].shape : [];
  const [size] = declared;
  if (typeof size !== 'number' || size < 1 || declared.length !== shape.length) return whole;
  const count = shape[0] / size;
  const others = declared.slice(1).every((d, i) => typeof d === 'string' || d === shape[i + 1]);
  return Number.isInteger(count) && count > 1 && others ? { size, count } : whole;
}

/** All outputs of the network on x, part by part. */
export function forwardParts(network: Graph, x: CrypTensor, { size, count }: Batches): CrypTensor[] {
  const made = Array.from({ length: count }, (_, i) => {
    const part = x.slice([i * size], [(i + 1) * size]);
    const outputs = network.forwardAll(part);
    part.dispose();
    return outputs;
  });
  return made[0].map((_, output) => {
    const parts = made.map((outputs) => outputs[output]);
    const joined = cat(parts, 0);
    for (const part of parts) part.dispose();
    return joined;
  });
}
