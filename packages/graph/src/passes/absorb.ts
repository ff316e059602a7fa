/** Linear, Conv and ConvTranspose taking in a scaling of their output or of their input, in double precision. */

import type { GraphEditor } from '../graph/editor.js';
import type { GraphNode } from '../graph/graph.js';
import { at, sizeOf } from '../shape/dims.js';
import { length, type Scaling, scaleOf, shiftOf } from './scaling.js';

type Layer = Extract<GraphNode, { op: 'Linear' | 'Conv' | 'ConvTranspose' }>;

export function isLayer(node: GraphNode | undefined): node is Layer {
  return node?.op === 'Linear' || node?.op === 'Conv' || node?.op === 'ConvTranspose';
}

/** The weight as [outputs][inputs] blocks, whichever layer it belongs to. */
interface Weight {
  readonly shape: readonly number[];
  readonly data: Float64Array;
  readonly outputs: number;
  /** Output channel and input channel that element `index` connects. */
  outputOf(index: number): number;
  inputOf(index: number): number;
}

function weightOf(editor: GraphEditor, layer: Layer): Weight | undefined {
  const parameter = editor.parameters.get(layer.inputs[1] ?? '');
  if (parameter === undefined) return undefined;
  const { shape, data } = parameter;
  if (layer.op === 'Linear') {
    const outputs = at(shape, 1);
    return {
      shape,
      data,
      outputs,
      outputOf: (index) => index % outputs,
      inputOf: (index) => Math.floor(index / outputs),
    };
  }
  const [outputs, perGroup] = [at(shape, 0), at(shape, 1)];
  const taps = sizeOf(shape.slice(2));
  if (layer.op === 'ConvTranspose') {
    // Its first axis is that of the input.
    const inputsPerGroup = outputs / layer.attributes.group;
    const inputOf = (index: number) => Math.floor(index / (taps * perGroup));
    return {
      shape,
      data,
      outputs: perGroup * layer.attributes.group,
      outputOf: (index) =>
        Math.floor(inputOf(index) / inputsPerGroup) * perGroup + (Math.floor(index / taps) % perGroup),
      inputOf,
    };
  }
  const outputsPerGroup = outputs / layer.attributes.group;
  const outputOf = (index: number) => Math.floor(index / (taps * perGroup));
  return {
    shape,
    data,
    outputs,
    outputOf,
    inputOf: (index) =>
      Math.floor(outputOf(index) / outputsPerGroup) * perGroup + (Math.floor(index / taps) % perGroup),
  };
}

/** The weight, if it and the bias are known and the scaling goes along the channels of a tensor of this rank. */
function weightAlong(editor: GraphEditor, layer: Layer, scaling: Scaling, rank: number): Weight | undefined {
  const bias = layer.inputs[2];
  if (bias !== undefined && !editor.parameters.has(bias)) return undefined;
  const channelAxis = layer.op === 'Linear' ? rank - 1 : 1;
  return length(scaling) === 1 || scaling.axis === channelAxis ? weightOf(editor, layer) : undefined;
}

function rebuilt(
  editor: GraphEditor,
  layer: Layer,
  shape: readonly number[],
  weight: Float64Array,
  bias: Float64Array | undefined,
): Layer {
  const inputs = [at(layer.inputs, 0), editor.addParameter(`${layer.name}.weight`, shape, weight)];
  if (bias !== undefined) inputs.push(editor.addParameter(`${layer.name}.bias`, [bias.length], bias));
  return { ...layer, inputs };
}

/**
 * The layer followed by a scaling of its output. @param rank of that output
 * @returns undefined if the scaling does not go along the layer's output channels
 */
export function absorbAfter(
  editor: GraphEditor,
  layer: Layer,
  scaling: Scaling,
  rank: number,
): Layer | undefined {
  const weight = weightAlong(editor, layer, scaling, rank);
  if (weight === undefined) return undefined;
  const [scale, shift] = [scaleOf(scaling), shiftOf(scaling)];
  const bias = editor.parameters.get(layer.inputs[2] ?? '')?.data;
  const newBias =
    bias === undefined && scaling.shift === undefined
      ? undefined
      : Float64Array.from({ length: weight.outputs }, (_, o) => (bias?.[o] ?? 0) * scale(o) + shift(o));
  const data = weight.data.map((value, index) => value * scale(weight.outputOf(index)));
  return rebuilt(editor, layer, weight.shape, data, newBias);
}

/**
 * The layer preceded by a scaling of its input. @param rank of that input
 * @returns undefined where that is not exact: another axis, or a shift in front of zero padding
 */
export function absorbBefore(
  editor: GraphEditor,
  layer: Layer,
  scaling: Scaling,
  rank: number,
): Layer | undefined {
  const weight = weightAlong(editor, layer, scaling, rank);
  if (weight === undefined) return undefined;
  // At its border fewer elements of the input meet.
  if (scaling.shift !== undefined && layer.op === 'ConvTranspose') return undefined;
  if (scaling.shift !== undefined && layer.op === 'Conv') {
    const { pads } = layer.attributes;
    if (typeof pads === 'string' || pads.some((amount) => amount !== 0)) return undefined;
  }
  const [scale, shift] = [scaleOf(scaling), shiftOf(scaling)];
  const bias = editor.parameters.get(layer.inputs[2] ?? '')?.data;
  let newBias = bias;
  if (scaling.shift !== undefined) {
    const sums = bias === undefined ? new Float64Array(weight.outputs) : bias.slice();
    weight.data.forEach((value, index) => {
      const o = weight.outputOf(index);
      sums[o] = at(sums, o) + value * shift(weight.inputOf(index));
    });
    newBias = sums;
  }
  const data = weight.data.map((value, index) => value * scale(weight.inputOf(index)));
  return rebuilt(editor, layer, weight.shape, data, newBias);
}
