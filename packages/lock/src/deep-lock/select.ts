/**
 * Which initializers Deep-Lock changes: numbers that a model learnt. Shapes, indices, scales and the like stay, so that a
 * locked file can still be opened and its shapes inferred by any tool.
 */
import { nodesOf } from '../weights/layout.js';
import type { Weight } from '../weights/read.js';
import { formatOf } from './formats.js';

/** Types of weights, of floating point or quantised. Integers of 32 and 64 bits are mostly shapes and indices. */
const LEARNT = /^(float|double|bfloat|complex|u?int[248]$)/;

/** Inputs that say how an operator works, by their numbers: scales, zero points, sizes, ratios. */
const SETTINGS: Readonly<Record<string, readonly number[]>> = {
  Resize: [1, 2, 3],
  Upsample: [1],
  Dropout: [1, 2],
  QuantizeLinear: [1, 2],
  DequantizeLinear: [1, 2],
  QLinearConv: [1, 2, 4, 5, 6, 7],
  QLinearMatMul: [1, 2, 4, 5, 6, 7],
  ConvInteger: [2, 3],
  MatMulInteger: [2, 3],
};

/** Inputs that are weights although they are wider integers: biases of quantised layers. */
const WIDE: Readonly<Record<string, readonly number[]>> = { QLinearConv: [8], DequantizeLinear: [0] };

/** What is locked and what is left. */
export interface Selection {
  readonly chosen: readonly Weight[];
  /** Names of what might be learnt and stays open: weights, and constants of more than a few bytes inside of the program. */
  readonly leftOpen: readonly string[];
}

/** A Constant node of more than this holds more than a number or a shape. */
const LARGE_CONSTANT = 256;

/**
 * Chooses the weights to lock.
 * @param file the bytes of an ONNX file
 * @param weights all of its weights
 * @param quantised only what is, or can be, codes of 8 bits: floating point of two and more axes, and integers; vectors,
 * such as biases and the statistics of normalisations, lose too much by quantising and stay open
 * @returns what is locked and what is left
 */
export function selectWeights(file: Uint8Array, weights: readonly Weight[], quantised: boolean): Selection {
  const nodes = nodesOf(file);
  const used = (table: Readonly<Record<string, readonly number[]>>): Set<string> =>
    new Set(
      nodes.flatMap(({ op, inputs }) =>
        Object.hasOwn(table, op) ? table[op].flatMap((i) => inputs[i] ?? []) : [],
      ),
    );
  const settings = used(SETTINGS);
  const wide = used(WIDE);
  const learnt = weights.filter(
    ({ name, type }) =>
      !settings.has(name) && (LEARNT.test(type) || (wide.has(name) && /^u?int(16|32)$/.test(type))),
  );
  const chosen = learnt.filter(({ type, shape }) => !quantised || fitsQuantised(type, shape));
  const left = new Set(learnt);
  for (const weight of chosen) left.delete(weight);
  const constants = nodes.filter(({ op, size }) => op === 'Constant' && size > LARGE_CONSTANT);
  return {
    chosen,
    leftOpen: [...[...left].map(({ name }) => name), ...constants.map(({ outputs }) => outputs[0] ?? '')],
  };
}

const fitsQuantised = (type: string, shape: readonly number[]): boolean =>
  formatOf(type) ? shape.length >= 2 : /^u?int[248]$/.test(type);
