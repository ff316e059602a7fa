/**
 * How long a program takes: its operations as tasks of the parties and the dealer, with the messages that they wait for.
 * What overlaps overlaps here, too: operations that do not depend on each other, chunks of large ones, and the dealer, who
 * works ahead of the parties as far as its window lets it.
 */
import type { OperationCost } from '@tacit/mpc';
import type { Work } from './rates.js';
import { type Machines, Schedule } from './schedule.js';

/** How long something takes, and what of it who does. */
export interface Timeline {
  readonly ms: number;
  /** When each operation was done at all parties, in their order. */
  readonly ends: readonly number[];
  /** Milliseconds that each party, and then the dealer, computes. */
  readonly busy: readonly number[];
  /** Milliseconds that each line is in use, by sender and receiver. */
  readonly carried: readonly (readonly number[])[];
}

/** Where it runs: as `Machines`, whose members are the parties and the dealer. */
export type Places = Omit<Machines, 'members'>;

/** What a message has beside its payload: keys, frames, authentication, the headers of a socket's packets. */
const MESSAGE_BYTES = 120;
/** Headers of packets, to a byte. */
const PACKET_SHARE = 1.03;
/** The dealer is not further ahead of the last party than that. */
const WINDOW = 32 * 2 ** 20;
/** A large operation is followed in so many pieces. */
const MOST_PIECES = 64;

/** Counts down; calls back when everything is there. */
class Gate {
  #left = 1;
  constructor(readonly open: () => void) {}
  await(count = 1): void {
    this.#left += count;
  }
  arrived = (): void => {
    if (--this.#left === 0) this.open();
  };
}

/** A piece of an operation: who waits for it at which party, until it is there. */
class Piece {
  readonly #there: boolean[];
  readonly #waiting: (() => void)[][];
  constructor(parties: number) {
    this.#there = new Array(parties).fill(false);
    this.#waiting = Array.from({ length: parties }, () => []);
  }
  when(rank: number, call: () => void): void {
    if (this.#there[rank]) call();
    else this.#waiting[rank].push(call);
  }
  finish(rank: number): void {
    this.#there[rank] = true;
    for (const call of this.#waiting[rank].splice(0)) call();
  }
}

/**
 * The time of a program.
 * @param operations in the order of the program; `inputs` that are none of them are there from the start
 * @param first place of the first of them in the list that `inputs` count in
 * @param options parties, elements of a chunk, what computing takes, where it runs
 * @returns when it is over, and what takes the time
 */
export function timeline(
  operations: readonly OperationCost[],
  first: number,
  options: { readonly parties: number; readonly chunk: number; readonly work: Work; readonly places: Places },
): Timeline {
  const { parties, chunk, work, places } = options;
  const dealer = parties;
  const last = parties - 1;
  const delayMs = places.delayMs + work.hop + (places.delayMs > 0 ? work.wake : 0);
  const schedule = new Schedule({ ...places, delayMs, members: parties + 1 });
  const ends = operations.map(() => 0);
  const pieces = operations.map(({ n, elementwise }) => {
    const count = elementwise ? Math.min(MOST_PIECES, Math.max(1, Math.ceil(n / chunk))) : 1;
    return Array.from({ length: count }, () => new Piece(parties));
  });
  const send = (from: number, to: number, bytes: number, arrived: () => void): void =>
    schedule.send(from, to, bytes * PACKET_SHARE + MESSAGE_BYTES, arrived);

  // What the last party has been dealt, or waits for.
  const corrections = operations.map((_, i) => pieces[i].map(() => new Piece(1)));
  const dealing = new Dealing(
    operations,
    pieces,
    (index, piece, bytes, ms, next) =>
      schedule.add({
        member: dealer,
        ms: ms + work.channel(bytes),
        done: () => {
          send(dealer, last, bytes, () =>
            schedule.add({
              member: last,
              ms: work.channel(bytes),
              done: () => corrections[index][piece].finish(0),
            }),
          );
          next();
        },
      }),
    (cost) => work.dealer(cost, parties) + work.step,
  );

  const begin = (index: number, rank: number, piece: number): void => {
    const cost = operations[index];
    const { rounds, sent, inputs, oneWay, products, dealerBytes } = cost;
    const own = pieces[index];
    const share = 1 / own.length;
    const senders = sent.flatMap((bytes, from) => (bytes > 0 ? [from] : []));
    const receivers =
      senders.length === parties || !oneWay
        ? sent.map((_, to) => to)
        : senders.length === 1
          ? sent.flatMap((_, to) => (to === senders[0] ? [] : [to]))
          : sent.flatMap((bytes, to) => (bytes > 0 ? [] : [to]));
    const isSender = senders.includes(rank);
    const steps = senders.length > 0 ? Math.max(1, rounds) : 0;
    const hears = receivers.includes(rank) && senders.some((from) => from !== rank);
    const compute = (work.party(cost) * share) / (steps + 1);
    const dealt = dealerBytes > 0 && rank === last;
    /** The step that reads what was dealt. */
    const reads = products > 0 ? 0 : Math.min(1, steps);
    const finish = (): void => {
      ends[index] = Math.max(ends[index], schedule.now);
      if (dealt) {
        const bytes = dealerBytes * share;
        send(last, dealer, 0, () => dealing.used(bytes));
      }
      own[piece].finish(rank);
    };
    const step = (k: number): void => {
      const bytes = isSender && k < steps ? (sent[rank] * share) / steps : 0;
      const heard = hears && k > 0 ? (sent[senders.find((from) => from !== rank) ?? 0] * share) / steps : 0;
      const talks = (isSender && k < steps) || heard > 0;
      const run = (): void =>
        schedule.add({
          member: rank,
          ms: compute + (talks ? work.step : 0) + work.channel(bytes + heard),
          done: () => {
            const to = receivers.filter((peer) => peer !== rank);
            if (bytes > 0)
              for (const peer of to)
                send(rank, peer, bytes / to.length, messages[index].gate(peer, piece, k));
            if (k < steps && (hears || isSender)) step(k + 1);
            else finish();
          },
        });
      const gate = new Gate(run);
      if (k > 0 && hears)
        messages[index].wait(gate, rank, piece, k - 1, senders.filter((s) => s !== rank).length);
      if (dealt && k === reads) {
        gate.await();
        corrections[index][piece].when(0, gate.arrived);
      }
      gate.arrived();
    };
    const gate = new Gate(() => step(0));
    for (const input of inputs) {
      const before = input - first;
      if (before < 0) continue;
      // Who masks a value toward another party knows the mask before the value.
      if (operations[before].kind === 'mask-toward' && operations[before].sent[rank] > 0) continue;
      const made = pieces[before];
      for (const part of made.length === own.length ? [made[piece]] : made) {
        gate.await();
        part.when(rank, gate.arrived);
      }
    }
    gate.arrived();
  };
  const messages = operations.map(() => new Messages());

  for (let rank = 0; rank < parties; rank++)
    schedule.add({
      member: rank,
      ms: work.issue(operations.length),
      done: () => {
        if (rank === last) send(last, dealer, 0, () => dealing.start());
        for (const [index, own] of pieces.entries())
          for (const piece of own.keys()) begin(index, rank, piece);
      },
    });
  schedule.run();
  return { ms: Math.max(0, ...ends), ends, busy: schedule.busy, carried: schedule.carried };
}

/** Messages of an operation, by receiver, piece and step: how many have come, and who waits for how many. */
class Messages {
  readonly #come = new Map<string, number>();
  readonly #waiting = new Map<string, { readonly wanted: number; readonly gate: Gate }>();

  gate(to: number, piece: number, step: number): () => void {
    const key = `${to}/${piece}/${step}`;
    return () => {
      this.#come.set(key, (this.#come.get(key) ?? 0) + 1);
      this.#check(key);
    };
  }

  wait(gate: Gate, at: number, piece: number, step: number, wanted: number): void {
    const key = `${at}/${piece}/${step}`;
    gate.await();
    this.#waiting.set(key, { wanted, gate });
    this.#check(key);
  }

  #check(key: string): void {
    const waits = this.#waiting.get(key);
    if (!waits || (this.#come.get(key) ?? 0) < waits.wanted) return;
    this.#waiting.delete(key);
    waits.gate.arrived();
  }
}

/** The dealer's work in its order, as far ahead as its window lets it. */
class Dealing {
  readonly #queue: {
    readonly index: number;
    readonly piece: number;
    readonly bytes: number;
    readonly ms: number;
  }[] = [];
  #outstanding = 0;
  #working = false;
  #started = false;

  constructor(
    operations: readonly OperationCost[],
    pieces: readonly (readonly unknown[])[],
    readonly deal: (index: number, piece: number, bytes: number, ms: number, next: () => void) => void,
    workOf: (cost: OperationCost) => number,
  ) {
    for (const [index, cost] of operations.entries()) {
      if (cost.dealerBytes === 0) continue;
      const { length } = pieces[index];
      const [bytes, ms] = [cost.dealerBytes / length, workOf(cost) / length];
      for (let piece = 0; piece < length; piece++) this.#queue.push({ index, piece, bytes, ms });
    }
  }

  start(): void {
    this.#started = true;
    this.#next();
  }

  used(bytes: number): void {
    this.#outstanding -= bytes;
    this.#next();
  }

  #next(): void {
    const [next] = this.#queue;
    if (!next || !this.#started || this.#working) return;
    if (this.#outstanding > 0 && this.#outstanding + next.bytes > WINDOW) return;
    this.#queue.shift();
    this.#working = true;
    this.#outstanding += next.bytes;
    this.deal(next.index, next.piece, next.bytes, next.ms, () => {
      this.#working = false;
      this.#next();
    });
  }
}
