// Linear transforms by baby steps and giant steps. Baby steps share one decomposition of each input and stay modulo
// data primes times special prime ("double hoisting", Bossuat, Mouchet, Troncoso-Pastoriza and Hubaux 2021), so the
// division by the special prime is done once for each giant step and once for each output.
import { Babies } from './babies.js';
import type { Core } from './core.js';
import { RlweArgumentError, RlweLevelError } from './errors.js';
import { Ciphertext } from './handles.js';
import { decompose, divideBySpecial, extendedPrime, innerProducts, withExtended } from './key-switch.js';
import type { EvaluationKeys, KeySwitchKey } from './keys.js';
import { checkScales } from './scales.js';
import type { EncodedTransform, Group } from './transform.js';

export function applyTransform(
  core: Core,
  inputs: readonly Ciphertext[],
  transform: EncodedTransform,
  keys: EvaluationKeys,
): Ciphertext[] {
  const { level, outputs, groups, extended } = transform;
  checkInputs(core, inputs, transform);
  // Missing keys are found before anything is computed.
  const galois = new Map<number, KeySwitchKey>();
  for (const step of transform.steps) galois.set(step, keys.rotation('applyTransform', step));
  const results: Ciphertext[] = [];
  for (let i = 0; i < outputs; i++)
    results.push(new Ciphertext(core, 2, level, inputs[0].scale * transform.scale));
  const babies = new Babies(core, inputs, transform, galois);
  try {
    for (const [output, result] of results.entries()) {
      const own = groups.filter((group) => group.output === output);
      // An output without diagonals depends on no input: zero in both polynomials.
      if (own.length === 0) core.zero(result.polynomials);
      else (extended ? sumExtended : sumPlain)(core, result, babies, own, galois);
    }
  } finally {
    babies.free();
  }
  return results;
}

function checkInputs(core: Core, inputs: readonly Ciphertext[], transform: EncodedTransform): void {
  if (inputs.length !== transform.inputs)
    throw new RlweArgumentError(`applyTransform: ${inputs.length} inputs instead of ${transform.inputs}`);
  for (const input of inputs) {
    core.checkSize('applyTransform', input, 2);
    if (input.level !== transform.level)
      throw new RlweLevelError(
        `applyTransform: an input of level ${input.level}, the transform was encoded for level ${transform.level}`,
      );
    checkScales('applyTransform', inputs[0].scale, input.scale);
  }
  core.checkRoom('applyTransform', inputs[0].scale * transform.scale, transform.level);
}

type Keys = ReadonlyMap<number, KeySwitchKey>;

/** One output where inner sums are extended: all of them wait for one division by the special prime. */
function sumExtended(
  core: Core,
  result: Ciphertext,
  babies: Babies,
  groups: readonly Group[],
  galois: Keys,
): void {
  const { kernels, n } = core;
  const { level } = result;
  withExtended(core, level, (waiting) => {
    let started = false;
    for (const group of stillFirst(groups)) {
      const key = galois.get(group.giantStep);
      if (!key) {
        innerSums(core, babies, group, waiting, level, true);
        started = true;
        continue;
      }
      withExtended(core, level, (inner) =>
        withExtended(core, level, (acc) => {
          innerSums(core, babies, group, inner, level, true);
          divideBySpecial(core, inner[1], inner[1]);
          switchKey(core, inner[1].slice(0, level), key, acc);
          for (let i = 0; i <= level; i++) {
            const { q } = core.moduli[extendedPrime(core, level, i)];
            kernels.addRows(acc[0][i], acc[0][i], inner[0][i], n, q);
          }
          permuteInto(core, waiting, acc, key, started);
        }),
      );
      started = true;
    }
    for (const p of [0, 1]) divideBySpecial(core, result.polynomials[p], waiting[p]);
  });
}

/** One output where inner sums are modulo the data primes: only what key switching makes of them waits. */
function sumPlain(
  core: Core,
  result: Ciphertext,
  babies: Babies,
  groups: readonly Group[],
  galois: Keys,
): void {
  const { level, polynomials } = result;
  withExtended(core, level, (waiting) => {
    let started = false;
    if (groups.every(({ giantStep }) => giantStep !== 0)) core.zero(polynomials);
    for (const group of stillFirst(groups)) {
      const key = galois.get(group.giantStep);
      if (!key) {
        innerSums(core, babies, group, polynomials, level, false);
        continue;
      }
      withExtended(core, level, (inner) =>
        withExtended(core, level, (acc) => {
          innerSums(core, babies, group, inner, level, false);
          switchKey(core, inner[1].slice(0, level), key, acc);
          permuteInto(core, [polynomials[0]], inner, key, true);
          permuteInto(core, waiting, acc, key, started);
        }),
      );
      started = true;
    }
    if (started) for (const p of [0, 1]) divideBySpecial(core, polynomials[p], waiting[p], polynomials[p]);
  });
}

/** The group without a giant step, if there is one, before the others: it writes where they add. */
function stillFirst(groups: readonly Group[]): Group[] {
  return [
    ...groups.filter(({ giantStep }) => giantStep === 0),
    ...groups.filter(({ giantStep }) => giantStep !== 0),
  ];
}

function switchKey(core: Core, polynomial: readonly number[], key: KeySwitchKey, acc: number[][]): void {
  const digits = decompose(core, polynomial);
  try {
    innerProducts(core, digits, key, acc);
  } finally {
    digits.free();
  }
}

/** Adds the rotated rows of `from` to those of `to`, or sets them. */
function permuteInto(
  core: Core,
  to: readonly (readonly number[])[],
  from: readonly (readonly number[])[],
  key: KeySwitchKey,
  add: boolean,
): void {
  const { kernels, n, moduli } = core;
  for (const [p, rows] of to.entries())
    for (const [i, row] of rows.entries()) {
      const { q } = moduli[i === from[p].length - 1 ? core.special : i];
      if (add) kernels.permuteAddRow(row, from[p][i], n, key.table, q);
      else kernels.permuteRow(row, from[p][i], n, key.table);
    }
}

/** Sum of diagonals times rotated inputs, for all extended primes or the data primes only. */
function innerSums(
  core: Core,
  babies: Babies,
  group: Group,
  out: readonly (readonly number[])[],
  level: number,
  extended: boolean,
): void {
  const { kernels, memory, n } = core;
  memory.withBlock(group.terms.length * 12, (terms) => {
    for (let i = 0; i < level + (extended ? 1 : 0); i++) {
      const words = memory.words;
      let at = terms / 4;
      for (const { input, baby, rows } of group.terms) {
        const [first, second] = babies.get(input, baby);
        // What was not rotated is zero modulo the special prime and has no row there.
        if (i >= first.length) continue;
        words[at++] = rows[i];
        words[at++] = first[i];
        words[at++] = second[i];
      }
      const { q, montgomery } = core.moduli[extendedPrime(core, level, i)];
      kernels.dotRows(out[0][i], out[1][i], terms, (at - terms / 4) / 3, n, q, montgomery, 0);
    }
  });
}
