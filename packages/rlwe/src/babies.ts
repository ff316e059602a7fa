// The baby steps of a linear transform: every input rotated by every step that some diagonal wants of it.
import type { Core } from './core.js';
import type { Ciphertext } from './handles.js';
import { decompose, innerProducts, withExtended } from './key-switch.js';
import type { KeySwitchKey } from './keys.js';
import type { EncodedTransform } from './transform.js';

/** Both polynomials. Extended ones have a row for the special prime at the end, or none if they are zero there. */
type Pair = readonly (readonly number[])[];

export class Babies {
  readonly #core: Core;
  readonly #pairs: Pair[][];
  readonly #owned: number[] = [];

  constructor(
    core: Core,
    inputs: readonly Ciphertext[],
    transform: EncodedTransform,
    galois: ReadonlyMap<number, KeySwitchKey>,
  ) {
    this.#core = core;
    const used = inputs.map(() => new Set<number>());
    for (const { terms } of transform.groups) for (const { input, baby } of terms) used[input].add(baby);
    this.#pairs = inputs.map(() => []);
    try {
      for (const [j, input] of inputs.entries())
        if (transform.extended) this.#rotate(j, input, [...used[j]], transform.babySteps, galois);
        else for (const baby of used[j]) this.#pairs[j][baby] = input.polynomials;
    } catch (error) {
      this.free();
      throw error;
    }
  }

  /** An input after a baby step, times the special prime if the transform is extended. */
  get(input: number, baby: number): Pair {
    return this.#pairs[input][baby];
  }

  free(): void {
    this.#core.memory.giveRows(this.#owned.splice(0));
  }

  /** Times the special prime: dividing by it in the end takes that back. */
  #rotate(
    j: number,
    input: Ciphertext,
    babies: readonly number[],
    steps: readonly number[],
    galois: ReadonlyMap<number, KeySwitchKey>,
  ): void {
    const core = this.#core;
    const { level, polynomials } = input;
    const still = babies.filter((baby) => steps[baby] === 0);
    const rotated = babies.filter((baby) => steps[baby] !== 0);
    const scaled = polynomials.slice(0, still.length > 0 ? 2 : 1).map((rows) => this.#timesSpecial(rows));
    for (const baby of still) this.#pairs[j][baby] = scaled;
    if (rotated.length === 0) return;
    const digits = decompose(core, polynomials[1]);
    try {
      withExtended(core, level, (acc) => {
        for (const baby of rotated) {
          const key = galois.get(steps[baby]);
          if (!key) continue;
          innerProducts(core, digits, key, acc);
          for (let i = 0; i < level; i++)
            core.kernels.addRows(acc[0][i], acc[0][i], scaled[0][i], core.n, core.moduli[i].q);
          this.#pairs[j][baby] = acc.map((rows) => {
            const out = this.#take(level + 1);
            for (const [i, row] of rows.entries()) core.kernels.permuteRow(out[i], row, core.n, key.table);
            return out;
          });
        }
      });
    } finally {
      digits.free();
    }
  }

  #timesSpecial(rows: readonly number[]): number[] {
    const core = this.#core;
    const out = this.#take(rows.length);
    for (const [i, row] of rows.entries()) {
      const { value, quotient } = core.specialFactors[i];
      core.kernels.scaleRow(out[i], row, core.n, value, quotient, core.moduli[i].q);
    }
    return out;
  }

  #take(count: number): number[] {
    const rows = this.#core.memory.takeRows(count);
    this.#owned.push(...rows);
    return rows;
  }
}
