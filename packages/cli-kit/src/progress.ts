/** One line on a terminal that says what happens; nothing where stderr is no terminal. */
export class Progress {
  readonly #enabled: boolean;
  readonly #quiet: boolean;
  #shown = false;

  constructor(quiet: boolean) {
    this.#quiet = quiet;
    this.#enabled = !quiet && process.stderr.isTTY === true;
  }

  show(text: string): void {
    if (!this.#enabled) return;
    process.stderr.write(`\r\x1b[K${text.slice(0, (process.stderr.columns || 80) - 1)}`);
    this.#shown = true;
  }

  /** A line that stays, wherever stderr goes. */
  warn(text: string): void {
    this.end();
    if (!this.#quiet) process.stderr.write(`tacit: warning: ${text}\n`);
  }

  /** Removes the line. */
  end(): void {
    if (this.#shown) process.stderr.write('\r\x1b[K');
    this.#shown = false;
  }
}
