/** ONNX graphs with random weights, node by node. Nothing is downloaded, and every run makes the same numbers. */
import {
  encodeModel,
  type NodeSpec,
  type TensorSpec,
  type ValueSpec,
} from '../../packages/onnx/test/helpers/onnx-encoder.js';

export const INT64 = 7;

/** An ONNX graph that is being written. */
export class RandomGraph {
  readonly #nodes: NodeSpec[] = [];
  readonly #initializers: Record<string, TensorSpec> = {};
  #seed = 7;
  #count = 0;

  /** A tensor of random numbers with about the deviation and the mean given. */
  constant(name: string, shape: number[], deviation: number, mean = 0): string {
    const data = this.#numbers(
      shape.reduce((a, b) => a * b, 1),
      deviation,
      mean,
    );
    this.#initializers[name] = { shape, data: [], raw: new Uint8Array(data.buffer) };
    return name;
  }

  /** A tensor of the numbers given. */
  given(name: string, shape: number[], data: number[], type = 1): string {
    this.#initializers[name] = { shape, data, type };
    return name;
  }

  /** A node with one output. */
  node(
    op: string,
    inputs: string[],
    attributes?: NodeSpec['attributes'],
    output = `v${this.#count++}`,
  ): string {
    this.#nodes.push({ op, inputs, outputs: [output], attributes });
    return output;
  }

  /** The file, with operator set 17. */
  file(input: ValueSpec, output: ValueSpec): Uint8Array {
    return encodeModel({
      opset: 17,
      inputs: [input],
      outputs: [output],
      nodes: this.#nodes,
      initializers: this.#initializers,
    });
  }

  #numbers(count: number, deviation: number, mean: number): Float32Array {
    let seed = this.#seed;
    const next = () => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed / 2 ** 32;
    };
    const values = new Float32Array(count);
    // The sum of four uniform numbers has a variance of 1/3.
    for (let i = 0; i < count; i++)
      values[i] = (next() + next() + next() + next() - 2) * Math.sqrt(3) * deviation;
    if (mean !== 0) for (let i = 0; i < count; i++) values[i] += mean;
    this.#seed = seed;
    return values;
  }
}
