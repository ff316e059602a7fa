/**
 * Counters of one communicator: frames and bytes per peer, time spent waiting, rounds.
 *
 * Bytes are those of the binary frame encoding on every transport, so that figures compare. WebSocket, TLS and
 * TCP headers are not counted.
 */

/** Counters toward one peer, or their sum over all peers. Bytes and milliseconds. */
export interface PeerStats {
  framesSent: number;
  framesReceived: number;
  bytesSent: number;
  bytesReceived: number;
  payloadBytesSent: number;
  payloadBytesReceived: number;
  /** Frames dropped because the peer had already said goodbye. */
  framesDropped: number;
  /** Time in which at least one receive from this peer (in the total: from anyone) was waiting. */
  waitedMs: number;
}

/** The counters at one moment. */
export interface StatsSnapshot {
  /** Indexed by rank; the entry of this member itself stays zero. */
  readonly peers: readonly Readonly<PeerStats>[];
  readonly total: Readonly<PeerStats>;
  /** The longest chain of dependent openings so far. */
  readonly rounds: number;
}

const FIELDS = [
  'framesSent',
  'framesReceived',
  'bytesSent',
  'bytesReceived',
  'payloadBytesSent',
  'payloadBytesReceived',
  'framesDropped',
  'waitedMs',
] as const satisfies readonly (keyof PeerStats)[];

const zero = (): PeerStats => ({
  framesSent: 0,
  framesReceived: 0,
  bytesSent: 0,
  bytesReceived: 0,
  payloadBytesSent: 0,
  payloadBytesReceived: 0,
  framesDropped: 0,
  waitedMs: 0,
});

const subtract = (a: PeerStats, b: PeerStats): PeerStats => {
  const result = zero();
  for (const field of FIELDS) result[field] = a[field] - b[field];
  return result;
};

/** Adds up overlapping waits without counting any moment twice. */
class WaitClock {
  #waiting = 0;
  #since = 0;
  #sum = 0;

  begin(now: number): void {
    if (this.#waiting++ === 0) this.#since = now;
  }

  end(now: number): void {
    if (--this.#waiting === 0) this.#sum += now - this.#since;
  }

  read(now: number): number {
    return this.#sum + (this.#waiting > 0 ? now - this.#since : 0);
  }

  reset(now: number): void {
    this.#sum = 0;
    this.#since = now;
  }
}

export class CommStats {
  readonly #peers: PeerStats[];
  readonly #clocks: WaitClock[];
  readonly #clock = new WaitClock();
  #rounds = 0;

  /** @param size how many members the group has */
  constructor(size: number) {
    this.#peers = Array.from({ length: size }, zero);
    this.#clocks = Array.from({ length: size }, () => new WaitClock());
  }

  /** The longest chain of dependent openings that was noted. */
  get rounds(): number {
    return this.#rounds;
  }

  /**
   * Tells that an opening was made.
   * @param depth its place in the chain of dependent openings; the maximum is kept
   */
  noteRound(depth: number): void {
    if (depth > this.#rounds) this.#rounds = depth;
  }

  /**
   * The counters toward one peer.
   * @param rank of the peer
   * @returns a copy of the counters now
   */
  peer(rank: number): PeerStats {
    return { ...this.#at(rank), waitedMs: (this.#clocks[rank] as WaitClock).read(performance.now()) };
  }

  /** The sums over all peers now; `waitedMs` counts overlapping waits once. */
  get total(): PeerStats {
    const sum = zero();
    for (const peer of this.#peers) for (const field of FIELDS) sum[field] += peer[field];
    sum.waitedMs = this.#clock.read(performance.now());
    return sum;
  }

  /** A copy of all counters, for `since`. */
  snapshot(): StatsSnapshot {
    return { peers: this.#peers.map((_, rank) => this.peer(rank)), total: this.total, rounds: this.#rounds };
  }

  /**
   * What was counted after a snapshot.
   * @param snapshot taken when, with no `reset` since
   * @returns the differences
   */
  since(snapshot: StatsSnapshot): StatsSnapshot {
    const now = this.snapshot();
    return {
      peers: now.peers.map((peer, rank) => subtract(peer, snapshot.peers[rank] ?? zero())),
      total: subtract(now.total, snapshot.total),
      rounds: now.rounds - snapshot.rounds,
    };
  }

  /** Sets all counters to zero. */
  reset(): void {
    const now = performance.now();
    for (const peer of this.#peers) Object.assign(peer, zero());
    for (const clock of this.#clocks) clock.reset(now);
    this.#clock.reset(now);
    this.#rounds = 0;
  }

  /**
   * For the communicator: one frame sent.
   * @param to rank of the receiver
   * @param wireBytes of the whole frame
   * @param payloadBytes of its payloads
   */
  countSent(to: number, wireBytes: number, payloadBytes: number): void {
    const peer = this.#at(to);
    peer.framesSent++;
    peer.bytesSent += wireBytes;
    peer.payloadBytesSent += payloadBytes;
  }

  /**
   * For the communicator: one frame, or a part of one, received.
   * @param from rank of the sender
   * @param wireBytes of the whole frame; 0 for a later part of a frame that was split
   * @param payloadBytes of the payloads in this part
   */
  countReceived(from: number, wireBytes: number, payloadBytes: number): void {
    const peer = this.#at(from);
    if (wireBytes > 0) peer.framesReceived++;
    peer.bytesReceived += wireBytes;
    peer.payloadBytesReceived += payloadBytes;
  }

  /**
   * For the communicator: one frame dropped.
   * @param to rank of its receiver, which has said goodbye
   */
  countDropped(to: number): void {
    this.#at(to).framesDropped++;
  }

  /**
   * For the communicator: a receive begins to wait.
   * @param from rank of the sender
   */
  beginWait(from: number): void {
    const now = performance.now();
    (this.#clocks[from] as WaitClock).begin(now);
    this.#clock.begin(now);
  }

  /**
   * For the communicator: a receive that waited has ended, with or without a payload.
   * @param from rank of the sender
   */
  endWait(from: number): void {
    const now = performance.now();
    (this.#clocks[from] as WaitClock).end(now);
    this.#clock.end(now);
  }

  #at(rank: number): PeerStats {
    return this.#peers[rank] as PeerStats;
  }
}
