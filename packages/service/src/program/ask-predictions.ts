/** What a client computes in a session: the mirror of `serve-predictions.ts`. */

import type { CommStats } from '@tacit/comm';
import { graphFromArchitecture } from '@tacit/graph';
import type { Party, Plain } from '@tacit/tensor';
import { ModelClosedError, ModelFeedsError, ServiceProtocolError } from '../errors.js';
import { fromModel, type GraphSource, toldByService } from './graph-source.js';
import { Networks } from './networks.js';
import { CLIENT, type ModelValue, type Offer, SERVICE, type Shapes, scopeOf, type Wish } from './offer.js';

/** An input in the clear, as the client has it. */
export interface PlainInput {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** How far a question is. */
export interface RunProgress {
  /** Nodes of the network. */
  readonly operations: number;
}

export class Questions {
  readonly inputs: readonly ModelValue[];
  readonly outputs: readonly ModelValue[];
  /** Shapes to prepare the model for before there is a question, where the service knows some. */
  readonly example: Shapes | undefined;
  readonly #party: Party;
  readonly #networks: Networks;
  readonly #atOnce: number;
  readonly #underway = new Set<Promise<unknown>>();
  /** Wishes and operations are issued one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #runs = 0;
  #ended = false;

  private constructor(party: Party, offer: Offer) {
    this.#party = party;
    this.inputs = offer.inputs;
    this.outputs = offer.outputs;
    this.#atOnce = Math.max(1, Math.min(64, offer.atOnce));
    this.#networks = new Networks(party, graphsOf(party, offer));
    this.example = this.#taken(offer.example);
  }

  /**
   * Hears what the service offers. One round.
   * @param party of the client
   * @returns what questions are asked by
   */
  static async open(party: Party): Promise<Questions> {
    return new Questions(party, await party.announce<Offer>(undefined, { src: SERVICE }));
  }

  get stats(): CommStats {
    return this.#party.stats;
  }

  /**
   * Masks the weights for inputs of these shapes. One round, and the weights under their masks.
   * @param shapes of all inputs, in order
   */
  prepare(shapes: Shapes): Promise<void> {
    return this.#inTurn(async () => {
      this.#wish({ prepare: shapes });
      await this.#networks.prepared(shapes);
    });
  }

  /**
   * Asks one question. Others may be under way.
   * @param inputs in the clear, in order
   * @returns all outputs, in order
   */
  async run(inputs: readonly PlainInput[]): Promise<readonly Plain[]> {
    const shapes = inputs.map(({ shape }) => shape);
    // Before the wish: afterwards the service would wait for what does not come.
    this.#networks.check(shapes);
    const most = 2 ** this.#party.context.precision.range;
    for (const [i, { data }] of inputs.entries())
      if (data.some((value) => Math.abs(value) >= most))
        throw new ModelFeedsError(`the input '${this.inputs[i]?.name}' has a number of ${most} or more`);
    const { answer } = await this.#inTurn(async () => {
      while (this.#underway.size >= this.#atOnce) await Promise.race(this.#underway);
      this.#wish({ run: shapes });
      const network = await this.#networks.prepared(shapes);
      return { answer: this.#ask(network, inputs) };
    });
    return answer;
  }

  /** What the service says is untrusted; that it is no shapes of the inputs would come out later otherwise. */
  #taken(example: Shapes | null): Shapes | undefined {
    if (!Array.isArray(example)) return undefined;
    this.#networks.check(example);
    return example;
  }

  #ask(network: Awaited<ReturnType<Networks['prepared']>>, inputs: readonly PlainInput[]): Promise<Plain[]> {
    const answer = this.#party.scope(
      scopeOf(this.#runs++),
      () => {
        const xs = inputs.map(({ shape, data }) => this.#party.cryptensor(data, { src: CLIENT, shape }));
        const ys = network.forwardAll(...xs);
        return Promise.all(ys.map((y) => y.revealFloat64({ to: CLIENT }))).then((plains) => {
          for (const tensor of [...xs, ...ys]) tensor.dispose();
          return plains as Plain[];
        });
      },
      { last: true },
    );
    const settled = answer.catch(() => {}).finally(() => this.#underway.delete(settled));
    this.#underway.add(settled);
    return answer;
  }

  /** Says goodbye, after what is under way. */
  async end(): Promise<void> {
    if (this.#ended) return;
    await this.#inTurn(async () => {
      this.#ended = true;
      await Promise.all(this.#underway);
      this.#wish({ end: true });
    });
  }

  /** Announced and not awaited: the operations that follow may travel with it. */
  #wish(wish: Wish): void {
    void this.#party.announce(wish, { src: CLIENT }).catch(() => {}); // what ends the session says so elsewhere
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(() => {
      if (this.#ended) throw new ModelClosedError();
      return act();
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }
}

/** What the service says is untrusted. */
function graphsOf(party: Party, { architecture, inputs, outputs }: Offer): GraphSource {
  if (!Array.isArray(inputs) || !Array.isArray(outputs))
    throw new ServiceProtocolError('the service offers no model');
  if (architecture === null) return toldByService(party, inputs, outputs);
  const model = graphFromArchitecture(architecture);
  if (architecture.stage !== 'model' || model.inputs.length !== inputs.length)
    throw new ServiceProtocolError('the service offers no model');
  return fromModel(model);
}
