/** One line on a terminal that says what happens; nothing where stderr is no terminal. */
export class Progress {
  readonly #enabled: boolean;
  #shown = false;

  constructor(quiet: boolean) {
    this.#enabled = !quiet && process.stderr.isTTY === true;
  }

  show(text: string): void {
    if (!this.#enabled) return;
    process.stderr.write(`\r\x1b[K${text.slice(0, (process.stderr.columns || 80) - 1)}`);
    this.#shown = true;
  }

  /** Removes the line. */
  end(): void {
    if (this.#shown) process.stderr.write('\r\x1b[K');
    this.#shown = false;
  }
}
