/** The invites to the models of a home: `model-invites.json`, which only its owner may read. */
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '@tacit/daemon/processes';
import { readOwn, writeOwn } from '@tacit/identity';
import * as v from 'valibot';
import { ServiceUsageError } from '../errors.js';
import { inviteId, MODEL_NAME, toHex } from '../shared/invite.js';
import type { InviteQuota } from './quota.js';

const count = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(Number.MAX_SAFE_INTEGER)));
const schema = v.array(
  v.strictObject({
    id: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
    secret: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
    model: v.pipe(v.string(), v.regex(MODEL_NAME)),
    label: v.pipe(v.string(), v.maxLength(100)),
    created: v.pipe(v.string(), v.isoTimestamp()),
    expires: v.optional(v.pipe(v.string(), v.isoTimestamp())),
    withdrawn: v.optional(v.boolean()),
    quota: v.strictObject({
      sessionsAtOnce: count,
      sessions: count,
      questionsPerDay: count,
      bytesPerDay: count,
    }),
  }),
);
/** An invite as it is kept. */
export type KeptInvite = v.InferOutput<typeof schema>[number];

export interface InviteOptions {
  readonly model: string;
  /** Whom it is for, for the owner's own lists. */
  readonly label?: string;
  /** For how long, in ms; for ever if it is left out. */
  readonly expiresInMs?: number;
  readonly quota?: InviteQuota;
  /** ms since 1970; for tests. */
  readonly now?: number;
}

/** Ended invites are remembered this long, so that whoever has one hears why it does not work. */
const REMEMBERED_MS = 90 * 86_400_000;
const MOST = 10_000;

export class InviteStore {
  readonly #path: string;
  #cached: { readonly stamp: string; readonly invites: readonly KeptInvite[] } | undefined;

  /** @param home the folder */
  constructor(home: string) {
    this.#path = join(home, 'model-invites.json');
  }

  /**
   * All invites, as they are now: other processes may add some.
   * @returns in the order in which they were made
   * @throws ServiceUsageError where the file is damaged, IdentityError where others can read it
   */
  list(): readonly KeptInvite[] {
    const stamp = stampOf(this.#path);
    if (this.#cached?.stamp === stamp) return this.#cached.invites;
    const invites = this.#read();
    this.#cached = { stamp, invites };
    return invites;
  }

  /**
   * One invite.
   * @param id its id
   * @returns the invite, whether it can still be used or not; undefined where there is none
   */
  find(id: string): KeptInvite | undefined {
    return this.list().find((invite) => invite.id === id);
  }

  /**
   * Makes an invite.
   * @param options which model, for how long, for how much
   * @returns the invite, with its secret
   * @throws ServiceUsageError
   */
  async issue({
    model,
    label = '',
    expiresInMs,
    quota = {},
    now = Date.now(),
  }: InviteOptions): Promise<KeptInvite> {
    if (!MODEL_NAME.test(model))
      throw new ServiceUsageError(`${JSON.stringify(model)} is no name of a model`);
    if (expiresInMs !== undefined && !(expiresInMs > 0 && now + expiresInMs < 2 ** 32 * 1000))
      throw new ServiceUsageError('an invite expires after a positive time, before the year 2106');
    const secret = randomBytes(16);
    const invite: KeptInvite = {
      id: inviteId(secret),
      secret: toHex(secret),
      model,
      label,
      created: new Date(now).toISOString(),
      ...(expiresInMs !== undefined && {
        // Whole seconds, as the text of the invite has them.
        expires: new Date(Math.ceil((now + expiresInMs) / 1000) * 1000).toISOString(),
      }),
      quota: { ...quota },
    };
    const checked = v.safeParse(schema, [invite]);
    if (!checked.success)
      throw new ServiceUsageError(
        `the invite cannot be: ${v.getDotPath(checked.issues[0])?.replace(/^0\./, '')}`,
      );
    await this.#change((invites) => {
      const kept = invites.filter((one) => !isForgotten(one, now));
      if (kept.length >= MOST) throw new ServiceUsageError(`there are ${MOST} invites; withdraw some`);
      return [...kept, invite];
    });
    return invite;
  }

  /**
   * Takes an invite back; sessions that run go on.
   * @param id its id, or the beginning of it
   * @returns the invite
   * @throws ServiceUsageError where there is none, or several begin like that
   */
  async withdraw(id: string): Promise<KeptInvite> {
    let found: KeptInvite | undefined;
    await this.#change((invites) => {
      const fitting = invites.filter((one) => id.length >= 4 && one.id.startsWith(id.toLowerCase()));
      if (fitting.length !== 1)
        throw new ServiceUsageError(
          fitting.length === 0 ? `there is no invite '${id}'` : `several invites begin with '${id}'`,
        );
      [found] = fitting;
      return invites.map((one) => (one === found ? { ...one, withdrawn: true } : one));
    });
    return found as unknown as KeptInvite;
  }

  async #change(act: (invites: readonly KeptInvite[]) => readonly KeptInvite[]): Promise<void> {
    await withLock(this.#path, () => {
      const invites = act(this.#read());
      writeOwn(this.#path, `${JSON.stringify(invites, undefined, 1)}\n`);
      this.#cached = undefined;
    });
  }

  #read(): readonly KeptInvite[] {
    const text = readOwn(this.#path, true);
    if (text === undefined) return [];
    try {
      return v.parse(schema, JSON.parse(text));
    } catch {
      throw new ServiceUsageError(
        `${this.#path} is damaged: restore it, or remove it, and all invites with it`,
      );
    }
  }
}

/** Whether an invite can still be used, and if not, why. */
export function endOf(
  { withdrawn, expires }: KeptInvite,
  now: number,
): { readonly code: 'INVITE_UNKNOWN' | 'INVITE_EXPIRED'; readonly reason: string } | undefined {
  if (withdrawn) return { code: 'INVITE_UNKNOWN', reason: 'the invite was withdrawn; ask for a new one' };
  if (expires !== undefined && now >= Date.parse(expires))
    return {
      code: 'INVITE_EXPIRED',
      reason: `the invite expired on ${expires.slice(0, 16)}Z; ask for a new one`,
    };
  return undefined;
}

const isForgotten = ({ expires, withdrawn, created }: KeptInvite, now: number): boolean =>
  (withdrawn === true && now - Date.parse(created) > REMEMBERED_MS) ||
  (expires !== undefined && now - Date.parse(expires) > REMEMBERED_MS);

function stampOf(path: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(path);
    return `${mtimeMs}/${size}/${ino}`;
  } catch {
    return 'none';
  }
}
