/**
 * A network as a graph of modules with named values: what a model file becomes. A value is disposed after its last use,
 * so memory stays at what the widest place of the network needs.
 */
import { type CrypTensor, tidy } from '@tacit/tensor';
import { Module } from './module.js';
import type { Parameter } from './parameter.js';

export interface GraphStep {
  readonly name: string;
  readonly module: Module;
  /** Names of secret values; parameters belong to the module. */
  readonly inputs: readonly string[];
  readonly output: string;
}

export class Graph extends Module {
  readonly #steps: readonly GraphStep[];
  readonly #lastUse = new Map<string, number>();

  constructor(
    readonly inputNames: readonly string[],
    readonly outputName: string,
    steps: readonly GraphStep[],
  ) {
    super();
    this.#steps = steps;
    steps.forEach((step, i) => {
      this.submodules.push(step.module);
      for (const name of step.inputs) this.#lastUse.set(name, i);
    });
    this.#lastUse.set(outputName, steps.length);
  }

  get steps(): readonly GraphStep[] {
    return this.#steps;
  }

  override *multiplied(): Generator<Parameter> {
    for (const { module } of this.#steps) yield* module.multiplied();
  }

  override forward(...inputs: readonly CrypTensor[]): CrypTensor {
    const values = new Map<string, CrypTensor>();
    this.inputNames.forEach((name, i) => {
      values.set(name, inputs[i]);
    });
    const given = new Set(inputs);
    const lookUp = (name: string): CrypTensor => {
      const value = values.get(name);
      if (!value) throw new Error(`the graph uses '${name}' before it is made`);
      return value;
    };
    this.#steps.forEach((step, i) => {
      const from = step.inputs.map(lookUp);
      values.set(
        step.output,
        tidy(from[0].session, () => step.module.forward(...from)),
      );
      for (const name of new Set(step.inputs)) {
        if (this.#lastUse.get(name) !== i) continue;
        const value = lookUp(name);
        values.delete(name);
        if (!given.has(value) && ![...values.values()].includes(value)) value.dispose();
      }
    });
    return lookUp(this.outputName);
  }
}
