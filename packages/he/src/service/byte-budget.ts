/** Bytes that requests and replies may hold in memory at once. Reserved before anything is read. */
import { RequestError } from './errors.js';

export class ByteBudget {
  #used = 0;

  constructor(readonly limit: number) {}

  get used(): number {
    return this.#used;
  }

  /** Reserves, and returns how to give back (once; further calls do nothing). Throws BYTES_IN_FLIGHT or BODY_TOO_LARGE. */
  reserve(bytes: number): () => void {
    if (bytes > this.limit)
      throw new RequestError(
        'BODY_TOO_LARGE',
        `this request needs ${bytes} bytes, the service has ${this.limit}`,
      );
    if (this.#used + bytes > this.limit)
      throw new RequestError(
        'BYTES_IN_FLIGHT',
        'other requests fill the memory for requests; try again in 1 s',
        1,
      );
    this.#used += bytes;
    let held = true;
    return () => {
      if (held) this.#used -= bytes;
      held = false;
    };
  }
}
