/** What a check found: one line for a person, the same as data for a program. */

/** `skipped`: it could not be checked here, which says nothing. */
export type Verdict = 'ok' | 'warning' | 'problem' | 'skipped';

export interface Finding {
  /** What was checked: a word that stays the same from release to release, e.g. `clock`. */
  readonly check: string;
  /** The peer that it is about; undefined if it is about this side. */
  readonly peer?: string | undefined;
  readonly verdict: Verdict;
  readonly message: string;
  /** What to change, where there is something. */
  readonly advice?: string | undefined;
  /** What was measured, in the unit that ends the name. */
  readonly figures?: Readonly<Record<string, number | string | boolean>> | undefined;
}

/** A finding without what the caller knows anyway. */
export type Found = Omit<Finding, 'check' | 'peer'>;

/**
 * Nothing to change.
 * @param message what is so
 * @param figures what was measured
 * @returns the finding, for whoever knows which check it was
 */
export const ok = (message: string, figures?: Finding['figures']): Found => ({
  verdict: 'ok',
  message,
  figures,
});

/**
 * Works, and should be looked at.
 * @param message what is so
 * @param advice what to change
 * @param figures what was measured
 * @returns the finding, for whoever knows which check it was
 */
export const warning = (message: string, advice: string, figures?: Finding['figures']): Found => ({
  verdict: 'warning',
  message,
  advice,
  figures,
});

/**
 * Does not work.
 * @param message what is so
 * @param advice what to change
 * @param figures what was measured
 * @returns the finding, for whoever knows which check it was
 */
export const problem = (message: string, advice: string, figures?: Finding['figures']): Found => ({
  verdict: 'problem',
  message,
  advice,
  figures,
});

/**
 * Could not be checked.
 * @param message why
 * @returns the finding, for whoever knows which check it was
 */
export const skipped = (message: string): Found => ({ verdict: 'skipped', message });
