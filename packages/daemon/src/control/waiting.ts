/** Says for whom something waits, and since when: after two seconds, and again now and then. */

/** When it is said again, in seconds since the beginning; afterwards every minute. */
const SAID_AT = [2, 10, 30, 60];

export interface Missing {
  readonly name: string;
  /** Why not yet, as far as it is known: the last attempt's error. */
  readonly detail: string | undefined;
}

export class WaitingRoom {
  readonly #missing = new Map<string, string | undefined>();
  readonly #say: (text: string) => void;
  readonly #since = new Date();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #said = 0;

  /**
   * Begins to wait.
   * @param names of those that are awaited
   * @param say gets a line without its end
   */
  constructor(names: readonly string[], say: (text: string) => void) {
    for (const name of names) this.#missing.set(name, undefined);
    this.#say = say;
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
    clearTimeout(this.#timer);
  }

  #next(): void {
    const last = SAID_AT.at(-1) as number;
    const at = SAID_AT[this.#said] ?? last + (this.#said - SAID_AT.length + 1) * 60;
    const due = this.#since.getTime() + at * 1000 - Date.now();
    this.#timer = setTimeout(
      () => {
        this.#said++;
        this.#say(describeWaiting(this.missing, this.#since));
        this.#next();
      },
      Math.max(0, due),
    );
    this.#timer.unref?.();
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
