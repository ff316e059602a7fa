/** What a table of error codes says about each. */
export interface CodeEntry {
  /** What happened. */
  readonly meaning: string;
  /** What the user can do. */
  readonly remedy: string;
}

export type CodeTable = Readonly<Record<string, CodeEntry>>;
