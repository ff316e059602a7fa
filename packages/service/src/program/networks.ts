/**
 * The network of a session for every shape that was asked for, with its weights masked once: networks of other shapes share
 * the weights of the first wherever theirs are the same.
 */
import { type ModelGraph, type ParameterSlot, specialize } from '@tacit/graph';
import { Graph } from '@tacit/nn';
import type { Party } from '@tacit/tensor';
import { ModelFeedsError } from '../errors.js';
import { MOST_SHAPES, SERVICE } from './offer.js';

export class Networks {
  readonly #party: Party;
  readonly #model: ModelGraph<ParameterSlot>;
  readonly #made = new Map<string, Promise<Graph>>();
  #first: Graph | undefined;

  /**
   * @param party of a session
   * @param model with weights at the service, without them at the client
   */
  constructor(party: Party, model: ModelGraph<ParameterSlot>) {
    this.#party = party;
    this.#model = model;
  }

  /**
   * The network for inputs of these shapes. Both parties call it in the same order, and await it before the next call.
   * Cost: the weights under their masks, at the first call; nothing for shapes that were asked for before.
   * @param shapes of all inputs, in order
   * @returns the network, ready
   * @throws InputShapeError where the model does not take them, ModelFeedsError for too many different ones
   */
  prepared(shapes: readonly (readonly number[])[]): Promise<Graph> {
    const key = JSON.stringify(shapes);
    const known = this.#made.get(key);
    if (known) return known;
    if (this.#made.size >= MOST_SHAPES)
      throw new ModelFeedsError(
        `a session takes inputs of ${MOST_SHAPES} different shapes; pad or cut them, or connect again`,
      );
    const made = this.#make(this.#specialized(shapes));
    this.#made.set(key, made);
    return made;
  }

  /**
   * Refuses what `prepared` would refuse, before the other party hears of it.
   * @param shapes of all inputs, in order
   * @throws InputShapeError, ModelShapeError
   */
  check(shapes: readonly (readonly number[])[]): void {
    if (!this.#made.has(JSON.stringify(shapes))) this.#specialized(shapes);
  }

  #specialized(shapes: readonly (readonly number[])[]) {
    return specialize(
      this.#model,
      Object.fromEntries(this.#model.inputs.map(({ name }, i) => [name, shapes[i] ?? []])),
    );
  }

  async #make(graph: ReturnType<typeof specialize<ParameterSlot>>): Promise<Graph> {
    const shared = this.#first?.reshaped(graph);
    if (shared) return shared;
    const network = new Graph(graph);
    await network.encrypt(this.#party, { src: SERVICE, mode: 'owned' }).prepare();
    this.#first ??= network;
    return network;
  }
}
