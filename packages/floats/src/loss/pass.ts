/** The loss of some examples and its gradients, a few examples at a time, in the memory of one machine. */
import {
  type Backend,
  type ConcreteGraph,
  crossEntropy,
  evaluateWithGradients,
  type ParameterSlot,
  sizeOf,
  specialize,
  withoutSoftmax,
} from '@tacit/graph';
import { backendOf } from '../backend.js';
import { type FloatTensor, Machine } from '../machine.js';
import type { Examples, Job, Part, SharedParameters, Sums } from './job.js';

export class Pass {
  readonly #job: Job;
  readonly #machine: Machine;
  readonly #backend: Backend<FloatTensor>;
  readonly #parameters = new Map<string, FloatTensor>();
  readonly #networks = new Map<string, ConcreteGraph<ParameterSlot>>();
  /** Sums of the gradients of the parts so far. */
  readonly #sums: readonly FloatTensor[];
  #loss = 0;
  #correct = 0;

  private constructor(job: Job, machine: Machine) {
    this.#job = job;
    this.#machine = machine;
    this.#backend = backendOf(machine);
    for (const [name, { shape }] of job.graph.parameters) this.#parameters.set(name, machine.zeros(shape));
    this.#sums = job.wanted.map((name) => machine.zeros(this.#parameters.get(name)?.shape ?? []));
  }

  static async open(job: Job): Promise<Pass> {
    return new Pass(job, await Machine.create(job.memoryBytes));
  }

  /** Begins anew, with these parameters. */
  begin(parameters: SharedParameters): void {
    for (const [name, value] of this.#parameters) value.data.set(parameters.get(name) ?? []);
    for (const sum of this.#sums) sum.data.fill(0);
    this.#loss = 0;
    this.#correct = 0;
  }

  /** Adds what some examples contribute to the mean over `examples.labels.length` examples. */
  add({ shape, images, labels }: Examples, { start, count }: Part): void {
    const machine = this.#machine;
    const [input] = this.#job.graph.inputs;
    const declared = input.shape[0];
    // A network of a fixed number of examples gets zeros for those that are not there.
    const rows = typeof declared === 'number' ? declared : count;
    const graph = this.#network([rows, ...shape]);
    const [{ name: scores }] = graph.outputs;
    const size = sizeOf(shape);
    const x = machine.zeros([rows, ...shape]);
    x.data.set(images.subarray(start * size, (start + count) * size));
    const backend = this.#backend;
    const flowing = (outputs: Readonly<Record<string, FloatTensor>>): Record<string, FloatTensor> => {
      const found = outputs[scores];
      const [, ...classes] = found.shape;
      const own = { shape: [count, ...classes], data: found.data.subarray(0, count * sizeOf(classes)) };
      const part = crossEntropy(own, labels.subarray(start, start + count), { examples: labels.length });
      this.#loss += part.loss;
      this.#correct += part.correct;
      const dy = machine.zeros(found.shape);
      dy.data.set(part.cotangent.data);
      return { [scores]: dy };
    };
    const wanted = new Set(this.#job.wanted);
    backend.scope?.(() => {
      const { gradients } = evaluateWithGradients(graph, backend, { [input.name]: x }, this.#parameters, {
        wanted,
        cotangents: flowing,
      });
      this.#job.wanted.forEach((name, i) => {
        const gradient = gradients.get(name);
        const sum = this.#sums[i];
        if (gradient)
          machine.at([sum, gradient], (to, more) => machine.kernels.addAll(to, to, more, sum.data.length));
      });
      return [];
    });
    machine.dispose(x);
  }

  /** What all parts have given. */
  end(): Sums {
    return {
      loss: this.#loss,
      correct: this.#correct,
      gradients: this.#sums.map(({ data }) => Float32Array.from(data)),
    };
  }

  #network(shape: readonly number[]): ConcreteGraph<ParameterSlot> {
    const key = String(shape);
    let network = this.#networks.get(key);
    if (!network) {
      network = withoutSoftmax(specialize(this.#job.graph, { [this.#job.graph.inputs[0].name]: shape }));
      this.#networks.set(key, network);
    }
    return network;
  }
}
