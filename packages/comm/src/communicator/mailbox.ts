/**
 * Where the entries of one peer meet those who wait for them.
 *
 * Per key: either payloads that nobody has asked for yet, first in first out, or receivers that wait, first come
 * first served; never both. Cost: one map lookup an entry.
 */
import type { Key } from '../transport.js';

/** Somebody who waits for one payload. */
export interface Waiter {
  deliver(payload: Uint8Array): void;
  fail(error: Error): void;
}

interface Waiting {
  readonly payload: Uint8Array;
  readonly arrival: number;
}

interface Slot {
  readonly payloads: Waiting[];
  readonly waiters: Waiter[];
}

export class Mailbox {
  readonly #slots = new Map<Key, Slot>();
  #arrivals = 0;

  /** Gives the payload to whoever waits for `key` and returns true, or keeps it and returns false. */
  put(key: Key, payload: Uint8Array): boolean {
    const slot = this.#slots.get(key);
    if (slot === undefined) {
      this.#slots.set(key, { payloads: [{ payload, arrival: this.#arrivals++ }], waiters: [] });
      return false;
    }
    const waiter = slot.waiters.shift();
    if (waiter === undefined) {
      slot.payloads.push({ payload, arrival: this.#arrivals++ });
      return false;
    }
    if (slot.waiters.length === 0) this.#slots.delete(key);
    waiter.deliver(payload);
    return true;
  }

  /** Removes and returns the oldest payload of `key`. */
  take(key: Key): Uint8Array | undefined {
    const slot = this.#slots.get(key);
    const first = slot?.payloads.shift();
    if (slot !== undefined && first !== undefined && slot.payloads.length === 0) this.#slots.delete(key);
    return first?.payload;
  }

  /** Queues `waiter` for the next payload of `key`; `take` must have found none. */
  wait(key: Key, waiter: Waiter): void {
    const slot = this.#slots.get(key);
    if (slot === undefined) this.#slots.set(key, { payloads: [], waiters: [waiter] });
    else slot.waiters.push(waiter);
  }

  /** Removes `waiter` from the queue of `key`. */
  cancel(key: Key, waiter: Waiter): void {
    const slot = this.#slots.get(key);
    const index = slot?.waiters.indexOf(waiter) ?? -1;
    if (slot === undefined || index < 0) return;
    slot.waiters.splice(index, 1);
    if (slot.waiters.length === 0) this.#slots.delete(key);
  }

  /** Removes and returns all payloads whose key starts with `prefix`, in the order of their arrival. */
  takePrefix(prefix: string): { key: Key; payload: Uint8Array }[] {
    const found: { key: Key; payload: Uint8Array; arrival: number }[] = [];
    for (const [key, slot] of this.#slots) {
      if (slot.payloads.length === 0 || !key.startsWith(prefix)) continue;
      for (const { payload, arrival } of slot.payloads) found.push({ key, payload, arrival });
      this.#slots.delete(key);
    }
    return found.sort((a, b) => a.arrival - b.arrival);
  }

  /** Fails everybody who waits; payloads stay. */
  failWaiters(error: Error): void {
    for (const [key, slot] of [...this.#slots]) {
      if (slot.waiters.length === 0) continue;
      this.#slots.delete(key);
      for (const waiter of slot.waiters) waiter.fail(error);
    }
  }

  /** Forgets all payloads. */
  clear(): void {
    this.#slots.clear();
  }
}
