/** Says that a queue does not answer: who, since when, and what to do; and that it is back. */
import { QueueUnreachableError } from '../errors.js';

/** How long it may be silent before it is said, and how often it is said again. */
const SILENT_MS = 3000;
const AGAIN_MS = 60_000;

/** Watches what is asked of a queue. */
export class Outage {
  readonly #shown: string;
  readonly #say: (text: string) => void;
  /** What it said last; errors of connections come as events, not where they are waited for. */
  #reason = 'no answer';
  #saidAt = Number.NEGATIVE_INFINITY;
  #since: Date | undefined;

  /**
   * Begins to watch.
   * @param shown address without user and password
   * @param say gets lines
   */
  constructor(shown: string, say: (text: string) => void) {
    this.#shown = shown;
    this.#say = say;
  }

  /**
   * A connection failed.
   * @param error of the driver
   */
  note(error: Error): void {
    this.#reason = reasonOf(error);
  }

  /**
   * Waits for an answer, however long it takes, and says so.
   * @param asked what was asked
   * @returns the answer; undefined where the connection failed: ask again
   * @throws what the queue answered
   */
  async patiently<T>(asked: Promise<T>): Promise<T | undefined> {
    const timer = setInterval(() => this.#missing(), SILENT_MS / 3);
    try {
      const answer = await asked;
      this.#back();
      return answer;
    } catch (error) {
      if (!isOfConnection(error)) throw error;
      this.note(error as Error);
      this.#missing();
      return undefined;
    } finally {
      clearInterval(timer);
    }
  }

  /**
   * Waits for an answer for a while.
   * @param asked what was asked
   * @param ms how long
   * @returns the answer
   * @throws QueueUnreachableError, or what the queue answered
   */
  async within<T>(asked: Promise<T>, ms: number): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.error()), ms);
    });
    try {
      const answer = await Promise.race([asked, late]);
      this.#back();
      return answer;
    } catch (error) {
      const known = error instanceof QueueUnreachableError || !isOfConnection(error);
      throw known ? error : this.error(error as Error);
    } finally {
      clearTimeout(timer);
      asked.catch(() => {}); // it may still fail when nobody waits any more
    }
  }

  /**
   * The error that says so.
   * @param cause of the driver, if there is one
   * @returns with the last reason that is known
   */
  error(cause?: Error): QueueUnreachableError {
    return new QueueUnreachableError(this.#shown, cause ? reasonOf(cause) : this.#reason, { cause });
  }

  /** There is still no answer. */
  #missing(): void {
    this.#since ??= new Date();
    const now = performance.now();
    if (Date.now() - this.#since.getTime() < SILENT_MS || now - this.#saidAt < AGAIN_MS) return;
    this.#saidAt = now;
    const clock = this.#since.toTimeString().slice(0, 8);
    this.#say(
      `this organisation's queue at ${this.#shown} does not answer since ${clock} (${this.#reason}); shards that run go on and are committed. Start it again; if its entries are lost, 'tacit batch resume ID' puts the open ones back`,
    );
  }

  #back(): void {
    if (this.#saidAt > 0) this.#say(`the queue at ${this.#shown} answers again`);
    this.#since = undefined;
    this.#saidAt = Number.NEGATIVE_INFINITY;
  }
}

/**
 * Whether an error is about reaching the queue, and not an answer of it.
 * @param error of the driver
 * @returns true for refused, reset and lost connections
 */
export function isOfConnection(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  // 57P: PostgreSQL shuts down, or starts.
  return (
    /^(ECONN|ENOTFOUND|EAI_|EPIPE|EHOST|ENET|ETIMEDOUT|57P0)/.test(String(code)) ||
    /connection (is closed|terminated|error)|terminating connection|ECONNREFUSED/i.test(String(message))
  );
}

function reasonOf(error: Error): string {
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && code !== '') return code;
  const [inner] = error instanceof AggregateError ? error.errors : [];
  return inner instanceof Error ? reasonOf(inner) : error.message.slice(0, 200) || error.name;
}
