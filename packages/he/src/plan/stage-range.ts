/** Stages `from` to `to`, both included, counted from 0. */
export interface StageRange {
  readonly from: number;
  readonly to: number;
}
