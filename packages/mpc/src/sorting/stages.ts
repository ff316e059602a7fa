/** What carries out the stages of an ordering: comparisons that are told to all, stage by stage. */

/** Comparisons of a stage that belong together: as many in each lane. */
export interface Comparisons {
  readonly count: number;
  /** Which rows of a lane are compared: writes them into both arrays from a place on. */
  pairs(lane: number, left: Int32Array, right: Int32Array, from: number): void;
  /** Takes the bits [left < right] of a lane, from a place on. */
  told(lane: number, less: Uint8Array, from: number): void;
}

export interface Stages {
  /** Issues a stage. */
  compare(parts: readonly Comparisons[]): void;
  /** Runs work when all stages so far have been opened, before the next one chooses its rows. */
  afterwards(work: () => void): void;
}
