/** What a link has sent and the other end has not acknowledged yet, in order. */

export type Sent = string | Uint8Array<ArrayBuffer>;

export class ReplayBuffer {
  #messages: Sent[] = [];
  /** The number of the first one that is kept. */
  #base = 0;
  #bytes = 0;

  /** How many messages the other end has acknowledged. */
  get acknowledged(): number {
    return this.#base;
  }

  /** How many have been sent. */
  get sent(): number {
    return this.#base + this.#messages.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  [Symbol.iterator](): Iterator<Sent> {
    return this.#messages[Symbol.iterator]();
  }

  push(message: Sent): void {
    this.#messages.push(message);
    this.#bytes += sizeOf(message);
  }

  /** Forgets what the other end has. False for a count that cannot be. */
  prune(peerReceived: number): boolean {
    const count = peerReceived - this.#base;
    if (!Number.isSafeInteger(count) || count < 0 || count > this.#messages.length) return false;
    for (const message of this.#messages.splice(0, count)) this.#bytes -= sizeOf(message);
    this.#base = peerReceived;
    return true;
  }

  clear(): void {
    this.#base = this.sent;
    this.#messages = [];
    this.#bytes = 0;
  }
}

const sizeOf = (message: Sent): number => (typeof message === 'string' ? message.length : message.byteLength);
