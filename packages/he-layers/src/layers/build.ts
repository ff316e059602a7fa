/** From an ONNX file to the list of its encoded layers. */

import {
  type Attributes,
  type Backend,
  broadcastTo,
  type ConcreteGraph,
  type ConcreteNode,
  type ConcreteOpName,
  evaluateGraph,
  evaluateNode,
  gatherStrided,
  type PlainTensor,
} from '@tacit/graph';
import { concreteGraph, HeModelError, layerName, networkFromGraph, singleEnds } from '@tacit/he/network';
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
 * @param onnx the ONNX file
 * @param options re-encryptions, the shape of the input, approximations
 * @returns the layers
 * @throws HeModelError (HE_MODEL) for what is no chain of affine layers and polynomials; HeLayerError (HE_LAYER) for
 *   positions that are none
 */
export function buildEncodedNetwork(onnx: Uint8Array, options: BuildOptions = {}): EncodedNetwork {
  return encodedNetworkOf(concreteGraph(onnx, options.inputShape), options);
}

/**
 * The same for a graph with known shapes.
 * @param graph a network with one input, of a batch of 1, and one output
 * @param options re-encryptions, the shape of the input, approximations
 * @returns the layers
 * @throws HeModelError, HeLayerError as `buildEncodedNetwork`
 */
export function encodedNetworkOf(graph: ConcreteGraph, options: BuildOptions = {}): EncodedNetwork {
  const { input, output } = singleEnds(graph);
  if (input.shape[0] !== 1)
    throw new HeModelError(`Layers are built for a batch of 1, not for [${input.shape.join(', ')}].`);
  const parameters = new Map<string, Value>(graph.parameters);
  const start: Chain = { shape: input.shape, layers: [] };
  const { [output.name]: value } = evaluateGraph(
    graph,
    chainBackend(graph, options),
    { [input.name]: start },
    parameters,
  );
  if (isKnown(value)) throw new HeModelError(`The output ${output.name} is not computed from the input.`);
  return new EncodedNetwork(withReencryptions(value.layers, options), input.shape);
}

/** A value that depends on the input: the layers that lead to it. */
interface Chain {
  readonly shape: readonly number[];
  readonly layers: readonly EncodedLayer[];
}
type Value = Chain | PlainTensor;
const isKnown = (x: Value): x is PlainTensor => 'data' in x;

/** Every node that depends on the input is a layer more: of a class of its own, or its matrix or polynomial. */
function chainBackend(graph: ConcreteGraph, options: BuildOptions): Backend<Value> {
  return {
    name: 'as an encoded layer',
    kernels: {},
    shapeOf: ({ shape }) => shape,
    constant: (x) => x,
    node(node, inputs) {
      const [x, ...others] = new Set(inputs.filter((value): value is Chain => !isKnown(value)));
      if (x === undefined) return evaluateNode(node, inputs.filter(isKnown));
      if (others.length > 0)
        throw new HeModelError(
          `Layer ${layerName(node)} joins two values: encoded layers are a chain without branches ` +
            '(tacit he compile takes branches between activations).',
        );
      const shape = graph.shapes.get(node.outputs[0]) ?? [];
      const weights = inputs.slice(1).filter(isKnown);
      const make = layerOf[node.op] as ((site: Site<ConcreteOpName>) => EncodedLayer | undefined) | undefined;
      const site = {
        attributes: node.attributes as Attributes<ConcreteOpName>,
        weights,
        shape,
        name: layerName(node),
      };
      const own = weights.length === inputs.length - 1 && !isKnown(inputs[0]) ? make?.(site) : undefined;
      const made = own ? [own] : generalLayers(node, x.shape, graph, options);
      return { shape, layers: [...x.layers, ...made] };
    },
  };
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

/** What a node of the graph says of its layer. */
interface Site<N extends ConcreteOpName> {
  readonly attributes: Attributes<N>;
  /** The inputs after the first. */
  readonly weights: readonly PlainTensor[];
  /** Shape of the result. */
  readonly shape: readonly number[];
  readonly name: string;
}

const reshape = ({ shape, name }: Site<ConcreteOpName>) => new Reshape(shape, { name });

/** Operations that have a class of their own, and what they make of a node; undefined where the class has no room for it. */
const layerOf: { readonly [N in ConcreteOpName]?: (site: Site<N>) => EncodedLayer | undefined } = {
  Conv({ attributes, weights: [weight, bias], name }) {
    const { strides: stride, pads: padding, dilations: dilation, group: groups } = attributes;
    const conv = { weight, bias: bias?.data, stride, padding, dilation, groups, name };
    return weight.shape.length === 3 ? new EncodedConv1d(conv) : new EncodedConv2d(conv);
  },
  Linear: ({ weights: [weight, bias], name }) =>
    new EncodedLinear({
      weight: transposed(weight),
      bias: bias && broadcastTo(bias, [weight.shape[1]]).data,
      name,
    }),
  AveragePool({ attributes, name }) {
    const { strides: stride, pads: padding, dilations, ...others } = attributes;
    if (dilations.some((size) => size !== 1)) return undefined;
    const pool = { ...others, stride, padding, name };
    return pool.kernel.length === 1 ? new EncodedAvgPool1d(pool) : new EncodedAvgPool2d(pool);
  },
  Affine: ({ attributes: { axis }, weights: [scale, shift], name }) =>
    new EncodedBatchNorm({ scale: scale.data, shift: shift.data, axis, name }),
  Pad: ({ attributes, name }) => new Pad({ ...attributes, name }),
  Flatten: ({ attributes, name }) => new Flatten({ ...attributes, name }),
  Reshape: reshape,
  Squeeze: reshape,
  Unsqueeze: reshape,
};

/** What has no class of its own: its matrices and polynomials. */
function generalLayers(
  node: ConcreteNode,
  input: readonly number[],
  graph: ConcreteGraph,
  { approximations }: BuildOptions,
): EncodedLayer[] {
  const name = layerName(node);
  const source = node.inputs.find((value) => !graph.parameters.has(value)) ?? '';
  const output = graph.shapes.get(node.outputs[0]) ?? [];
  const ends = {
    inputs: [{ name: source, shape: input }],
    outputs: [{ name: node.outputs[0], shape: output }],
  };
  const { stages } = networkFromGraph({ ...graph, ...ends, nodes: [node] }, { approximations });
  let shape = input;
  return stages.flatMap((stage): EncodedLayer[] => {
    const shapes = { input: shape, output: stage.shape };
    shape = stage.shape;
    if (stage.kind === 'affine')
      // Nothing was done where no layer is named: before and after an activation.
      return stage.layers.length === 0 ? [] : [new EncodedAffine({ ...stage, name, kind: node.op }, shapes)];
    const { coefficients } = stage;
    return [coefficients.join() === '0,0,1' ? new Square({ name }) : new Polynomial({ coefficients, name })];
  });
}

const transposed = ({ shape: [inputs, outputs], data }: PlainTensor): PlainTensor =>
  gatherStrided(data, [outputs, inputs], [1, outputs]);
