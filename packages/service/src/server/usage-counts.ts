/**
 * What the holders of invites have used, in `model-usage.json`, so that it survives restarts. Questions are on the disk
 * before they are answered, in blocks: a process that dies has used what it had taken, never less than it answered.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '@tacit/daemon/processes';
import { writeAtomically } from '@tacit/files';
import * as v from 'valibot';
import { ServiceUsageError } from '../errors.js';
import {
  dayOf,
  type InviteQuota,
  type InviteUsage,
  onDay,
  type QuotaRefusal,
  questionRefusal,
  sessionRefusal,
  unused,
} from './quota.js';

const whole = v.pipe(v.number(), v.minValue(0));
const schema = v.record(
  v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
  v.strictObject({ day: v.string(), sessions: whole, questionsToday: whole, bytesToday: whole }),
);
type State = Record<string, InviteUsage>;

/** Questions that are taken from the quota at a time. */
const BLOCK = 32;

/** A session that counts. */
export interface CountedSession {
  /** Takes one question; resolves to why not. */
  question(): Promise<QuotaRefusal | undefined>;
  /** Counts bytes so far; resolves to whether it may go on. */
  traffic(total: number): Promise<boolean>;
  end(total: number): Promise<void>;
}

export class UsageCounts {
  readonly #path: string;
  readonly #now: () => number;
  readonly #running = new Map<string, number>();
  /** Taken from the disk and not asked yet, by invite and day. */
  readonly #left = new Map<string, number>();
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * @param home the folder
   * @param now a clock in ms; for tests
   */
  constructor(home: string, now: () => number = Date.now) {
    this.#path = join(home, 'model-usage.json');
    this.#now = now;
  }

  /** What is used of an invite. */
  async usage(id: string): Promise<InviteUsage> {
    return this.#locked((state) => state[id] ?? unused(this.#now()));
  }

  /**
   * Begins a session, if it may.
   * @param id of the invite
   * @param quota of the invite
   * @returns the session, or why not
   */
  begin(id: string, quota: InviteQuota): Promise<CountedSession | QuotaRefusal> {
    return this.#locked((state, write) => {
      const usage = onDay(state[id] ?? unused(this.#now()), this.#now());
      const refusal = sessionRefusal(quota, this.#apart(id, usage), this.#running.get(id) ?? 0);
      if (refusal) return refusal;
      state[id] = { ...usage, sessions: usage.sessions + 1 };
      write();
      this.#running.set(id, (this.#running.get(id) ?? 0) + 1);
      return this.#session(id, quota);
    });
  }

  #session(id: string, quota: InviteQuota): CountedSession {
    let counted = 0;
    let ended = false;
    const bytes = (total: number): Promise<boolean> =>
      this.#locked((state, write) => {
        const usage = onDay(state[id] ?? unused(this.#now()), this.#now());
        state[id] = { ...usage, bytesToday: usage.bytesToday + Math.max(0, total - counted) };
        counted = Math.max(counted, total);
        write();
        return (state[id] as InviteUsage).bytesToday < (quota.bytesPerDay ?? Infinity);
      });
    return {
      question: () => this.#question(id, quota),
      traffic: bytes,
      end: async (total) => {
        if (ended) return;
        ended = true;
        const running = (this.#running.get(id) ?? 1) - 1;
        if (running > 0) this.#running.set(id, running);
        else this.#running.delete(id);
        await bytes(total);
        if (running <= 0) await this.#giveBack(id);
      },
    };
  }

  async #question(id: string, quota: InviteQuota): Promise<QuotaRefusal | undefined> {
    const key = this.#key(id);
    const left = this.#left.get(key) ?? 0;
    if (left > 0) {
      this.#left.set(key, left - 1);
      return undefined;
    }
    return this.#locked((state, write) => {
      const own = this.#left.get(key) ?? 0;
      if (own > 0) {
        this.#left.set(key, own - 1);
        return undefined;
      }
      const usage = onDay(state[id] ?? unused(this.#now()), this.#now());
      const refusal = questionRefusal(quota, usage);
      if (refusal) return refusal;
      const taken = Math.min(BLOCK, (quota.questionsPerDay ?? Infinity) - usage.questionsToday);
      state[id] = { ...usage, questionsToday: usage.questionsToday + taken };
      write();
      this.#left.set(key, taken - 1);
      return undefined;
    });
  }

  /** What was taken and not asked. */
  #giveBack(id: string): Promise<void> {
    return this.#locked((state, write) => {
      const key = this.#key(id);
      const left = this.#left.get(key) ?? 0;
      this.#left.delete(key);
      for (const other of [...this.#left.keys()]) if (other.startsWith(`${id}/`)) this.#left.delete(other);
      const usage = state[id];
      if (left === 0 || usage?.day !== dayOf(this.#now())) return;
      state[id] = { ...usage, questionsToday: Math.max(0, usage.questionsToday - left) };
      write();
    });
  }

  #key(id: string): string {
    return `${id}/${dayOf(this.#now())}`;
  }

  /** Usage without what this process has taken and not asked. */
  #apart(id: string, usage: InviteUsage): InviteUsage {
    return { ...usage, questionsToday: usage.questionsToday - (this.#left.get(this.#key(id)) ?? 0) };
  }

  #locked<T>(act: (state: State, write: () => void) => T): Promise<T> {
    const done = this.#turn.then(() =>
      withLock(this.#path, () => {
        const state = this.#read();
        return act(state, () =>
          writeAtomically(this.#path, new TextEncoder().encode(`${JSON.stringify(state)}\n`), {
            mode: 0o600,
          }),
        );
      }),
    );
    this.#turn = done.catch(() => {});
    return done;
  }

  #read(): State {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
      throw error;
    }
    try {
      return v.parse(schema, JSON.parse(text)) as State;
    } catch {
      throw new ServiceUsageError(
        `${this.#path} is damaged, so what invites have used is not known: restore it; removing it gives all of them their quotas again`,
      );
    }
  }
}
