/**
 * One party's side of a computation: numbers operations, runs them when their inputs are there, and owns everything
 * that an operation needs (kernels, streams, frames, corrections). Two sessions in one process do not meet.
 */
import type { CommStats, Communicator } from '@tacit/comm';
import { TacitError } from '@tacit/errors';
import { type Ring, RingError, sizeOf, type Words, WordsPool } from '@tacit/ring';
import { type ChunkBody, runInChunks } from './chunks.js';
import { canonicalConfig, type ProtocolConfig } from './config.js';
import { FailedPartyError, forDealer, forPeers, OperationError, ShapeError } from './errors.js';
import { FramePool } from './frame-pool.js';
import { type Agreed, handshake } from './handshake.js';
import { inputsUnderway, wholeInputs } from './inputs.js';
import { Layout } from './layout.js';
import { Outbox } from './outbox.js';
import { type OpContext, PartyOp } from './party-op.js';
import { DealtStreams, type OpId, opKey, Prg, randomSeed } from './prg.js';
import { ProgramCheck } from './program-check.js';
import type { CorrelatedRandomness, RandomnessSource } from './randomness.js';
import type { Scope } from './scopes.js';
import { type Body, bytesSent, type OperationSpec, type Session } from './session.js';
import { Share } from './share.js';
import type { OperationStats } from './statistics.js';
import type { Descriptor, IssuedOp } from './transcript.js';
import { Filling, InputFailure, Starting, type Underway } from './underway.js';

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

const noMaterial = new Layout();
const NOTHING = new BigUint64Array(0);
const labelOf = ({ kind }: Descriptor, { index }: OpId): string => `${kind} (operation ${index})`;

export class LiveSession implements Session, OpContext {
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
  readonly noise: Prg;
  readonly randomness: CorrelatedRandomness;
  readonly #pairwise: readonly (Prg | undefined)[];
  readonly #check: ProgramCheck;
  readonly #onOperation: ((stats: OperationStats) => void) | undefined;
  #scope: Scope;
  #announced = 0;

  /**
   * Agrees on settings and seeds with all others: one exchange.
   * @param options this member's place in the group, kernels, settings, and where its randomness comes from
   * @returns the session, when all have agreed
   * @throws ConfigError where a setting cannot work, ConfigMismatchError where members have different ones
   */
  static async open(options: SessionOptions): Promise<LiveSession> {
    const { comm, ring, randomness: source, config, pool = new WordsPool({ ring }) } = options;
    const parties = comm.size - source.members;
    const frames = new FramePool(undefined, pool.poison);
    const opening = source.open({ comm, ring, parties, config, frames });
    const agreed = await handshake(comm, parties, source.name, config, opening);
    return new LiveSession(options, parties, pool, frames, agreed);
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
    comm.onAbort(() => randomness.close?.());
    this.outbox = new Outbox(comm, (to) => (to < parties ? this.#check.entryFor(to) : undefined));
  }

  /**
   * Fails the whole computation: everything pending here rejects. The other members learn the kind of error and where it
   * happened; its message may quote a private value and stays here.
   * @param error what happened
   * @param where in words for the other members, e.g. the operation
   */
  fail(error: Error, where = 'the computation'): void {
    this.comm.abort(forPeers(this.rank, where, error), (rank) =>
      rank < this.parties ? undefined : forDealer(this.rank, where, error),
    );
  }

  get stats(): CommStats {
    return this.comm.stats;
  }

  get issued(): number {
    return this.#scope.transcript.issued;
  }

  pairwise(rank: number): Prg {
    const prg = this.#pairwise[rank];
    if (!prg) throw new RangeError(`there is no stream shared with rank ${rank}`);
    return prg;
  }

  /**
   * Numbers an operation; tells where randomness comes from if there is something to deal for it. The transcript names
   * its inputs, too: parties that apply the same operations to different tensors run different programs.
   */
  #number({ descriptor, inputs, masked = [] }: OperationSpec, text: string, deals: boolean): IssuedOp {
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

  issue(spec: OperationSpec, body: Body): Share {
    const run = async (op: PartyOp, inputs: Words[]) => {
      const out = this.#outputOf(spec);
      const made = await body(op, inputs, out);
      return made ?? out;
    };
    return this.#issue(spec, () => wholeInputs(spec), run);
  }

  #outputOf({ output = 'zeroed', shape, descriptor: { kind } }: OperationSpec): Words {
    if (output === 'made') return NOTHING;
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
    return this.#issue(spec, () => inputsUnderway(spec, chunks), run, started, size);
  }

  #issue<Inputs>(
    spec: OperationSpec,
    gather: () => Promise<Inputs>,
    body: (op: PartyOp, inputs: Inputs) => Promise<Words>,
    started?: Starting,
    chunk?: number,
  ): Share {
    const { descriptor, inputs, shape, rounds } = spec;
    const layout = spec.layout ?? noMaterial;
    for (const input of inputs) input.assertUsable();
    const text = JSON.stringify(descriptor);
    const issued = this.#number(spec, text, layout.correctionWords(1) > 0);
    const { id } = issued;
    const holds = [...inputs, ...(spec.masked ?? [])].map((s) => s.lifetime);
    for (const h of holds) h.hold();
    const before = Math.max(0, ...inputs.map((s) => s.depth), ...(spec.masked ?? []).map((m) => m.depth));
    const depth = before + rounds;
    const value = this.#run(spec, text, id, gather, body, chunk).finally(() => {
      this.comm.stats.noteRound(depth);
      for (const h of holds) h.release();
    });
    if (started) value.catch(started.reject); // in case it fails before it starts
    const label = labelOf(descriptor, id);
    return Share.pooled(issued, label, shape, value, depth, this.pool, started?.promise, spec.forms);
  }

  async #run<Inputs>(
    spec: OperationSpec,
    text: string,
    id: OpId,
    gather: () => Promise<Inputs>,
    body: (op: PartyOp, inputs: Inputs) => Promise<Words>,
    chunk: number | undefined,
  ): Promise<Words> {
    const { descriptor, shape, layout = noMaterial } = spec;
    const inputs = await gather();
    const stats: OperationStats = { name: descriptor.kind, shape, rounds: 0, bytesSent: 0, ms: 0 };
    const dealt =
      this.rank < this.parties - 1 && layout.correctionWords(1) > 0
        ? this.#dealtStreams.of(text, id)
        : undefined;
    const op = new PartyOp(this, id, { index: undefined, start: 0, n: descriptor.n }, layout, stats, dealt);
    const started = performance.now();
    try {
      const result = await body(op, inputs);
      op.finish();
      this.#checkCost(spec, op.rounds, stats.bytesSent, chunk);
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

  /** What an operation said that it costs is what it cost: programs are planned, and documented, by that. */
  #checkCost(spec: OperationSpec, rounds: number, sent: number, chunk: number | undefined): void {
    const { n } = spec.descriptor;
    if (n > 0 && spec.sends === undefined && rounds !== spec.rounds)
      throw new Error(`took ${rounds} rounds instead of ${spec.rounds}`);
    const bytes = bytesSent(spec, this.rank, this.parties, chunk);
    if (sent !== bytes) throw new Error(`sent ${sent} bytes instead of ${bytes}`);
  }

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

  endScope(name: string): void {
    this.#check.end(name);
  }

  async announce(
    owner: number,
    bytes: Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>> | undefined,
    timeoutMs?: number,
  ): Promise<Uint8Array> {
    const key = `public/${this.#announced++}`;
    if (this.rank !== owner)
      return this.comm.receive(owner, key, timeoutMs === undefined ? {} : { timeoutMs });
    const own = await bytes;
    if (!own) throw new RangeError(`party ${owner} announces and gave nothing to announce`);
    for (let peer = 0; peer < this.parties; peer++)
      if (peer !== this.rank) this.comm.send(peer, key, own.slice());
    return own;
  }

  differs(rank: number, id: OpId): Promise<never> {
    return this.#check.differ(rank, id);
  }

  async finish(): Promise<void> {
    this.outbox.flush();
    await this.#check.finish();
    this.randomness.close?.();
  }
}
