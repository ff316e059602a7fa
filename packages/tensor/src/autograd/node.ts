/**
 * The record of a computation through which gradients flow back: a node for each operation, a leaf for each tensor whose
 * gradient somebody wants. A node keeps its operands and results alive, in the form in which the forward pass opened them,
 * until `backward` has passed it or nothing leads to it any more.
 */
import type { Recorded } from '@tacit/graph';
import type { FixedPoint, History } from '../fixed-point/fixed-point.js';
import { isSecret, type PrivateValue } from '../private-value.js';

/** Nodes are numbered as they are made: operands before results. */
let made = 0;

/** What counts its holders, and lets go of what it holds after the last: without recursion, since programs are long. */
abstract class Counted implements History {
  readonly number = made++;
  #holders = 1;

  hold(): void {
    this.#holders++;
  }

  release(): void {
    const idle: Counted[] = [this];
    for (let one = idle.pop(); one; one = idle.pop()) if (--one.#holders === 0) idle.push(...one.letGo());
  }

  /** Frees what is held and returns the nodes that are to be released. */
  protected abstract letGo(): readonly Counted[];
}

/** A tensor whose gradient is wanted. */
export class Leaf extends Counted {
  /** The sum of all gradients so far. */
  gradient: FixedPoint | undefined;

  /** @param shape of the tensor and of its gradient */
  constructor(readonly shape: readonly number[]) {
    super();
  }

  protected override letGo(): readonly Counted[] {
    this.gradient?.dispose();
    this.gradient = undefined;
    return [];
  }
}

/** An operation of the forward pass. */
export class OperationNode extends Counted {
  #recorded: Recorded<PrivateValue> | undefined;
  #operands: readonly (GradientNode | undefined)[];

  /**
   * Takes the recorded values over, and holds the nodes of the operands.
   * @param recorded the operation, with handles of its own
   * @param operands where the inputs come from
   */
  constructor(
    recorded: Recorded<PrivateValue>,
    operands: readonly (GradientNode | undefined)[],
    readonly shape: readonly number[],
  ) {
    super();
    this.#recorded = recorded;
    this.#operands = operands;
    for (const operand of operands) operand?.hold();
  }

  /** The operation; undefined after `backward` has passed. */
  get recorded(): Recorded<PrivateValue> | undefined {
    return this.#recorded;
  }

  /** Where the inputs come from; undefined for inputs of which no gradient is wanted. */
  get operands(): readonly (GradientNode | undefined)[] {
    return this.#operands;
  }

  /** Frees the values and lets go of what leads here. */
  spend(): void {
    for (const operand of this.letGo()) operand.release();
  }

  protected override letGo(): readonly Counted[] {
    const values = [...(this.#recorded?.inputs ?? []), ...(this.#recorded?.outputs ?? [])];
    for (const value of values) if (isSecret(value)) value.dispose();
    const operands = this.#operands.filter((operand) => operand !== undefined);
    this.#recorded = undefined;
    this.#operands = [];
    return operands;
  }
}

export type GradientNode = Leaf | OperationNode;

/** Where a value comes from; undefined where no gradient is wanted of it. */
export const nodeOf = (value: PrivateValue): GradientNode | undefined =>
  // Nothing else is a history.
  isSecret(value) ? (value.history as GradientNode | undefined) : undefined;
