/** From an ONNX file to the list of its encoded layers. */

import { concreteGraph, HeModelError, networkFromGraph, SparseMatrix } from '@tacit/he/network';
import type { ConcreteGraph, ConcreteNode, PlainTensor } from '@tacit/onnx';
import { Polynomial, Square } from './activations.js';
import { EncodedBatchNorm } from './batch-norm.js';
import { EncodedConv1d, EncodedConv2d } from './conv.js';
import { HeLayerError } from './errors.js';
import { EncodedAffine, type EncodedLayer } from './layer.js';
import { EncodedLinear } from './linear.js';
import { Flatten, Pad, Reshape } from './moves.js';
import { EncodedNetwork, type NetworkLayer } from './network.js';
import { EncodedAvgPool1d, EncodedAvgPool2d } from './pool.js';
import { Reencrypt, type ReencryptionPeer } from './reencrypt.js';

export interface BuildOptions {
  /**
   * Re-encrypt before these layers, counted from 0 in the network without re-encryptions: PyCrCNN's
   * `rencrypt_positions`. 0 would re-encrypt the input.
   */
  readonly reencryptAt?: readonly number[];
  /** Who re-encrypts. Required where `reencryptAt` names a layer. */
  readonly peer?: ReencryptionPeer;
  /** See `ReencryptOptions`. */
  readonly leakActivations?: boolean;
  readonly statisticalBits?: number;
  /** Shape of the input with a batch of 1, where the file leaves sizes open. */
  readonly inputShape?: readonly number[];
  /** Polynomials, by layer name, for activations that are none. Coefficients in ascending order. */
  readonly approximations?: ReadonlyMap<string, readonly number[]>;
}

/**
 * The network as encoded layers, in the order of the file and with its names. Layers without a class of their own
 * (means, transposes, constants) become `EncodedAffine`. The reader of the file folds batch normalisations and constant
 * factors into the convolution or linear layer beside them, and pads into what follows; where there is none, they are
 * layers of their own. The folded layers keep the name of the convolution or linear layer.
 *
 * @throws HeModelError (HE_MODEL) for what is no chain of affine layers and polynomials; HeLayerError (HE_LAYER) for
 *   positions that are none
 */
export function buildEncodedNetwork(onnx: Uint8Array, options: BuildOptions = {}): EncodedNetwork {
  return encodedNetworkOf(concreteGraph(onnx, options.inputShape), options);
}

/** The same for a graph with known shapes. */
export function encodedNetworkOf(graph: ConcreteGraph, options: BuildOptions = {}): EncodedNetwork {
  const [input] = graph.inputs;
  const [output] = graph.outputs;
  if (input === undefined || output === undefined || graph.inputs.length !== 1 || graph.outputs.length !== 1)
    throw new HeModelError(
      `The network has ${graph.inputs.length} inputs and ${graph.outputs.length} outputs; one of each is supported.`,
    );
  if (input.shape[0] !== 1)
    throw new HeModelError(`Layers are built for a batch of 1, not for [${input.shape.join(', ')}].`);
  const layers: EncodedLayer[] = [];
  let value = input.name;
  for (const node of graph.nodes) {
    const source = node.inputs.filter((name) => !graph.parameters.has(name));
    if (source.some((name) => name !== value))
      throw new HeModelError(
        `Layer ${nameOf(node)} does not follow the layer before it: encoded layers are a chain without branches ` +
          '(tacit he compile takes branches between activations).',
      );
    layers.push(layerOf(node, graph, options));
    value = node.outputs[0];
  }
  if (value !== output.name)
    throw new HeModelError(`The output ${output.name} is not that of the last layer.`);
  return new EncodedNetwork(withReencryptions(layers, options), input.shape);
}

function withReencryptions(layers: readonly EncodedLayer[], options: BuildOptions): NetworkLayer[] {
  const positions = new Set(options.reencryptAt ?? []);
  for (const position of positions)
    if (!Number.isInteger(position) || position < 0 || position >= layers.length)
      throw new HeLayerError(
        `Re-encryption is asked for before layer ${position}; the layers are 0 to ${layers.length - 1}.`,
      );
  return layers.flatMap((layer, i): NetworkLayer[] => {
    if (!positions.has(i)) return [layer];
    const { peer, leakActivations, statisticalBits } = options;
    if (peer === undefined) throw new HeLayerError('Re-encryption needs somebody who holds the key (peer).');
    return [
      new Reencrypt({ peer, leakActivations, statisticalBits, name: `reencrypt before ${layer.name}` }),
      layer,
    ];
  });
}

const nameOf = (node: ConcreteNode): string => (node.name === '' ? node.op : node.name);

function layerOf(node: ConcreteNode, graph: ConcreteGraph, options: BuildOptions): EncodedLayer {
  const name = nameOf(node);
  const parameter = (index: number) => graph.parameters.get(node.inputs[index] ?? '');
  const weight = parameter(1);
  switch (node.op) {
    case 'Conv': {
      if (weight === undefined) break;
      const { strides: stride, pads: padding, dilations: dilation, group: groups } = node.attributes;
      const conv = { weight, bias: parameter(2)?.data, stride, padding, dilation, groups, name };
      return weight.shape.length === 3 ? new EncodedConv1d(conv) : new EncodedConv2d(conv);
    }
    case 'Linear':
      if (weight === undefined || weight.shape.length !== 2) break;
      return new EncodedLinear({ weight: transposed(weight), bias: spread(parameter(2), weight), name });
    case 'AveragePool': {
      const {
        kernel,
        strides: stride,
        pads: padding,
        dilations,
        ceilMode,
        countIncludePad,
      } = node.attributes;
      if (dilations.some((size) => size !== 1)) break;
      const pool = { kernel, stride, padding, ceilMode, countIncludePad, name };
      return kernel.length === 1 ? new EncodedAvgPool1d(pool) : new EncodedAvgPool2d(pool);
    }
    case 'Affine': {
      const shift = parameter(2);
      if (weight === undefined || shift === undefined) break;
      return new EncodedBatchNorm({
        scale: weight.data,
        shift: shift.data,
        axis: node.attributes.axis,
        name,
      });
    }
    case 'Pad':
      return new Pad({ ...node.attributes, name });
    case 'Flatten':
      return new Flatten({ axis: node.attributes.axis, name });
    case 'Reshape':
    case 'Squeeze':
    case 'Unsqueeze':
      return new Reshape(shapeOf(graph, node.outputs[0]), { name });
  }
  return generalLayer(node, graph, options);
}

/** What has no class of its own: its matrix, or its polynomial. */
function generalLayer(node: ConcreteNode, graph: ConcreteGraph, options: BuildOptions): EncodedLayer {
  const name = nameOf(node);
  const source = node.inputs.find((input) => !graph.parameters.has(input)) ?? '';
  const [input, output] = [shapeOf(graph, source), shapeOf(graph, node.outputs[0])];
  const { stages } = networkFromGraph(
    {
      ...graph,
      nodes: [node],
      inputs: [{ name: source, shape: input }],
      outputs: [{ name: node.outputs[0], shape: output }],
    },
    { approximations: options.approximations },
  );
  const polynomial = stages.find((stage) => stage.kind === 'polynomial');
  if (polynomial?.kind === 'polynomial') {
    const { coefficients } = polynomial;
    if (coefficients.length === 3 && coefficients.join() === '0,0,1') return new Square({ name });
    if (coefficients.slice(2).some((c) => c !== 0)) return new Polynomial({ coefficients, name });
    const size = input.reduce((a, b) => a * b, 1);
    const [shift = 0, factor = 0] = coefficients;
    return new EncodedAffine(
      { matrix: SparseMatrix.identity(size).scaled(factor), bias: new Float64Array(size).fill(shift), name },
      { input, output },
    );
  }
  const [stage] = stages;
  if (stage?.kind !== 'affine') throw new HeModelError(`Layer ${name} is no affine map and no polynomial.`);
  return new EncodedAffine(
    { matrix: stage.matrix, bias: stage.bias, name, kind: node.op },
    { input, output },
  );
}

function shapeOf(graph: ConcreteGraph, value: string | undefined): readonly number[] {
  const shape = graph.shapes.get(value ?? '');
  if (shape === undefined) throw new HeModelError(`The value ${value} has no known shape.`);
  return shape;
}

function transposed({ shape: [inputs, outputs], data }: PlainTensor): PlainTensor {
  const turned = new Float64Array(data.length);
  for (let i = 0; i < inputs; i++)
    for (let o = 0; o < outputs; o++) turned[o * inputs + i] = data[i * outputs + o];
  return { shape: [outputs, inputs], data: turned };
}

/** A bias may be one number for all outputs. */
function spread(bias: PlainTensor | undefined, weight: PlainTensor): Float64Array | undefined {
  const outputs = weight.shape[1];
  return bias?.data.length === 1 ? new Float64Array(outputs).fill(bias.data[0]) : bias?.data;
}
