/**
 * A queue that is fair between tenants: it serves them in turn, each of them first in, first out. `take` may prefer an
 * item close to the front (one whose keys a worker has loaded), but passes over no item more than `PATIENCE` times.
 */

/** How far from the front a preferred item may be. */
const WINDOW = 8;
/** How often an item may be passed over. */
const PATIENCE = 4;

interface Entry<T> {
  readonly tenant: string;
  readonly item: T;
  passedOver: number;
}

export class FairQueue<T> {
  /** Tenants that wait, in the order of their turns; no list is empty. */
  readonly #tenants = new Map<string, Entry<T>[]>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  lengthOf(tenant: string): number {
    return this.#tenants.get(tenant)?.length ?? 0;
  }

  push(tenant: string, item: T): void {
    const waiting = this.#tenants.get(tenant);
    const entry = { tenant, item, passedOver: 0 };
    if (waiting) waiting.push(entry);
    else this.#tenants.set(tenant, [entry]);
    this.#length++;
  }

  /** Puts an item at the front of its tenant, whose turn it is then: for a task whose worker was lost. */
  pushFront(tenant: string, item: T): void {
    const waiting = this.#tenants.get(tenant) ?? [];
    const others = [...this.#tenants].filter(([name]) => name !== tenant);
    this.#tenants.clear();
    this.#tenants.set(tenant, [{ tenant, item, passedOver: PATIENCE }, ...waiting]);
    for (const [name, entries] of others) this.#tenants.set(name, entries);
    this.#length++;
  }

  /** Takes the item whose turn it is, or a preferred one close behind it. */
  take(preferred: (item: T) => boolean = () => false): T | undefined {
    const front = this.#front();
    const first = front[0];
    if (!first) return undefined;
    let chosen = first;
    for (const entry of front) {
      if (preferred(entry.item)) {
        chosen = entry;
        break;
      }
      if (entry.passedOver >= PATIENCE) break;
    }
    for (const entry of front) {
      if (entry === chosen) break;
      entry.passedOver++;
    }
    this.#remove(chosen);
    // The tenant had its turn.
    const rest = this.#tenants.get(chosen.tenant);
    if (rest) {
      this.#tenants.delete(chosen.tenant);
      this.#tenants.set(chosen.tenant, rest);
    }
    return chosen.item;
  }

  /** Removes an item that waits. */
  remove(item: T): boolean {
    for (const entries of this.#tenants.values()) {
      const entry = entries.find((candidate) => candidate.item === item);
      if (entry) {
        this.#remove(entry);
        return true;
      }
    }
    return false;
  }

  /** Removes and returns everything. */
  clear(): T[] {
    const items = [...this.#tenants.values()].flat().map((entry) => entry.item);
    this.#tenants.clear();
    this.#length = 0;
    return items;
  }

  /** The next items in the order of service. */
  #front(): Entry<T>[] {
    const lists = [...this.#tenants.values()];
    const front: Entry<T>[] = [];
    for (let round = 0; front.length < WINDOW; round++) {
      const before = front.length;
      for (const entries of lists) {
        const entry = entries[round];
        if (entry && front.length < WINDOW) front.push(entry);
      }
      if (front.length === before) break;
    }
    return front;
  }

  #remove(entry: Entry<T>): void {
    const entries = this.#tenants.get(entry.tenant);
    const index = entries?.indexOf(entry) ?? -1;
    if (!entries || index < 0) return;
    entries.splice(index, 1);
    if (entries.length === 0) this.#tenants.delete(entry.tenant);
    this.#length--;
  }
}
