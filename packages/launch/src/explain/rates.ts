/**
 * How long computing takes, from a few rates of a machine: random words, multiplications, messages. An operation's cost
 * follows from what it states about itself (random fields, bytes, elements, products); protocols that do more with these than
 * most have a factor. The factors come from bench/protocol-work.mts; what messages take, from inferences over loopback.
 */
import type { OperationCost } from '@tacit/mpc';

/** What a core of a machine does, and what its messages take. */
export interface Rates {
  /** Multiplications of a matrix product in Z/2^64, a second. */
  readonly multiplications: number;
  /** Nanoseconds for a word of a random stream. */
  readonly wordNs: number;
  /** Milliseconds for a short message between two sockets of this machine, and its event. */
  readonly messageMs: number;
}

/** The machine on which the factors below were measured (two cores, Node.js 20), by the self-measurement. */
export const REFERENCE: Rates = { multiplications: 2.1e9, wordNs: 4.4, messageMs: 0.045 };

/**
 * The rates of a machine of which one is stated: the others are as much faster or slower than the reference.
 * @param multiplications a second, of a core
 * @returns all rates
 */
export function ratesFor(multiplications: number): Rates {
  const slower = REFERENCE.multiplications / multiplications;
  return {
    multiplications,
    wordNs: REFERENCE.wordNs * slower,
    messageMs: REFERENCE.messageMs * slower,
  };
}

/** Work at a party, in times of a random word: for each word of its fields, for each byte sent, for each element. */
const PARTY = { field: 2.5, byte: 0.4, element: 1.2 };
/** Work of the dealer, likewise, for each word of a field and party. */
const DEALER_FIELD = 1;

/** Protocols that take that many times what their fields and messages say. */
const PARTY_FACTOR: Readonly<Record<string, number>> = {
  compare: 1.3,
  relu: 1.2,
  spline: 1.4,
  sine: 2.5,
  sines: 1.2,
  exponential: 2,
  'arg-level': 1.6,
  'one-hot': 4,
  'to-bits': 2,
};
const DEALER_FACTOR: Readonly<Record<string, number>> = {
  sine: 4,
  'one-hot': 4,
  'from-bits': 2.2,
  'to-bits': 1.6,
  shuffle: 3,
};

/** Bytes that go through a channel: encryption, copies, sockets, in times of a random word, at each end. */
const CHANNEL_BYTE = 0.9;
/**
 * In messages: a program's start, what an operation takes to be issued, what each step does, and what a message is late; and
 * what it is late besides where a network lies between, since a process that has waited for milliseconds goes on slowly, with
 * an idle processor and cold caches.
 */
const [START, ISSUE, STEP, HOP, WAKE] = [16, 1.5, 4, 3, 32];

/** Milliseconds that things take on a machine. */
export class Work {
  /** @param rates of the machine */
  constructor(readonly rates: Rates) {}

  #words(count: number): number {
    return (count * this.rates.wordNs) / 1e6;
  }

  #products(count: number): number {
    return (count / this.rates.multiplications) * 1000;
  }

  /**
   * At a party, without its messages.
   * @param cost of the operation
   * @returns milliseconds
   */
  party({ kind, randomWords, n, sent, products }: OperationCost): number {
    const most = Math.max(...sent);
    const words = PARTY.field * randomWords + PARTY.byte * most + PARTY.element * n;
    return this.#words(words * (PARTY_FACTOR[kind] ?? 1)) + this.#products(products > n ? products : 0);
  }

  /**
   * At the dealer, without its messages.
   * @param cost of the operation
   * @param parties how many streams it expands
   * @returns milliseconds
   */
  dealer({ kind, randomWords, n, products }: OperationCost, parties: number): number {
    const own = kind === 'linear' ? parties - 1 : 1;
    return (
      this.#words(DEALER_FIELD * parties * randomWords * (DEALER_FACTOR[kind] ?? 1)) +
      this.#products(products > n ? own * products : 0)
    );
  }

  /** Sending or receiving that many bytes. */
  channel(bytes: number): number {
    return this.#words(CHANNEL_BYTE * bytes);
  }

  /** Issuing a program of so many operations. */
  issue(operations: number): number {
    return (START + ISSUE * operations) * this.rates.messageMs;
  }

  /** A step of an operation that takes or makes messages. */
  get step(): number {
    return STEP * this.rates.messageMs;
  }

  /** What a member that has waited for a network takes to go on. */
  get wake(): number {
    return WAKE * this.rates.messageMs;
  }

  /** From the end of a step until the other side notices, where the network takes no time. */
  get hop(): number {
    return HOP * this.rates.messageMs;
  }
}
