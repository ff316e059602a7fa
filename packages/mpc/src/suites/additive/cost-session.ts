/**
 * A session that runs nothing and adds up what operations say that they cost: rounds, bytes, what the dealer deals. Values
 * never come; programs that need one, or an announcement, to go on have no cost without being run.
 */
import { CommStats } from '@tacit/comm';

import { type Ring, WordsPool, windowOutput } from '@tacit/ring';
import type { Bilinear } from '../../runtime/bilinear.js';
import { canonicalConfig, type ProtocolConfig } from '../../runtime/config.js';
import { ConfigError } from '../../runtime/errors.js';
import { fieldWords } from '../../runtime/layout.js';
import { bytesSent, type OperationSpec, type Session, type Stream } from '../../runtime/session.js';
import { Lifetime, Share } from '../../runtime/share.js';
import { type Descriptor, scopeId } from '../../runtime/transcript.js';
import type { PlannedOperation } from '../../tapes/plan.js';
import { AdditiveEngine } from './engine.js';

/** What one operation costs. */
export interface OperationCost {
  readonly kind: string;
  readonly shape: readonly number[];
  readonly rounds: number;
  /** Payload bytes that all parties send, together. */
  readonly bytes: number;
  /** Payload bytes that each party sends to all others together, by rank. */
  readonly sent: readonly number[];
  /** Whether messages go one way, from the parties that send any: the others only receive. */
  readonly oneWay: boolean;
  /** Bytes that the dealer sends. */
  readonly dealerBytes: number;
  /** Words of random fields that each party and the dealer expand for it, or get dealt. */
  readonly randomWords: number;
  /** Elements that the operation works on. */
  readonly n: number;
  /** Whether its elements run in chunks. */
  readonly elementwise: boolean;
  /** Multiplications of its plain bilinear map; 0 for others. */
  readonly products: number;
  /** Operations whose results it takes, by their place in the list. */
  readonly inputs: readonly number[];
  /** What was computed when it was issued (`CostSession.place`). */
  readonly place: string;
}

/** Multiplications of the bilinear map in a descriptor, if there is one. */
function productsOf({ f }: Descriptor & { readonly f?: unknown }): number {
  if (typeof f !== 'object' || f === null || !('op' in f)) return 0;
  const map = f as Bilinear;
  if (map.op === 'mul') return map.n;
  if (map.op === 'matmul') return map.batch * map.m * map.k * map.n;
  const { batch, inChannels, outChannels, height, width, kernel, groups = 1 } = map.params;
  const [outHeight, outWidth] = windowOutput(height, width, map.params);
  return batch * outChannels * outHeight * outWidth * (inChannels / groups) * kernel[0] * kernel[1];
}

const noStream: Stream = { fill() {} };
/** No party: it owns nothing, so no value is asked for. */
const NOBODY = -1;

export class CostSession implements Session {
  readonly rank = NOBODY;
  readonly pool = new WordsPool();
  readonly prg = noStream;
  readonly noise = noStream;
  readonly config: ProtocolConfig;
  readonly stats: CommStats;
  /** All operations so far. */
  readonly operations: OperationCost[] = [];
  /** Those with dealt fields, as a dealer hears of them: what a plan of a tape lists. */
  readonly dealt: PlannedOperation[] = [];
  /** Operations so far, by scope. */
  readonly #issued = new Map<string, number>();
  #scope = '';
  /** Where in `operations` an operation is, by scope and number. */
  readonly #places = new Map<string, number>();
  /** The longest chain of dependent openings so far. */
  rounds = 0;
  /** What the program is computing, in its own words: noted with each operation. */
  place = '';

  /**
   * @param ring encodes public numbers
   * @param parties how many would compute
   * @param config settings that they would have
   */
  constructor(
    readonly ring: Ring,
    readonly parties: number,
    config: ProtocolConfig,
  ) {
    this.config = canonicalConfig(config);
    this.stats = new CommStats(parties);
  }

  get issued(): number {
    return this.operations.length;
  }

  pairwise(): Stream {
    return noStream;
  }

  issue(spec: OperationSpec): Share {
    return this.#count(spec);
  }

  issueElementwise(spec: OperationSpec): Share {
    return this.#count(spec, this.config.chunk);
  }

  #count(spec: OperationSpec, chunk?: number): Share {
    const { descriptor, inputs, masked = [], shape, rounds, layout, forms } = spec;
    const { kind, n } = descriptor;
    for (const input of inputs) input.assertUsable();
    const sent = Array.from({ length: this.parties }, (_, rank) =>
      bytesSent(spec, rank, this.parties, chunk),
    );
    let [dealerBytes, randomWords] = [0, 0];
    for (let start = 0; layout && start < n; start += chunk ?? n) {
      const length = Math.min(chunk ?? n, n - start);
      dealerBytes += 8 * layout.correctionWords(length);
      randomWords += layout.fields.reduce((sum, field) => sum + fieldWords(field, length), 0);
    }
    const depth = rounds + Math.max(0, ...inputs.map((x) => x.depth), ...masked.map((x) => x.depth));
    this.rounds = Math.max(this.rounds, depth);
    // In this order: descriptors that refer to it are compared as text.
    const id = { index: this.#issued.get(this.#scope) ?? 0, scope: this.#scope };
    this.#issued.set(id.scope, id.index + 1);
    this.#places.set(`${id.scope}/${id.index}`, this.operations.length);
    if (layout && layout.correctionWords(1) > 0)
      this.dealt.push({ ...id, descriptor: JSON.stringify(descriptor) });
    this.operations.push({
      kind,
      shape,
      rounds,
      bytes: sent.reduce((sum, bytes) => sum + bytes, 0),
      sent,
      oneWay: spec.sends !== undefined,
      dealerBytes,
      randomWords,
      n,
      elementwise: chunk !== undefined,
      products: productsOf(descriptor),
      inputs: [
        ...inputs.map(({ id }) => this.#placeOf(id)),
        ...masked.map(({ ref }) => this.#placeOf(ref.id)),
      ],
      place: this.place,
    });
    return new Share(id, '', kind, shape, new Promise(() => {}), depth, new Lifetime(), forms);
  }

  #placeOf({ scope, index }: { readonly scope: string; readonly index: number }): number {
    return this.#places.get(`${scope}/${index}`) ?? index;
  }

  scope<T>(name: string, build: () => T): T {
    const outer = this.#scope;
    this.#scope = scopeId(name);
    try {
      return build();
    } finally {
      this.#scope = outer;
    }
  }

  endScope(): void {}

  /** @throws ConfigError always */
  announce(): never {
    throw new ConfigError('what a program costs is not known where it waits for an announcement');
  }

  differs(): Promise<never> {
    return new Promise(() => {});
  }

  async finish(): Promise<void> {}
}

/**
 * An engine that computes nothing and adds up costs.
 * @param ring encodes public numbers
 * @param parties how many would compute
 * @param config settings that they would have
 * @returns the engine; its `session` has the sums
 * @example
 * const engine = costEngine(ring, 2, defaultConfig);
 * engine.relu(engine.input(0, [1000], undefined));
 * engine.session.rounds; // 4
 */
export const costEngine = (
  ring: Ring,
  parties: number,
  config: ProtocolConfig,
): AdditiveEngine<CostSession> => new AdditiveEngine(new CostSession(ring, parties, config));
