/** One line on a terminal that says what happens; nothing where stderr is no terminal. */
import type { LaunchEvent } from '../options.js';
import type { PredictNotice } from '../predict/messages.js';

export class Progress {
  readonly #enabled: boolean;
  readonly #quiet: boolean;
  readonly #repeat: number;
  #shown = false;

  constructor(quiet: boolean, repeat: number) {
    this.#enabled = !quiet && process.stderr.isTTY === true;
    this.#repeat = repeat;
    this.#quiet = quiet;
  }

  onEvent(event: LaunchEvent): void {
    if (event.type === 'started') this.#show('connecting');
    else if (event.type === 'notice') {
      const notice = event.data as PredictNotice;
      if (notice.phase === 'range') this.#warn(notice.warning);
      else this.#show(describe(notice, this.#repeat));
    }
  }

  #warn(text: string): void {
    this.end();
    if (!this.#quiet) process.stderr.write(`tacit: warning: ${text}\n`);
  }

  #show(text: string): void {
    if (!this.#enabled) return;
    const columns = process.stderr.columns || 80;
    process.stderr.write(`\r\x1b[K${text.slice(0, columns - 1)}`);
    this.#shown = true;
  }

  /** Removes the line. */
  end(): void {
    if (this.#shown) process.stderr.write('\r\x1b[K');
    this.#shown = false;
  }
}

export function describe(
  notice: Exclude<PredictNotice, { readonly phase: 'range' }>,
  repeat: number,
): string {
  if (notice.phase === 'setup') return 'setup';
  return `inference ${notice.index + 1}/${repeat}, operation ${Math.min(notice.done + 1, notice.operations)} of ${notice.operations}`;
}
