/**
 * The life of a process: it starts, is ready, drains, ends. When it drains, no new session starts, and those that run may
 * go on for a while; what is left then is aborted.
 */

/** Where a process is in its life. */
export type LifeState = 'starting' | 'ready' | 'draining' | 'ended';

/** A process that can be told to end. */
export class Lifecycle {
  readonly #drainMs: number;
  readonly #running = new Set<object>();
  readonly #abort = new AbortController();
  readonly #draining = new AbortController();
  #state: LifeState = 'starting';
  #drained: Promise<'done' | 'late'> | undefined;
  #empty: (() => void) | undefined;

  /** @param options how long running sessions may go on when the process drains, in milliseconds */
  constructor({ drainMs }: { readonly drainMs: number }) {
    this.#drainMs = drainMs;
  }

  get state(): LifeState {
    return this.#state;
  }

  /** How many sessions run. */
  get running(): number {
    return this.#running.size;
  }

  /** Aborted when the process begins to drain: whoever waits for something to begin can stop. */
  get draining(): AbortSignal {
    return this.#draining.signal;
  }

  /** Aborted when time is up: sessions that still run have to stop. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** New sessions may start from now on, unless the process drains already. */
  ready(): void {
    if (this.#state === 'starting') this.#state = 'ready';
  }

  /**
   * A session begins.
   * @returns call it when the session has ended; undefined if none may start
   */
  begin(): (() => void) | undefined {
    if (this.#state !== 'ready') return undefined;
    const session = {};
    this.#running.add(session);
    return () => {
      if (this.#running.delete(session) && this.#running.size === 0) this.#empty?.();
    };
  }

  /**
   * Ends the process in order: not ready, no new sessions, and those that run get the time of the drain.
   * @returns `done` if all ended by themselves, `late` if some were aborted; the same for every call
   */
  drain(): Promise<'done' | 'late'> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  async #drain(): Promise<'done' | 'late'> {
    this.#state = 'draining';
    this.#draining.abort(new Error('the process is ending'));
    let timer: NodeJS.Timeout | undefined;
    const result = await new Promise<'done' | 'late'>((end) => {
      this.#empty = () => end('done');
      if (this.#running.size === 0) end('done');
      else timer = setTimeout(() => end('late'), this.#drainMs);
    });
    clearTimeout(timer);
    this.#state = 'ended';
    this.#abort.abort(new Error('the process is ending'));
    return result;
  }
}

/** What signals do. */
export interface SignalOptions {
  readonly lifecycle: Lifecycle;
  /** Called once, when the first signal has come. */
  readonly onDrain?: ((signal: NodeJS.Signals) => void) | undefined;
  /**
   * Says goodbye to everybody: leaves sessions and closes doors, after the drain. The process ends with 0 when it has
   * returned, with 1 if it fails or takes longer than `goodbyeMs`.
   */
  close(result: 'done' | 'late'): Promise<void>;
  /** How long the goodbye may take, in milliseconds; 10 seconds by default. */
  readonly goodbyeMs?: number | undefined;
  /** For tests. */
  readonly process?: SignalSource | undefined;
}

/** As much of `process` as is used here. */
export interface SignalSource {
  on(signal: 'SIGTERM' | 'SIGINT', handler: (signal: NodeJS.Signals) => void): unknown;
  off(signal: 'SIGTERM' | 'SIGINT', handler: (signal: NodeJS.Signals) => void): unknown;
  exit(code: number): unknown;
}

/**
 * Lets SIGTERM and SIGINT drain the process. A second signal ends it at once, with 130 (SIGINT) or 143 (SIGTERM).
 * @param options what is drained, and what is closed after it
 * @returns stops listening to signals
 */
export function handleSignals({
  lifecycle,
  onDrain,
  close,
  goodbyeMs = 10_000,
  process: source = process,
}: SignalOptions): () => void {
  let begun = false;
  const handler = (signal: NodeJS.Signals): void => {
    if (begun) {
      source.exit(signal === 'SIGINT' ? 130 : 143);
      return;
    }
    begun = true;
    onDrain?.(signal);
    lifecycle
      .drain()
      .then((result) => {
        setTimeout(() => source.exit(1), goodbyeMs).unref();
        return close(result);
      })
      .then(
        () => source.exit(0),
        () => source.exit(1),
      );
  };
  source.on('SIGTERM', handler);
  source.on('SIGINT', handler);
  return () => {
    source.off('SIGTERM', handler);
    source.off('SIGINT', handler);
  };
}
