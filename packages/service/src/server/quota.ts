/** How much the holders of an invite may do, and what they have done. Days are those of UTC. */

/** What is left out is not limited. */
export interface InviteQuota {
  /** Sessions that run at the same time: clients, more or less. */
  readonly sessionsAtOnce?: number;
  /** Sessions altogether; 1 for an invite that can be used once. */
  readonly sessions?: number;
  readonly questionsPerDay?: number;
  readonly bytesPerDay?: number;
}

/** What is used of an invite. */
export interface InviteUsage {
  /** 2026-11-27: the day that the counts of days are of. */
  readonly day: string;
  readonly sessions: number;
  readonly questionsToday: number;
  readonly bytesToday: number;
}

/** Why something is refused. */
export interface QuotaRefusal {
  readonly code: 'QUOTA_USED_UP' | 'INVITE_USED' | 'SESSIONS_AT_ONCE';
  readonly reason: string;
}

export const dayOf = (now: number): string => new Date(now).toISOString().slice(0, 10);

/** Nothing used yet. */
export const unused = (now: number): InviteUsage => ({
  day: dayOf(now),
  sessions: 0,
  questionsToday: 0,
  bytesToday: 0,
});

/** The same on another day. */
export const onDay = (usage: InviteUsage, now: number): InviteUsage =>
  usage.day === dayOf(now) ? usage : { ...unused(now), sessions: usage.sessions };

/**
 * Whether another session may begin.
 * @param quota of the invite
 * @param usage so far
 * @param running sessions of the invite that run
 * @returns why not; undefined where it may
 */
export function sessionRefusal(
  quota: InviteQuota,
  usage: InviteUsage,
  running: number,
): QuotaRefusal | undefined {
  const { sessions = Infinity, sessionsAtOnce = Infinity } = quota;
  if (usage.sessions >= sessions)
    return {
      code: 'INVITE_USED',
      reason: `the invite was good for ${sessions} ${sessions === 1 ? 'session' : 'sessions'}; ask for a new one`,
    };
  if (running >= sessionsAtOnce)
    return { code: 'SESSIONS_AT_ONCE', reason: `the invite is good for ${sessionsAtOnce} at the same time` };
  return questionRefusal(quota, usage);
}

/**
 * Whether another question may be asked.
 * @param quota of the invite
 * @param usage so far
 * @returns why not; undefined where it may
 */
export function questionRefusal(quota: InviteQuota, usage: InviteUsage): QuotaRefusal | undefined {
  const { questionsPerDay = Infinity, bytesPerDay = Infinity } = quota;
  if (usage.questionsToday >= questionsPerDay)
    return {
      code: 'QUOTA_USED_UP',
      reason: `the invite is good for ${questionsPerDay} questions a day (UTC)`,
    };
  if (usage.bytesToday >= bytesPerDay)
    return { code: 'QUOTA_USED_UP', reason: `the invite is good for ${bytesPerDay} bytes a day (UTC)` };
  return undefined;
}
