/** What each operation cost at this party. */
export interface OperationStats {
  readonly name: string;
  readonly shape: readonly number[];
  /** Rounds that the operation itself added to its longest input. */
  rounds: number;
  bytesSent: number;
  /** From the moment all inputs were there to the result. */
  ms: number;
}
