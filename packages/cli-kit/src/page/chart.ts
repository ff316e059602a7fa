/** A chart: x, and a line for each series. */
export interface Chart {
  /** Of its section on the page. */
  readonly id: string;
  readonly title: string;
  /** A sentence below the title. */
  readonly note?: string;
  readonly unit: string;
  readonly x: readonly number[];
  /** What x is. */
  readonly xLabel: string;
  /** Whether x has fractions, which its axis shows then. Default false. */
  readonly xFractions?: boolean;
  /** Whether lines are level around each x, as of a histogram, instead of straight between them. Default false. */
  readonly steps?: boolean;
  /** Whether the axis begins at 0. */
  readonly fromZero?: boolean;
  readonly series: readonly { readonly label: string; readonly values: readonly (number | null)[] }[];
}
