/**
 * The network of a session for every shape that was asked for, with its weights masked once: networks of other shapes share
 * the weights of the first wherever theirs are the same.
 */
import { Graph } from '@tacit/nn';
import type { Party } from '@tacit/tensor';
import { ModelFeedsError } from '../errors.js';
import type { GraphSource, ShapedGraph } from './graph-source.js';
import { MOST_SHAPES, SERVICE, type Shapes } from './offer.js';

export class Networks {
  readonly #party: Party;
  readonly #graphs: GraphSource;
  readonly #made = new Map<string, Promise<Graph>>();
  #first: Graph | undefined;

  /**
   * @param party of a session
   * @param graphs with weights at the service, without them at the client
   */
  constructor(party: Party, graphs: GraphSource) {
    this.#party = party;
    this.#graphs = graphs;
  }

  /**
   * The network for inputs of these shapes. Both parties call it in the same order, and await it before the next call.
   * Cost: the weights under their masks, at the first call; nothing for shapes that were asked for before.
   * @param shapes of all inputs, in order
   * @returns the network, ready
   * @throws InputShapeError where the model does not take them, ModelFeedsError for too many different ones, or where the
   *   service cannot build the model for them
   */
  prepared(shapes: Shapes): Promise<Graph> {
    const key = JSON.stringify(shapes);
    const known = this.#made.get(key);
    if (known) return known;
    this.#requirePlace();
    const made = this.#graphs.graphFor(shapes).then((shaped) => this.#make(shaped));
    this.#made.set(key, made);
    return made;
  }

  /**
   * Refuses what `prepared` would refuse for certain, before the other party hears of it.
   * @param shapes of all inputs, in order
   * @throws as `prepared`, but for what only the service knows
   */
  check(shapes: Shapes): void {
    if (this.#made.has(JSON.stringify(shapes))) return;
    this.#requirePlace();
    this.#graphs.check(shapes);
  }

  #requirePlace(): void {
    if (this.#made.size >= MOST_SHAPES)
      throw new ModelFeedsError(
        `a session takes inputs of ${MOST_SHAPES} different shapes; pad or cut them, or connect again`,
      );
  }

  async #make({ graph, shared }: ShapedGraph): Promise<Graph> {
    const same = shared ? undefined : this.#first?.reshaped(graph);
    if (same) return same;
    const network = (shared && this.#first?.sharing(graph, shared)) ?? new Graph(graph);
    for (const [, parameter] of network.members())
      if (!parameter.encrypted) parameter.encrypt(this.#party, SERVICE, 'owned');
    await network.prepare();
    this.#first ??= network;
    return network;
  }
}
