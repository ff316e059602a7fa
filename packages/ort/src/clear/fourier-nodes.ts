/** DFT and STFT of ONNX, for graphs of one such node; transformers.js makes them for audio. */
import { normalizeAxis, type PlainTensor, plainTensor } from '@tacit/graph';
import type { OnnxGraph, OnnxNode } from '@tacit/onnx';
import { ClearGraphError } from '../errors.js';
import { type Complex, transform } from './fourier.js';

const OPERATORS = ['DFT', 'STFT'];

/**
 * Whether this is what a graph computes.
 * @param graph a graph of ONNX
 * @returns true for one node, DFT or STFT
 */
export const isFourier = ({ nodes }: OnnxGraph): boolean =>
  nodes.length === 1 && nodes[0].domain === '' && OPERATORS.includes(nodes[0].opType);

/**
 * Computes such a graph.
 * @param graph one for which `isFourier` holds
 * @param given values of the inputs, by name
 * @returns the output, by name
 * @throws ClearGraphError where inputs do not fit the operator
 */
export function computeFourier(
  graph: OnnxGraph,
  given: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float64Array }>>,
): Record<string, PlainTensor> {
  const [node] = graph.nodes;
  const values = node.inputs.map((name) => given[name] ?? graph.initializers.get(name));
  const result = node.opType === 'DFT' ? dft(node, values) : stft(node, values);
  return { [node.outputs[0]]: result };
}

type Values = readonly (PlainTensor | undefined)[];

const fail = (node: OnnxNode, what: string): never => {
  throw new ClearGraphError(`${node.opType}: ${what}`);
};

function flag(node: OnnxNode, name: string, standard: number): number {
  const attribute = node.attributes.get(name);
  return attribute?.type === 'int' ? attribute.value : standard;
}

function scalar(node: OnnxNode, value: PlainTensor | undefined, name: string): number | undefined {
  if (value === undefined) return undefined;
  if (value.data.length !== 1 || !Number.isSafeInteger(value.data[0]))
    fail(node, `${name} is not one whole number`);
  return value.data[0];
}

/** Input, length, axis: [..., n, ..., 1 or 2], transformed along the axis; real numbers have a last axis of one. */
function dft(node: OnnxNode, [x, length, axisInput]: Values): PlainTensor {
  if (!x || x.shape.length < 2) return fail(node, 'the input has fewer than two axes');
  const { shape } = x;
  const parts = shape[shape.length - 1];
  const inverse = flag(node, 'inverse', 0) !== 0;
  const onesided = flag(node, 'onesided', 0) !== 0;
  // Operator set 17 has the axis as an attribute, 1 where none is given; later ones as an input, the last but one.
  const chosen = scalar(node, axisInput, 'axis') ?? flag(node, 'axis', node.attributes.has('axis') ? 1 : -2);
  const axis = normalizeAxis(chosen, shape.length);
  if ((parts !== 1 && parts !== 2) || axis === shape.length - 1)
    fail(node, `the input is [${shape.join(', ')}]`);
  if (onesided && inverse) fail(node, 'an inverse of one side');
  if (onesided && parts !== 1) fail(node, 'one side of complex numbers');
  const given = shape[axis];
  const n = scalar(node, length, 'dft_length') ?? given;
  if (n < 1) fail(node, `dft_length is ${n}`);
  const kept = onesided ? Math.floor(n / 2) + 1 : n;
  const outer = shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const inner = shape.slice(axis + 1, -1).reduce((a, b) => a * b, 1);
  const out = new Float64Array(outer * kept * inner * 2);
  for (let i = 0; i < outer; i++)
    for (let j = 0; j < inner; j++) {
      const line = { re: new Float64Array(n), im: new Float64Array(n) };
      for (let k = 0; k < Math.min(n, given); k++) {
        const at = ((i * given + k) * inner + j) * parts;
        line.re[k] = x.data[at];
        if (parts === 2) line.im[k] = x.data[at + 1];
      }
      const made = transform(line, inverse);
      for (let k = 0; k < kept; k++) put(out, (i * kept + k) * inner + j, made, k);
    }
  return plainTensor([...shape.slice(0, axis), kept, ...shape.slice(axis + 1, -1), 2], out);
}

function put(out: Float64Array, to: number, { re, im }: Complex, from: number): void {
  out[2 * to] = re[from];
  out[2 * to + 1] = im[from];
}

/** Signal [batch, n] or [batch, n, 1 or 2], step, window, length of a frame: [batch, frames, bins, 2]. */
function stft(node: OnnxNode, [signal, stepInput, window, lengthInput]: Values): PlainTensor {
  if (!signal || signal.shape.length < 2 || signal.shape.length > 3)
    return fail(node, 'the signal has neither two nor three axes');
  const [batch, n, parts = 1] = signal.shape;
  const step = scalar(node, stepInput, 'frame_step') ?? fail(node, 'there is no frame_step');
  const length =
    scalar(node, lengthInput, 'frame_length') ?? window?.data.length ?? fail(node, 'no frame_length');
  if (step < 1 || length < 1 || length > n) fail(node, `frames of ${length}, every ${step}, of ${n}`);
  if (window && window.data.length > length)
    fail(node, `a window of ${window.data.length} for frames of ${length}`);
  const onesided = flag(node, 'onesided', 1) !== 0;
  if ((parts !== 1 && parts !== 2) || (onesided && parts !== 1)) fail(node, `numbers of ${parts} parts`);
  const frames = Math.floor((n - length) / step) + 1;
  const bins = onesided ? Math.floor(length / 2) + 1 : length;
  const out = new Float64Array(batch * frames * bins * 2);
  for (let b = 0; b < batch; b++)
    for (let f = 0; f < frames; f++) {
      const frame = { re: new Float64Array(length), im: new Float64Array(length) };
      for (let k = 0; k < length; k++) {
        const at = (b * n + f * step + k) * parts;
        const weight = window ? (window.data[k] ?? 0) : 1;
        frame.re[k] = signal.data[at] * weight;
        if (parts === 2) frame.im[k] = signal.data[at + 1] * weight;
      }
      const made = transform(frame);
      for (let k = 0; k < bins; k++) put(out, (b * frames + f) * bins + k, made, k);
    }
  return plainTensor([batch, frames, bins, 2], out);
}
