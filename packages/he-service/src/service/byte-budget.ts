/**
 * Bytes that requests and replies may hold in memory at once. Reserved before anything is read. One holder may have a
 * share of them only, so that a slow client with a large body does not keep all others out.
 */
import { RequestError } from './errors.js';

export class ByteBudget {
  #used = 0;
  readonly #usedBy = new Map<string | undefined, number>();

  constructor(
    readonly limit: number,
    readonly share = limit,
  ) {}

  get used(): number {
    return this.#used;
  }

  /** Reserves, and returns how to give back (once; further calls do nothing). Throws BYTES_IN_FLIGHT or BODY_TOO_LARGE. */
  reserve(bytes: number, holder: string | undefined): () => void {
    if (bytes > this.share)
      throw new RequestError(
        'BODY_TOO_LARGE',
        `this request needs ${bytes} bytes, the service has ${this.share}`,
      );
    const own = this.#usedBy.get(holder) ?? 0;
    if (own + bytes > this.share)
      throw new RequestError(
        'BYTES_IN_FLIGHT',
        'your other requests fill your share of the memory for requests; try again in 1 s',
        1,
      );
    if (this.#used + bytes > this.limit)
      throw new RequestError(
        'BYTES_IN_FLIGHT',
        'other requests fill the memory for requests; try again in 1 s',
        1,
      );
    this.#add(holder, bytes);
    let held = true;
    return () => {
      if (held) this.#add(holder, -bytes);
      held = false;
    };
  }

  #add(holder: string | undefined, bytes: number): void {
    this.#used += bytes;
    const own = (this.#usedBy.get(holder) ?? 0) + bytes;
    if (own > 0) this.#usedBy.set(holder, own);
    else this.#usedBy.delete(holder);
  }
}
