/** One line on a terminal that says what happens; nothing where stderr is not a terminal. */
export class Progress {
  readonly #enabled: boolean;
  readonly #quiet: boolean;
  #shown = false;

  /** @param quiet writes nothing anywhere, no warnings either */
  constructor(quiet: boolean) {
    this.#quiet = quiet;
    this.#enabled = !quiet && process.stderr.isTTY === true;
  }

  /**
   * Puts the line in place of the one before.
   * @param text cut at the width of the terminal
   */
  show(text: string): void {
    if (!this.#enabled) return;
    process.stderr.write(`\r\x1b[K${text.slice(0, (process.stderr.columns || 80) - 1)}`);
    this.#shown = true;
  }

  /**
   * Writes a line that stays, also where stderr is not a terminal.
   * @param text what comes after `tacit: warning:`
   */
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
