/** Says for whom something waits, and since when: after two seconds, and again now and then. */

/** When it is said again, in seconds since the beginning; afterwards every minute. */
const SAID_AT = [2, 10, 30, 60];

export interface Missing {
  readonly name: string;
  /** Why not yet, as far as it is known: the last attempt's error. */
  readonly detail: string | undefined;
}

/** Of this process, or of a test. */
export interface Time {
  /** In ms since 1970. */
  now(): number;
  /** Returns how to take it back. */
  later(run: () => void, ms: number): () => void;
}

const TIME: Time = {
  now: Date.now,
  later: (run, ms) => {
    const timer = setTimeout(run, ms);
    timer.unref?.();
    return () => clearTimeout(timer);
  },
};

export class WaitingRoom {
  readonly #missing = new Map<string, string | undefined>();
  readonly #say: (text: string) => void;
  readonly #time: Time;
  readonly #since: number;
  #stop: () => void = () => {};
  #said = 0;

  /**
   * Begins to wait.
   * @param names of those that are awaited
   * @param say gets a line without its end
   * @param time for tests
   */
  constructor(names: readonly string[], say: (text: string) => void, time: Time = TIME) {
    for (const name of names) this.#missing.set(name, undefined);
    this.#say = say;
    this.#time = time;
    this.#since = time.now();
    this.#next();
  }

  /** Those that have not come yet. */
  get missing(): readonly Missing[] {
    return [...this.#missing].map(([name, detail]) => ({ name, detail }));
  }

  /** One has come. */
  came(name: string): void {
    const { size } = this.#missing;
    this.#missing.delete(name);
    if (this.#said > 0 && this.#missing.size < size) this.#say(`${name} is there`);
    if (this.#missing.size === 0) this.close();
  }

  /** An attempt to reach one has failed. */
  failed(name: string, detail: string): void {
    if (this.#missing.has(name)) this.#missing.set(name, detail);
  }

  /** Says nothing more. */
  close(): void {
    this.#stop();
  }

  #next(): void {
    const last = SAID_AT.at(-1) as number;
    const at = SAID_AT[this.#said] ?? last + (this.#said - SAID_AT.length + 1) * 60;
    const due = this.#since + at * 1000 - this.#time.now();
    this.#stop = this.#time.later(
      () => {
        this.#said++;
        this.#say(describeWaiting(this.missing, new Date(this.#since)));
        this.#next();
      },
      Math.max(0, due),
    );
  }
}

/**
 * @param missing who is awaited
 * @param since since when
 * @returns a line such as `waiting for bob since 14:03:21 (connect ECONNREFUSED 10.0.0.7:443)`
 */
export function describeWaiting(missing: readonly Missing[], since: Date): string {
  const clock = since.toTimeString().slice(0, 8);
  const names = missing.map(({ name, detail }) => (detail ? `${name} (${detail})` : name));
  const listed =
    names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : (names[0] ?? 'nobody');
  return `waiting for ${listed} since ${clock}`;
}
