/**
 * What peers use, counted in usage.json so that it survives restarts and holds for all processes of one home.
 *
 * A session is on the disk before it starts, and so are bytes before they move, in blocks: a process that dies has used
 * what it had reserved, never less than it moved.
 */
import { randomUUID } from 'node:crypto';
import { TacitError } from '@tacit/errors';
import { UsageError } from '../errors.js';
import { withLock } from '../home/file-lock.js';
import { thisProcess } from '../home/process-identity.js';
import type { Decision, Usage } from './types.js';
import { readUsage, SEEN_MS, type UsageState, writeUsage } from './usage-file.js';

/** Bytes that a session reserves at a time. */
const BLOCK = 16 * 2 ** 20;

/** A session that was allowed and counts until it ends. */
export interface AdmittedSession {
  readonly id: string;
  /**
   * Counts traffic. Call it with all bytes so far, often enough that no more than a block (16 MiB) moves between calls.
   * @param total bytes sent and received since the session began
   * @returns false if today's quota is used up: the session has to end
   */
  traffic(total: number): Promise<boolean>;
  /**
   * The session did not begin, and nothing was computed: it is not counted.
   */
  withdraw(): Promise<void>;
  /**
   * The session ended in order: what was reserved and not moved is given back.
   * @param total bytes sent and received
   */
  end(total: number): Promise<void>;
}

/** Where and when. */
export interface LedgerOptions {
  /** Path of usage.json. */
  readonly path: string;
  /** Milliseconds since 1970; for tests. */
  readonly now?: (() => number) | undefined;
}

/** Counts sessions and bytes of peers. */
export class UsageLedger {
  readonly #path: string;
  readonly #now: () => number;
  /** Sessions of this ledger that run. */
  readonly #own = new Set<string>();
  #heartbeat: NodeJS.Timeout | undefined;

  /** @param options path of the file */
  constructor({ path, now = Date.now }: LedgerOptions) {
    this.#path = path;
    this.#now = now;
  }

  /**
   * What is used of a program by a peer.
   * @param peer local name
   * @param program name
   * @returns counts of today and of now
   */
  async usage(peer: string, program: string): Promise<Usage> {
    return this.#locked(() => usageOf(this.#read(), peer, program));
  }

  /**
   * Decides, and counts what is allowed, as one step: two that ask at once, in one process or several, cannot both get
   * the last place.
   * @param peer local name
   * @param program name
   * @param decide the decision, by what is used
   * @returns the decision, and the session if it is allowed
   */
  async admit(
    peer: string,
    program: string,
    decide: (usage: Usage) => Decision,
  ): Promise<{ readonly decision: Decision; readonly session: AdmittedSession | undefined }> {
    return this.#locked(() => {
      const state = this.#read();
      const decision = decide(usageOf(state, peer, program));
      if (!decision.allowed) return { decision, session: undefined };
      const id = randomUUID();
      const reserved = Math.min(BLOCK, decision.bytesLeft);
      const entry = entryOf(state, peer, program);
      entry.sessions++;
      entry.bytes += reserved;
      state.running.push({ id, peer, program, reserved, process: thisProcess(), seen: this.#now() });
      writeUsage(this.#path, state);
      this.#own.add(id);
      this.#heartbeat ??= setInterval(() => void this.#saySeen(), SEEN_MS).unref();
      const bytesPerDay = decision.rule.quota?.bytesPerDay ?? Infinity;
      return { decision, session: this.#session(id, peer, program, reserved, bytesPerDay) };
    });
  }

  #session(id: string, peer: string, program: string, first: number, quota: number): AdmittedSession {
    let moved = 0;
    let paid = first;
    let ended = false;
    const change = <T>(act: (state: UsageState) => T): Promise<T> =>
      this.#locked(() => {
        const state = this.#read();
        const result = act(state);
        writeUsage(this.#path, state);
        return result;
      });
    const close = async (total: number, sessions: number): Promise<void> => {
      if (ended) return;
      ended = true;
      this.#own.delete(id);
      if (this.#own.size === 0) {
        clearInterval(this.#heartbeat);
        this.#heartbeat = undefined;
      }
      moved = Math.max(moved, total);
      await change((state) => {
        const entry = entryOf(state, peer, program);
        // On a new day both were counted on the old one.
        entry.bytes = Math.max(0, entry.bytes + moved - paid);
        entry.sessions = Math.max(0, entry.sessions - sessions);
        state.running = state.running.filter((one) => one.id !== id);
      });
    };
    return {
      id,
      traffic: async (total) => {
        moved = Math.max(moved, total);
        // Half a block ahead, so that writing is done before the bytes are there.
        if (ended || moved + BLOCK / 2 <= paid) return true;
        return change((state) => {
          const entry = entryOf(state, peer, program);
          const wanted = Math.max(0, moved + BLOCK - paid);
          const reserved = Math.max(moved - paid, Math.min(wanted, Math.max(0, quota - entry.bytes)), 0);
          entry.bytes += reserved;
          paid += reserved;
          for (const one of state.running) if (one.id === id) one.reserved += reserved;
          return moved < paid || quota - entry.bytes > 0;
        });
      },
      withdraw: () => close(0, 1),
      end: (total) => close(total, 0),
    };
  }

  /** For processes elsewhere, which cannot see whether this one runs. */
  async #saySeen(): Promise<void> {
    await this.#locked(() => {
      const state = this.#read();
      for (const one of state.running) if (this.#own.has(one.id)) one.seen = this.#now();
      writeUsage(this.#path, state);
    }).catch(() => {
      // The next session or block says what is wrong with the file.
    });
  }

  async #locked<T>(act: () => T): Promise<T> {
    try {
      return await withLock(this.#path, act);
    } catch (cause) {
      if (cause instanceof TacitError) throw cause;
      throw new UsageError(`${this.#path} cannot be used: ${(cause as Error).message}`, { cause });
    }
  }

  #read(): UsageState {
    return readUsage(this.#path, this.#now());
  }
}

function entryOf(state: UsageState, peer: string, program: string): UsageState['used'][number] {
  const found = state.used.find((one) => one.peer === peer && one.program === program);
  if (found) return found;
  const made = { peer, program, sessions: 0, bytes: 0 };
  state.used.push(made);
  return made;
}

function usageOf({ used, running }: UsageState, peer: string, program: string): Usage {
  const today = used.find((one) => one.peer === peer && one.program === program);
  const ofPeer = running.filter((one) => one.peer === peer);
  return {
    running: running.length,
    runningOfPeer: ofPeer.length,
    runningOfProgram: ofPeer.filter((one) => one.program === program).length,
    sessionsToday: today?.sessions ?? 0,
    bytesToday: today?.bytes ?? 0,
  };
}
