/**
 * A concrete graph as a network of modules on secret tensors: what turns a model file into private inference.
 *
 * The owner builds it from its graph with weights, the others from the architecture; both issue the same operations.
 */
import {
  Affine,
  Conv,
  Elementwise,
  Graph,
  type GraphStep,
  Lambda,
  Linear,
  type Module,
  Parameter,
} from '@tacit/nn';
import { type CrypTensor, cat } from '@tacit/tensor';
import type { ConcreteGraph, ConcreteNode, ParameterSlot } from './graph.js';

/** The network that a concrete graph describes. One output. */
export function buildNetwork(graph: ConcreteGraph<ParameterSlot>): Graph {
  const parameters = new Map<string, Parameter>();
  for (const [name, { shape, data }] of graph.parameters)
    parameters.set(name, new Parameter(name, shape, data));
  const steps: GraphStep[] = graph.nodes.map((node) => ({
    name: node.name,
    module: moduleFor(node, parameters, graph),
    inputs: node.inputs.filter((name) => !parameters.has(name)),
    output: node.outputs[0],
  }));
  return new Graph(
    graph.inputs.map((i) => i.name),
    graph.outputs[0].name,
    steps,
  );
}

const unary = (apply: (x: CrypTensor) => CrypTensor): Module => new Lambda((x) => apply(x));

function moduleFor(
  node: ConcreteNode,
  parameters: ReadonlyMap<string, Parameter>,
  graph: ConcreteGraph<ParameterSlot>,
): Module {
  const parameter = (index: number): Parameter | undefined =>
    node.inputs[index] === undefined ? undefined : parameters.get(node.inputs[index]);
  const required = (index: number): Parameter => {
    const p = parameter(index);
    if (!p) throw new Error(`${node.op} '${node.name}' needs a parameter as input ${index}`);
    return p;
  };
  const outputShape = graph.shapes.get(node.outputs[0]) ?? [];
  const inputShape = graph.shapes.get(node.inputs[0]) ?? [];
  switch (node.op) {
    case 'Linear':
      return new Linear(required(1), parameter(2));
    case 'Conv': {
      const { strides, dilations, pads, group } = node.attributes;
      return new Conv(required(1), parameter(2), { strides, dilations, pads, groups: group });
    }
    case 'Affine':
      return new Affine(required(1), required(2), node.attributes.axis);
    case 'MatMul':
      return new Lambda((x, y) => x.matmul(y));
    case 'Add':
    case 'Sub':
    case 'Mul':
      return new Elementwise(node.op.toLowerCase() as 'add' | 'sub' | 'mul', parameter(0), parameter(1));
    case 'Neg':
      return unary((x) => x.neg());
    case 'Relu':
      return unary((x) => x.relu());
    case 'Tanh':
      return unary((x) => x.tanh());
    case 'Sigmoid':
      return unary((x) => x.sigmoid());
    case 'Square':
      return unary((x) => x.square());
    case 'Pow': {
      const { exponent } = node.attributes;
      return unary((x) => x.pow(exponent));
    }
    case 'Clip': {
      const { min, max } = node.attributes;
      return unary((x) => x.clip(min ?? undefined, max ?? undefined));
    }
    case 'AveragePool': {
      const { kernel, strides, dilations, pads, countIncludePad } = node.attributes;
      return flat(inputShape, outputShape, (x) =>
        x.avgPool2d({
          ...window2d(kernel, strides, dilations, pads),
          countIncludePad,
          outputSize: size2d(outputShape),
        }),
      );
    }
    case 'MaxPool': {
      const { kernel, strides, dilations, pads } = node.attributes;
      return flat(inputShape, outputShape, (x) =>
        x.maxPool2d({ ...window2d(kernel, strides, dilations, pads), outputSize: size2d(outputShape) }),
      );
    }
    case 'GlobalAveragePool':
      return unary((x) =>
        x.mean(
          inputShape.slice(2).map((_, i) => i + 2),
          true,
        ),
      );
    case 'Pad': {
      const { pads, value } = node.attributes;
      return unary((x) => cropAndPad(x, pads, value));
    }
    case 'Flatten':
    case 'Reshape':
    case 'Identity':
      return unary((x) => x.reshape(outputShape));
    case 'Transpose': {
      const { perm } = node.attributes;
      return unary((x) => x.transpose(perm));
    }
    case 'Concat': {
      const { axis } = node.attributes;
      return new Lambda((...inputs) => cat(inputs, axis));
    }
    case 'Slice': {
      const { axes, starts, ends, steps } = node.attributes;
      return unary((x) => {
        const from = x.shape.map(() => 0);
        const to = [...x.shape];
        const by = x.shape.map(() => 1);
        axes.forEach((axis, i) => {
          from[axis] = starts[i];
          // A concrete end of -1 means "through element 0" going down.
          to[axis] = ends[i] === -1 ? -x.shape[axis] - 1 : ends[i];
          by[axis] = steps[i];
        });
        return x.slice(from, to, by);
      });
    }
    case 'ReduceMean':
    case 'ReduceSum': {
      const { axes, keepDims } = node.attributes;
      return unary((x) => (node.op === 'ReduceMean' ? x.mean(axes, keepDims) : x.sum(axes, keepDims)));
    }
  }
}

/** One spatial axis is a window of height 1. */
const window2d = (
  kernel: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
  pads: readonly number[],
): {
  kernel: readonly [number, number];
  stride: readonly [number, number];
  dilation: readonly [number, number];
  pads: readonly [number, number, number, number];
} =>
  kernel.length === 1
    ? {
        kernel: [1, kernel[0]],
        stride: [1, strides[0]],
        dilation: [1, dilations[0]],
        pads: [0, pads[0], 0, pads[1]],
      }
    : {
        kernel: [kernel[0], kernel[1]],
        stride: [strides[0], strides[1]],
        dilation: [dilations[0], dilations[1]],
        pads: [pads[0], pads[1], pads[2], pads[3]],
      };

const size2d = (shape: readonly number[]): [number, number] =>
  shape.length === 3 ? [1, shape[2]] : [shape[2], shape[3]];

/** Pools [N, C, W] as [N, C, 1, W]. */
function flat(
  input: readonly number[],
  output: readonly number[],
  pool: (x: CrypTensor) => CrypTensor,
): Module {
  if (input.length === 4) return unary(pool);
  return unary((x) => pool(x.reshape([input[0], input[1], 1, input[2]])).reshape(output));
}

/** ONNX pads may be negative: those crop. */
function cropAndPad(x: CrypTensor, pads: readonly number[], value: number): CrypTensor {
  const rank = x.shape.length;
  const crops = pads.some((p) => p < 0);
  const cropped = crops
    ? x.slice(
        x.shape.map((_, i) => Math.max(0, -pads[i])),
        x.shape.map((d, i) => d - Math.max(0, -pads[i + rank])),
      )
    : x;
  return cropped.pad(
    pads.map((p) => Math.max(0, p)),
    value,
  );
}
