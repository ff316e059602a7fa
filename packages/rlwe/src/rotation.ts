// Relinearisation and rotations.
import { copy } from './arithmetic.js';
import type { Core } from './core.js';
import { inverseElement, permutationBytes, writePermutation } from './galois.js';
import { Ciphertext } from './handles.js';
import { type Digits, decompose, divideBySpecial, innerProducts, withExtended } from './key-switch.js';
import type { KeySwitchKey } from './keys.js';

/** Two polynomials from three. */
export function relinearize(core: Core, a: Ciphertext, key: KeySwitchKey): Ciphertext {
  const out = new Ciphertext(core, 2, a.level, a.scale);
  const digits = decompose(core, a.polynomials[2]);
  try {
    withExtended(core, a.level, (acc) => {
      innerProducts(core, digits, key, acc);
      for (const p of [0, 1]) divideBySpecial(core, out.polynomials[p], acc[p], a.polynomials[p]);
    });
  } finally {
    digits.free();
  }
  return out;
}

/** A rotation from digits of the second polynomial. The division commutes with the automorphism, so it comes first. */
function rotateDigits(core: Core, a: Ciphertext, digits: Digits, key: KeySwitchKey): Ciphertext {
  const { kernels, n } = core;
  const out = new Ciphertext(core, 2, a.level, a.scale);
  withExtended(core, a.level, (acc) => {
    innerProducts(core, digits, key, acc);
    divideBySpecial(core, acc[0], acc[0], a.polynomials[0]);
    divideBySpecial(core, acc[1], acc[1]);
    for (const p of [0, 1])
      for (let i = 0; i < a.level; i++) kernels.permuteRow(out.polynomials[p][i], acc[p][i], n, key.table);
  });
  return out;
}

/** Several rotations with one decomposition (Halevi and Shoup 2018). Undefined keys stand for copies. */
export function rotateHoisted(
  core: Core,
  a: Ciphertext,
  rotations: readonly { readonly element: number; readonly key: KeySwitchKey | undefined }[],
): Ciphertext[] {
  const copied = () => {
    const out = new Ciphertext(core, 2, a.level, a.scale);
    for (const p of [0, 1])
      for (let i = 0; i < a.level; i++) copy(core, out.polynomials[p][i], a.polynomials[p][i]);
    return out;
  };
  if (core.sealDigits)
    return rotations.map(({ element, key }) => (key ? rotateAsSeal(core, a, element, key) : copied()));
  if (!rotations.some(({ key }) => key)) return rotations.map(copied);
  const digits = decompose(core, a.polynomials[1]);
  try {
    return rotations.map(({ key }) => (key ? rotateDigits(core, a, digits, key) : copied()));
  } finally {
    digits.free();
  }
}

/**
 * A rotation with the digits that SEAL takes: of the polynomial after the automorphism. They are brought back by the
 * inverse automorphism, where the key is kept.
 */
function rotateAsSeal(core: Core, a: Ciphertext, element: number, key: KeySwitchKey): Ciphertext {
  const { kernels, memory, n } = core;
  return memory.withBlock(permutationBytes(n), (back) =>
    memory.withRows(a.level + 1, ([buffer, ...rotated]) => {
      writePermutation(core, back, inverseElement(element, n));
      for (const [i, row] of rotated.entries()) kernels.permuteRow(row, a.polynomials[1][i], n, key.table);
      const digits = decompose(core, rotated);
      try {
        for (const row of digits.rows
          .flatMap((digit, j) => digit.filter((_, i) => i !== j))
          .concat(rotated)) {
          copy(core, buffer, row);
          kernels.permuteRow(row, buffer, n, back);
        }
        return rotateDigits(core, a, digits, key);
      } finally {
        digits.free();
      }
    }),
  );
}
