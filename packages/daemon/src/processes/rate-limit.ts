/** So many a minute, of each: a bucket that fills up with time. */
export class RateLimit {
  readonly #perMinute: number;
  readonly #now: () => number;
  readonly #buckets = new Map<string, { left: number; at: number }>();

  /**
   * Begins with full buckets.
   * @param perMinute how many
   * @param now a clock in ms; for tests
   */
  constructor(perMinute: number, now: () => number = () => performance.now()) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  /**
   * Takes one.
   * @param who is limited; a bucket that is full again is forgotten
   * @returns whether there was one
   */
  allows(who: string): boolean {
    const now = this.#now();
    for (const [key, { left, at }] of this.#buckets)
      if (this.#filled(left, at, now) >= this.#perMinute) this.#buckets.delete(key);
    const { left, at } = this.#buckets.get(who) ?? { left: this.#perMinute, at: now };
    const filled = this.#filled(left, at, now);
    if (filled < 1) return false;
    this.#buckets.set(who, { left: filled - 1, at: now });
    return true;
  }

  #filled(left: number, at: number, now: number): number {
    return Math.min(this.#perMinute, left + ((now - at) / 60_000) * this.#perMinute);
  }
}
