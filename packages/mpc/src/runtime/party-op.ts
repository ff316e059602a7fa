/** What a protocol's party half works with: this operation's random fields, its openings, its place in the rounds. */
import type { Communicator } from '@tacit/comm';
import { ProtocolViolationError } from '@tacit/comm';
import type { Ring, Words, WordsPool } from '@tacit/ring';
import { type Chunk, ChunkOp } from './chunk-op.js';
import type { FramePool } from './frame-pool.js';
import {
  type Block,
  blockOf,
  type Field,
  fieldOffset,
  fieldWords,
  type Layout,
  planeFieldWords,
  planeWords,
} from './layout.js';
import type { Outbox } from './outbox.js';
import { type OpId, opKey, type Prg } from './prg.js';
import type { CorrelatedRandomness } from './randomness.js';
import type { OperationStats } from './statistics.js';

/** The part of a session that operations see. */
export interface OpContext {
  readonly rank: number;
  readonly parties: number;
  readonly ring: Ring;
  readonly pool: WordsPool;
  readonly comm: Communicator;
  readonly frames: FramePool;
  readonly outbox: Outbox;
  /** This party's stream of free fields. */
  readonly prg: Prg;
  readonly randomness: Pick<CorrelatedRandomness, 'take' | 'used'>;
}

/** Says that a received message is still needed: otherwise its buffer is used again. */
const KEPT = Symbol('kept');

export class PartyOp extends ChunkOp {
  readonly key: string;
  readonly pool: WordsPool;
  readonly rank: number;
  readonly parties: number;
  /** Party 0 adds public constants. */
  readonly first: boolean;
  /** The last party gets the dealer's corrections. */
  readonly last: boolean;
  /** Dependent openings that this operation has been through. */
  rounds = 0;
  #corrections: Words | undefined;
  #correctionPayload: Uint8Array | undefined;

  constructor(
    readonly context: OpContext,
    id: OpId,
    chunk: Chunk,
    layout: Layout,
    readonly stats: OperationStats,
    /** This party's stream of dealt fields; absent where it reads none, or has the corrections instead. */
    readonly dealtStream?: Prg,
  ) {
    super(context.ring, id, chunk, layout);
    this.key = chunk.index === undefined ? opKey(id) : `${opKey(id)}.${chunk.index}`;
    this.pool = context.pool;
    this.rank = context.rank;
    this.parties = context.parties;
    this.first = context.rank === 0;
    this.last = context.rank === context.parties - 1;
  }

  /** Waits until dealt fields can be read: at once for all parties but the last. Call before the first `share`. */
  async dealt(): Promise<void> {
    if (!this.last || this.#corrections) return;
    const words = this.layout.correctionWords(this.n);
    if (words === 0) return;
    const payload = await this.context.randomness.take(this.key, words * 8);
    this.#correctionPayload = payload;
    this.#corrections = new BigUint64Array(payload.buffer as ArrayBuffer, payload.byteOffset, words);
  }

  /** This party's share of a field, for one block, into `out` (scratch or heap). */
  share(field: Field, out: Words, block: Block): void {
    if (field.dealt && this.last) {
      if (!this.#corrections) throw new Error(`${field.name} was read before the corrections were there`);
      const from = this.layout.correctionOffset(field, this.n) + fieldOffset(field, block.start);
      out.set(this.#corrections.subarray(from, from + out.length));
      return;
    }
    const stream = field.dealt ? this.dealtStream : this.context.prg;
    if (!stream) throw new Error(`${field.name} is dealt, and the operation has no dealt fields`);
    stream.fill(out, this.id, field.index, fieldOffset(field, this.chunk.start + block.start));
  }

  /** This party's share of a field, for one block, in scratch. */
  shareInScratch(field: Field, block: Block): Words {
    const out = this.room(field, block);
    this.share(field, out, block);
    return out;
  }

  /** out = out - this party's share of a field of words, for one block. */
  subtractShare(field: Field, out: Words, block: Block): void {
    if (field.dealt) throw new Error(`${field.name} is not a mask`);
    this.context.prg.addTo(
      out,
      -1n,
      this.id,
      field.index,
      fieldOffset(field, this.chunk.start + block.start),
    );
  }

  /** out = out ^ this party's share of a field of free planes, for one block. */
  xorShare(field: Field, out: Words, block: Block): void {
    if (field.dealt) throw new Error(`${field.name} is not a mask`);
    const at = fieldOffset(field, this.chunk.start + block.start);
    this.context.prg.into(out, 'xor', this.id, field.index, at);
  }

  /** The whole field at once, for operations that are not cut into chunks. */
  shareAll(field: Field): Words {
    const out = this.pool.take(fieldWords(field, this.n));
    this.share(field, out, { start: 0, length: this.n });
    return out;
  }

  /** Gives the corrections back; no dealt field can be read afterwards. */
  finish(): void {
    if (this.#correctionPayload) this.context.randomness.used(this.#correctionPayload);
    this.#correctionPayload = undefined;
    this.#corrections = undefined;
  }

  /** A message buffer from the pool; contents undefined. */
  bytes(n: number): Uint8Array<ArrayBuffer> {
    return this.context.frames.take(n);
  }

  /** Gives a received message's buffer to the pool. */
  giveBytes(received: Uint8Array): void {
    this.context.frames.give(received);
  }

  /** Ranks of the other parties. */
  *peers(): Generator<number> {
    for (let rank = 0; rank < this.parties; rank++) if (rank !== this.rank) yield rank;
  }

  /**
   * Opens a masked tensor mod 2^bits. `produce` writes a block of this party's share of (value + mask); what is sent
   * is that share, whose mask must be fresh. One round, bits/8 bytes an element to each peer.
   */
  async openWords(name: string, bits: number, produce: (block: Block, out: Words) => void): Promise<Words> {
    const own = this.pool.take(this.n);
    if (bits === 64) {
      await this.openWhole(name, produce, own, (theirs) => this.ring.add(own, own, theirs));
      return own;
    }
    this.#inBlocks((block, t) => {
      produce(block, t);
      this.ring.maskLow(t, t, bits);
      own.set(t, block.start);
    });
    const payload = this.bytes(Math.ceil((this.n * bits) / 8));
    this.ring.pack(payload, own, bits);
    await this.exchange(name, payload, (received) => this.ring.unpackAdd(own, received, bits));
    return own;
  }

  /**
   * Opens masked words mod 2^64 without adding them up: `keep` is the array where this party's message stays, or sees
   * each block of it after it was written (and may destroy it); `fold` sees what each other party sent. One round.
   */
  async openWhole(
    name: string,
    produce: (block: Block, out: Words) => void,
    keep: Words | ((block: Block, message: Words) => void),
    fold: (theirs: Words) => void,
  ): Promise<void> {
    const payload = this.bytes(this.n * 8);
    const message = wordsIn(payload);
    const own = typeof keep === 'function' ? undefined : keep;
    const inPlace = own && this.ring.owns(own) ? own : undefined;
    this.#inBlocks((block, t) => {
      produce(block, t);
      message.set(t, block.start);
      if (typeof keep === 'function') keep(block, t);
      else if (!inPlace) keep.set(t, block.start);
    }, inPlace);
    await this.exchange(name, payload, (received) => fold(wordsIn(received)));
  }

  /** Calls `make` for each block with its part of `into`, or with scratch of its length. */
  #inBlocks(make: (block: Block, t: Words) => void, into?: Words): void {
    this.eachBlock((block) => make(block, into ? blockOf(into, block) : this.scratch.words(block.length)));
  }

  /**
   * Opens masked bits: `planes` an element, stored block by block. One round, planes/8 bytes an element to each peer.
   * @param after round of the opening that this one depends on; default the last that has ended
   */
  openPlanes(
    name: string,
    planes: number,
    produce: (block: Block, out: Words) => void,
    after?: number,
  ): Promise<Words> {
    return this.#exchangePlanes(name, planes, produce, after);
  }

  /**
   * Tells all parties one bit an element as it is, without a mask: for bits that tell nothing. The shares that `produce`
   * writes must be fresh. One round, 1/8 byte an element to each peer.
   */
  revealBits(name: string, produce: (block: Block, out: Words) => void): Promise<Words> {
    return this.#exchangePlanes(name, 1, produce);
  }

  async #exchangePlanes(
    name: string,
    planes: number,
    produce: (block: Block, out: Words) => void,
    after?: number,
  ): Promise<Words> {
    const { own, payload } = this.#makePlanes(planes, produce);
    const fold = (received: Uint8Array) => {
      this.ring.xor(own, own, wordsIn(received));
    };
    await this.exchange(name, payload, fold, after);
    return own;
  }

  /**
   * As openPlanes for one bit an element and two parties, but both messages stay as they are. Call `release` after use.
   * One round, 1/8 byte an element.
   */
  async openPlaneSummands(
    name: string,
    produce: (block: Block, out: Words) => void,
  ): Promise<{ readonly own: Words; readonly theirs: Words; release(): void }> {
    const { own, payload } = this.#makePlanes(1, produce);
    let message: Uint8Array = payload;
    await this.exchange(name, payload, (received) => {
      message = received;
      return KEPT;
    });
    const release = () => {
      this.pool.give(own);
      this.giveBytes(message);
    };
    return { own, theirs: wordsIn(message), release };
  }

  /** Planes of all blocks, and a message with the same. */
  #makePlanes(
    planes: number,
    produce: (block: Block, out: Words) => void,
  ): { own: Words; payload: Uint8Array<ArrayBuffer> } {
    const words = planeFieldWords(planes, this.n);
    const own = this.pool.take(words);
    this.eachBlock((block) => {
      const t = this.scratch.words(planes * planeWords(block.length));
      produce(block, t);
      own.set(t, (block.start / 64) * planes);
    });
    const payload = this.bytes(words * 8);
    payload.set(new Uint8Array(own.buffer, own.byteOffset, words * 8));
    return { own, payload };
  }

  /**
   * Sends the same payload to all peers and folds in what each of them sent, in order of rank. For what
   * `fold` returns KEPT it must give the buffer back itself. One round, behind round `after`.
   */
  async exchange(
    name: string,
    payload: Uint8Array,
    fold: (received: Uint8Array, from: number) => unknown,
    after = this.rounds,
  ): Promise<void> {
    const round = after + 1;
    const key = `${this.key}/${name}`;
    const bytes = payload.length;
    let left = this.parties - 1;
    for (const peer of this.peers()) {
      let mine = payload;
      if (--left > 0) {
        mine = this.bytes(bytes);
        mine.set(payload);
      }
      this.context.outbox.put(peer, key, mine);
      this.stats.bytesSent += bytes;
    }
    const receiving = [...this.peers()].map((peer) => this.context.comm.receive(peer, key));
    for (const message of receiving) message.catch(() => {}); // the first failure is thrown below
    let from = 0;
    for (const message of receiving) {
      const received = await message;
      if (from === this.rank) from++;
      if (received.length !== bytes)
        throw new ProtocolViolationError(
          `party ${from} sent ${received.length} bytes for ${key}, expected ${bytes}`,
          from,
        );
      if (fold(received, from++) !== KEPT) this.giveBytes(received);
    }
    this.rounds = Math.max(this.rounds, round);
  }

  /**
   * One direction: `produce` writes a block of the words that one peer gets, whose mask must be fresh. 8 bytes an
   * element.
   */
  tellWords(peer: number, name: string, produce: (block: Block, out: Words) => void): void {
    const payload = this.bytes(this.n * 8);
    const message = wordsIn(payload);
    this.#inBlocks((block, t) => {
      produce(block, t);
      message.set(t, block.start);
    });
    this.sendTo(peer, name, payload);
  }

  /** One direction: shows `take` what a peer sent with tellWords. */
  async hearWords(peer: number, name: string, take: (theirs: Words) => void): Promise<void> {
    const received = await this.receiveFrom(peer, name, this.n * 8);
    take(wordsIn(received));
    this.giveBytes(received);
  }

  /** One direction: sends to one peer. */
  sendTo(peer: number, name: string, payload: Uint8Array): void {
    this.stats.bytesSent += payload.length;
    this.context.outbox.put(peer, `${this.key}/${name}`, payload);
  }

  /** One direction: what a peer sent with sendTo. */
  async receiveFrom(peer: number, name: string, bytes: number): Promise<Uint8Array> {
    const round = this.rounds + 1;
    const received = await this.context.comm.receive(peer, `${this.key}/${name}`);
    if (received.length !== bytes)
      throw new ProtocolViolationError(
        `party ${peer} sent ${received.length} bytes for ${this.key}/${name}, expected ${bytes}`,
        peer,
      );
    this.rounds = Math.max(this.rounds, round);
    return received;
  }
}

const wordsIn = (bytes: Uint8Array): Words =>
  new BigUint64Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength / 8);
