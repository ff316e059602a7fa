/** How patient a resumable link is. */
import { CommArgumentError } from '../errors.js';

/**
 * Two clocks tell that a member is gone. A connection that breaks, and a member that cannot be reached again, run down
 * the short one (`graceMs`). A member that is merely silent may be computing in its one thread: its connection is replaced
 * after `silentMs`, which costs nothing where it was alive, and only `deadAfterMs` ends the link.
 */
export interface ResumeSettings {
  /** How long a connection may be broken before the member counts as gone. */
  readonly graceMs: number;
  /**
   * The same where the other end, or a machine on the way, has said that it is going away (close code 1001): what browsers
   * say for a tab that is closed, and some proxies that restart. Default `graceMs`.
   */
  readonly leavingMs?: number;
  /** How much may be sent while the connection is broken, beside what was on its way. Default 64 MiB. */
  readonly maxReplayBytes?: number;
  /** After how long without a message a sign of life is asked for. Default 5 s. */
  readonly heartbeatMs?: number;
  /** After how long without a sign of life the connection is replaced by a new one. Default 30 s. */
  readonly silentMs?: number;
  /** How long a member may be silent, new connections included, before it counts as gone. Default 10 minutes. */
  readonly deadAfterMs?: number;
}

export type Patience = Required<ResumeSettings>;

const LONGEST_MS = 2 ** 31 - 1;

/** The settings with their defaults. Throws CommArgumentError on times that are not positive. */
export function patienceOf(settings: ResumeSettings): Patience {
  const patience = {
    maxReplayBytes: 64 * 2 ** 20,
    heartbeatMs: 5000,
    silentMs: 30_000,
    deadAfterMs: 600_000,
    leavingMs: settings.graceMs,
    ...settings,
  };
  for (const name of ['graceMs', 'leavingMs', 'heartbeatMs', 'silentMs', 'deadAfterMs'] as const)
    if (!(patience[name] > 0 && patience[name] <= LONGEST_MS))
      throw new CommArgumentError(`${name} must be a positive number of milliseconds, not ${patience[name]}`);
  return patience;
}
