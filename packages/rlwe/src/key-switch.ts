// Key switching: digits are the residues modulo each data prime; the sum of digits times key is divided by the special
// prime. Polynomials modulo data primes and special prime together are called extended; their rows have the special
// prime last.
import type { Core } from './core.js';
import type { KeySwitchKey } from './keys.js';

/** Values of the digits of a polynomial: [digit][prime], primes 0 .. level-1, then the special prime. */
export interface Digits {
  readonly level: number;
  readonly rows: readonly (readonly number[])[];
  free(): void;
}

/** Number of the prime at place i of an extended polynomial. */
export function extendedPrime(core: Core, level: number, i: number): number {
  return i === level ? core.special : i;
}

/**
 * Digits of a polynomial given by its values. The row of a digit modulo its own prime is that of the polynomial, which
 * must stay as it is until the digits are freed. Costs level inverse and level^2 forward transforms.
 */
export function decompose(core: Core, polynomial: readonly number[]): Digits {
  const level = polynomial.length;
  const { memory } = core;
  const owned = memory.takeRows(level * level);
  let next = 0;
  const rows = memory.withRows(1, ([residues]) =>
    polynomial.map((values, j) => {
      core.kernels.copyRow(residues, values, core.n);
      core.inverse(residues, j);
      const digit: number[] = [];
      for (let i = 0; i <= level; i++) {
        if (i === j) {
          digit.push(values);
          continue;
        }
        const row = owned[next++];
        core.lift(row, residues, j, extendedPrime(core, level, i), !core.sealDigits);
        digit.push(row);
      }
      return digit;
    }),
  );
  return { level, rows, free: () => memory.giveRows(owned) };
}

/** Extended sums of digits times both polynomials of the key, not permuted yet: acc[polynomial][prime]. */
export function innerProducts(
  core: Core,
  digits: Digits,
  key: KeySwitchKey,
  acc: readonly (readonly number[])[],
): void {
  const { level, rows } = digits;
  const { kernels, memory, n, special } = core;
  memory.withBlock(level * 12, (terms) => {
    for (let i = 0; i <= level; i++) {
      const prime = extendedPrime(core, level, i);
      const words = memory.words;
      let at = terms / 4;
      for (let j = 0; j < level; j++) {
        words[at++] = rows[j][i];
        words[at++] = key.digits[j][0][i === level ? special : i];
        words[at++] = key.digits[j][1][i === level ? special : i];
      }
      const { q, montgomery } = core.moduli[prime];
      kernels.dotRows(acc[0][i], acc[1][i], terms, level, n, q, montgomery, 0);
    }
  });
}

/**
 * out = extended / special prime, rounded, plus `base` if there is one. The last row of `extended` is used up. `out` may
 * be `extended` or `base`.
 */
export function divideBySpecial(
  core: Core,
  out: readonly number[],
  extended: readonly number[],
  base?: readonly number[],
): void {
  const { kernels, memory, n, special } = core;
  const level = extended.length - 1;
  const dropped = extended[level];
  core.inverse(dropped, special);
  memory.withRows(1, ([lifted]) => {
    for (let i = 0; i < level; i++) {
      core.lift(lifted, dropped, special, i, true);
      const { inverse } = core.step(special, i);
      const { q } = core.moduli[i];
      const { value, quotient } = inverse;
      if (base) kernels.addSubScaleRow(out[i], base[i], extended[i], lifted, n, value, quotient, q);
      else kernels.subScaleRow(out[i], extended[i], lifted, n, value, quotient, q);
    }
  });
}

/** Runs something with two extended polynomials of rows. */
export function withExtended<T>(core: Core, level: number, body: (acc: number[][]) => T): T {
  return core.memory.withRows(2 * (level + 1), (rows) =>
    body([rows.slice(0, level + 1), rows.slice(level + 1)]),
  );
}
