/**
 * What the dealer lets a request cost. Requests come from a party, and a dealer may serve parties of other
 * organisations: it must neither fall over nor work for ever because of one of them.
 */
export interface DealerLimits {
  /** Elements of a tensor that has to be held as a whole: operands and results of products. Default 2^27 (1 GiB). */
  readonly maxElements: number;
  /** Elements of an operation that is dealt in chunks, which takes no memory. Default 2^34. */
  readonly maxStreamed: number;
  /** Multiply-adds of one product. Default 2^44, about an hour. */
  readonly maxProducts: number;
  /** Requests that wait. Default 2^20. */
  readonly maxWaiting: number;
  /** Bytes of the requests that wait. Default 64 MiB. */
  readonly maxWaitingBytes: number;
}

export const defaultLimits: DealerLimits = {
  maxElements: 2 ** 27,
  maxStreamed: 2 ** 34,
  maxProducts: 2 ** 44,
  maxWaiting: 2 ** 20,
  maxWaitingBytes: 64 * 2 ** 20,
};
