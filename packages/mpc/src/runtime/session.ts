/**
 * One party's side of a computation: numbers operations, runs them when their inputs are there, and owns everything
 * that an operation needs (kernels, streams, frames, corrections). Two sessions in one process do not meet.
 */
import type { Communicator } from '@tacit/comm';
import { TacitError } from '@tacit/errors';
import { type Ring, RingError, sizeOf, type Words, WordsPool } from '@tacit/ring';
import { type ChunkBody, runInChunks } from './chunks.js';
import { canonicalConfig, type ProtocolConfig } from './config.js';
import { FailedPartyError, forDealer, forPeers, OperationError, ShapeError } from './errors.js';
import { FramePool } from './frame-pool.js';
import { type Agreed, handshake } from './handshake.js';
import { Layout } from './layout.js';
import { Outbox } from './outbox.js';
import { type OpContext, PartyOp } from './party-op.js';
import { DealtStreams, descriptorDigest, type OpId, opKey, Prg, randomSeed } from './prg.js';
import { ProgramCheck } from './program-check.js';
import type { CorrelatedRandomness, RandomnessSource } from './randomness.js';
import type { Scope } from './scopes.js';
import { type Masked, Share } from './share.js';
import type { OperationStats } from './statistics.js';
import type { Descriptor, IssuedOp } from './transcript.js';
import { Filling, InputFailure, inputsUnderway, Starting, type Underway, wholeInputs } from './underway.js';
import type { ValueForms } from './value-forms.js';

export interface SessionOptions {
  readonly comm: Communicator;
  readonly ring: Ring;
  /** Where correlated randomness comes from. All other members of the group are computing parties. */
  readonly randomness: RandomnessSource;
  readonly config: ProtocolConfig;
  readonly pool?: WordsPool;
  /** Called when an operation is finished here, in the order of finishing. */
  readonly onOperation?: (stats: OperationStats) => void;
}

/**
 * Memory of a result. Words of the pool held another tensor's shares before: what a body leaves unwritten there would be
 * revealed with its result. So they are cleared, unless the body is known to write all of them ('overwritten': kernels
 * that check their lengths); a function gives memory from elsewhere.
 */
export type OutputMemory = 'zeroed' | 'overwritten' | (() => Words);

/** What an operation is and needs. */
export interface OperationSpec {
  readonly descriptor: Descriptor;
  readonly inputs: readonly Share[];
  /** Inputs that are needed masked; the body gets this party's factor of each after the words of `inputs`. */
  readonly masked?: readonly Masked[];
  readonly shape: readonly number[];
  /** Dependent openings; checked against what the body does. */
  readonly rounds: number;
  /** Random material, the same at the dealer. */
  readonly layout?: Layout;
  /** What the body of an operation that is not elementwise writes into. Default 'zeroed'. */
  readonly output?: OutputMemory;
  /** Where the result comes from, if it is a view. */
  readonly forms?: ValueForms;
  /** Messages go one way: a party may see fewer rounds than the longest chain has. */
  readonly oneSided?: boolean;
}

/** Writes the result into `out`. */
export type Body = (op: PartyOp, inputs: Words[], out: Words) => Promise<void> | void;
export type { ChunkBody } from './chunks.js';

const noMaterial = new Layout();
const labelOf = ({ kind }: Descriptor, { index }: OpId): string => `${kind} (operation ${index})`;

export class Session implements OpContext {
  readonly rank: number;
  readonly parties: number;
  readonly ring: Ring;
  readonly comm: Communicator;
  readonly pool: WordsPool;
  readonly frames: FramePool;
  readonly outbox: Outbox;
  readonly config: ProtocolConfig;
  readonly prg: Prg;
  readonly #dealtStreams: DealtStreams;
  /** This party's own stream, which nobody else knows: of what it adds to values that it tells. */
  readonly noise: Prg;
  readonly randomness: CorrelatedRandomness;
  readonly #pairwise: readonly (Prg | undefined)[];
  readonly #check: ProgramCheck;
  readonly #onOperation: ((stats: OperationStats) => void) | undefined;
  #scope: Scope;

  /** Agrees on settings and seeds with all others: one exchange. */
  static async open(options: SessionOptions): Promise<Session> {
    const { comm, ring, randomness: source, config, pool = new WordsPool({ ring }) } = options;
    const parties = comm.size - source.members;
    const frames = new FramePool(undefined, pool.poison);
    const opening = source.open({ comm, ring, parties, config, frames });
    const agreed = await handshake(comm, parties, source.name, config, opening);
    return new Session(options, parties, pool, frames, agreed);
  }

  private constructor(
    options: SessionOptions,
    parties: number,
    pool: WordsPool,
    frames: FramePool,
    { pairSeeds, randomness }: Agreed,
  ) {
    const { comm, ring, config } = options;
    this.rank = comm.rank;
    this.parties = parties;
    this.ring = ring;
    this.comm = comm;
    this.config = canonicalConfig(config);
    this.pool = pool;
    this.frames = frames;
    this.randomness = randomness;
    this.prg = Prg.fromSeed(ring, randomness.seed, 'correlated', config.prgRounds);
    this.#dealtStreams = new DealtStreams(ring, randomness.seed, config.prgRounds);
    this.noise = Prg.fromSeed(ring, randomSeed(), 'noise', config.prgRounds);
    this.#pairwise = pairSeeds.map((s) => s && Prg.fromSeed(ring, s, 'pairwise', config.prgRounds));
    this.#onOperation = options.onOperation;
    this.#check = new ProgramCheck(comm, parties, (error) => this.fail(error));
    this.#scope = this.#check.main;
    this.outbox = new Outbox(comm, (to) => (to < parties ? this.#check.entryFor(to) : undefined));
  }

  /**
   * Fails the whole computation: everything pending here rejects. The other members learn the kind of error and where it
   * happened; its message may quote a private value and stays here.
   */
  fail(error: Error, where = 'the computation'): void {
    this.comm.abort(forPeers(this.rank, where, error), (rank) =>
      rank < this.parties ? undefined : forDealer(this.rank, where, error),
    );
  }

  /** Operations of the present scope so far. */
  get issued(): number {
    return this.#scope.transcript.issued;
  }

  /** The stream that this party shares with another. */
  pairwise(rank: number): Prg {
    const prg = this.#pairwise[rank];
    if (!prg) throw new Error(`there is no stream shared with rank ${rank}`);
    return prg;
  }

  /**
   * Numbers an operation; tells where randomness comes from if there is something to deal for it. The transcript names its inputs, too: parties that
   * apply the same operations to different tensors run different programs.
   */
  #number({ descriptor, inputs, masked = [] }: OperationSpec, deals: boolean): IssuedOp {
    const text = JSON.stringify(descriptor);
    const of: string[] = [];
    for (const { id, stamp } of inputs) of.push(this.#inputName(id, stamp));
    // The descriptor has the masks' numbers.
    for (const { ref, stamp } of masked)
      if (ref.id.scope !== this.#scope.transcript.scope) of.push(this.#inputName(ref.id, stamp));
    const whole = of.length === 0 ? text : `${text.slice(0, -1)},"of":${JSON.stringify(of)}}`;
    const issued = this.#check.append(this.#scope, whole);
    const { id } = issued;
    if (deals) this.randomness.announce({ id, descriptor: text, elements: descriptor.n }, this.outbox);
    return issued;
  }

  /** An operation of this scope by number; one of another scope with what that scope did until then. */
  #inputName(id: OpId, stamp: string): string {
    return id.scope === this.#scope.transcript.scope ? `${id.index}` : `${opKey(id)}/${stamp}`;
  }

  /**
   * Issues an operation: returns its handle at once, runs `body` when all inputs are there.
   * Program order gives it its number, so all parties must issue the same operations in the same order.
   */
  issue(spec: OperationSpec, body: Body): Share {
    const run = async (op: PartyOp, inputs: Words[]) => {
      const out = this.#outputOf(spec);
      await body(op, inputs, out);
      return out;
    };
    return this.#issue(spec, () => wholeInputs(spec), run);
  }

  #outputOf({ output = 'zeroed', shape, descriptor: { kind } }: OperationSpec): Words {
    const n = sizeOf(shape);
    if (typeof output !== 'function') {
      const out = this.pool.take(n);
      if (output === 'zeroed') this.ring.fill(out, 0n);
      return out;
    }
    const out = output();
    if (out.length !== n) throw new ShapeError(`${kind}: ${out.length} words for the shape [${shape}]`);
    return out;
  }

  /**
   * Issues an operation whose elements are independent, cut into chunks that overlap in time. Each chunk runs when its
   * part of the inputs is there, and can be used before the others are.
   */
  issueElementwise(spec: OperationSpec, body: ChunkBody): Share {
    const { n } = spec.descriptor;
    const size = this.config.chunk;
    const chunks = Math.ceil(n / size);
    const started = chunks > 1 ? new Starting() : undefined;
    const run = async (op: PartyOp, inputs: (Words | Underway)[]) => {
      const out = this.pool.take(n);
      const filling = new Filling(out, chunks);
      started?.resolve(filling);
      await runInChunks(this, op, size, inputs, filling, body);
      return out;
    };
    return this.#issue(spec, () => inputsUnderway(spec, chunks), run, started);
  }

  #issue<Inputs>(
    spec: OperationSpec,
    gather: () => Promise<Inputs>,
    body: (op: PartyOp, inputs: Inputs) => Promise<Words>,
    started?: Starting,
  ): Share {
    const { descriptor, inputs, shape, rounds } = spec;
    const layout = spec.layout ?? noMaterial;
    for (const input of inputs) input.assertUsable();
    const issued = this.#number(spec, layout.correctionWords(1) > 0);
    const { id } = issued;
    const holds = [...inputs, ...(spec.masked ?? [])].map((s) => s.lifetime);
    for (const h of holds) h.hold();
    const before = Math.max(0, ...inputs.map((s) => s.depth), ...(spec.masked ?? []).map((m) => m.depth));
    const depth = before + rounds;
    const value = this.#run(spec, id, gather, body).finally(() => {
      this.comm.stats.noteRound(depth);
      for (const h of holds) h.release();
    });
    if (started) value.catch(started.reject); // in case it fails before it starts
    const label = labelOf(descriptor, id);
    return Share.pooled(issued, label, shape, value, depth, this.pool, started?.promise, spec.forms);
  }

  async #run<Inputs>(
    spec: OperationSpec,
    id: OpId,
    gather: () => Promise<Inputs>,
    body: (op: PartyOp, inputs: Inputs) => Promise<Words>,
  ): Promise<Words> {
    const { descriptor, shape, layout = noMaterial } = spec;
    const inputs = await gather();
    const stats: OperationStats = { name: descriptor.kind, shape, rounds: 0, bytesSent: 0, ms: 0 };
    const dealt =
      this.rank < this.parties - 1 && layout.correctionWords(1) > 0
        ? this.#dealtStreams.of(descriptorDigest(JSON.stringify(descriptor)), id)
        : undefined;
    const op = new PartyOp(this, id, { index: undefined, start: 0, n: descriptor.n }, layout, stats, dealt);
    const started = performance.now();
    try {
      const result = await body(op, inputs);
      op.finish();
      if (op.rounds !== spec.rounds && descriptor.n > 0 && !spec.oneSided)
        throw new Error(`took ${op.rounds} rounds instead of ${spec.rounds}`);
      stats.ms = performance.now() - started;
      stats.rounds = spec.rounds;
      this.#onOperation?.(stats);
      return result;
    } catch (thrown) {
      if (thrown instanceof InputFailure) await wholeInputs(spec); // rejects with what the input ended with
      const error = await this.#check.explain(thrown);
      // What ended the session here says more than what the others were told of it.
      if (error instanceof FailedPartyError) throw error.cause;
      const where = `${labelOf(descriptor, id)} of shape [${shape}]`;
      // Kernels do not know the operation that they work for.
      const known = error instanceof TacitError && !(error instanceof RingError);
      const failure = known
        ? error
        : new OperationError(where, error instanceof Error ? error : new Error(String(error)));
      this.fail(failure, where); // the others must not wait for what this party cannot send
      throw failure;
    }
  }

  /**
   * Runs `build` with operations numbered on their own, so that concurrent parts of a program do not depend on each
   * other's order. The name must be the same at all parties; called again, it goes on with the same numbers. `build` must
   * not await. Throws a ScopeError where the scope has ended.
   * @param last ends the scope behind `build`, as endScope does
   */
  scope<T>(name: string, build: () => T, { last = false }: { readonly last?: boolean } = {}): T {
    const outer = this.#scope;
    this.#scope = this.#check.scope(name);
    try {
      return build();
    } finally {
      this.#scope = outer;
      if (last) this.endScope(name);
    }
  }

  /**
   * Ends a scope: no operation can be issued in it any more, at any party, and nothing of it is kept. Its results stay
   * valid, and those under way come. Its name cannot be used again. A service ends the scope of each request; names that
   * end in a number that counts up are remembered in no space.
   * Throws a ScopeError where the scope is not open.
   */
  endScope(name: string): void {
    this.#check.end(name);
  }

  /** Ends the computation because party `rank` ran another program up to operation `id`. Never resolves. */
  differs(rank: number, id: OpId): Promise<never> {
    return this.#check.differ(rank, id);
  }

  /** Sends everything queued and makes sure that all parties ended after the same operations. */
  async finish(): Promise<void> {
    this.outbox.flush();
    await this.#check.finish();
  }
}
