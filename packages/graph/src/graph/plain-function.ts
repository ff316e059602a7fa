/** A network as a function of plain data: what the owner of data calls where a network is public. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { evaluatePlain } from '../backend/plain.js';
import { type PlainTensor, plainTensor } from '../plain/plain-tensor.js';
import { show, sizeOf } from '../shape/dims.js';
import type { ConcreteGraph, ModelGraph } from './graph.js';
import { specialize } from './specialize.js';

/** How many examples are computed at a time. */
export interface PlainFunctionOptions {
  /** Where the network takes any number of examples: how many of them at a time. Default 32. */
  readonly batch?: number;
}

/**
 * A network of one input and one output as a function of any number of examples, which are the parts of the first axis.
 * Networks of a fixed number of examples get the last ones filled up with zeros.
 * @param graph the network, with its weights
 * @param options how many examples are computed at a time
 * @returns the function, in double precision
 * @throws ArgumentError where the network has several inputs or outputs, or no axis of examples
 * @example
 * const embed = plainFunction(splitModel(graph, 1).features);
 * embed({ shape: [200, 1, 28, 28], data: pixels }).shape; // [ 200, 100 ]
 */
export function plainFunction(
  graph: ModelGraph,
  options: PlainFunctionOptions = {},
): (input: { readonly shape: readonly number[]; readonly data: ArrayLike<number> }) => PlainTensor {
  const { batch = 32 } = options;
  if (!Number.isSafeInteger(batch) || batch < 1) throw new ArgumentError(`batch is ${String(batch)}`);
  const [input, ...others] = graph.inputs;
  const [output] = graph.outputs;
  if (!input || others.length > 0 || graph.outputs.length !== 1 || input.shape.length === 0)
    throw new ArgumentError(
      `a function of examples is a network of one input and one output, not of ${graph.inputs.length} and ${graph.outputs.length}`,
    );
  const [declared] = input.shape;
  const networks = new Map<string, ConcreteGraph>();
  const network = (shape: readonly number[]): ConcreteGraph => {
    const key = String(shape);
    const known = networks.get(key) ?? specialize(graph, { [input.name]: shape });
    networks.set(key, known);
    return known;
  };
  return ({ shape, data }) => {
    const [examples, ...one] = shape;
    if (shape.length === 0 || data.length !== sizeOf(shape))
      throw new ShapeError(`${data.length} numbers do not fill the shape ${show(shape)}`);
    const size = sizeOf(one);
    const atOnce = typeof declared === 'number' ? declared : Math.max(1, Math.min(batch, examples));
    const sample = network([atOnce, ...one]);
    const [first, ...made] = sample.outputs[0].shape;
    if (first !== atOnce)
      throw new ArgumentError(
        `${JSON.stringify(output.name)} has the shape ${show(sample.outputs[0].shape)} for ${atOnce} examples: no axis of examples`,
      );
    const width = sizeOf(made);
    const result = new Float64Array(examples * width);
    for (let start = 0; start < examples; start += atOnce) {
      const count = Math.min(atOnce, examples - start);
      const filled = typeof declared === 'number' ? atOnce : count;
      const part = new Float64Array(filled * size);
      for (let i = 0; i < count * size; i++) part[i] = Number(data[start * size + i]);
      const values = { [input.name]: { shape: [filled, ...one], data: part } };
      const found = evaluatePlain(network([filled, ...one]), values)[output.name];
      result.set(found.data.subarray(0, count * width), start * width);
    }
    return plainTensor([examples, ...made], result);
  };
}
