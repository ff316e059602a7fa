// Operations on ciphertexts that need no keys. Results are new ciphertexts; operands were checked by the caller.
import type { Core } from './core.js';
import { RlweLevelError } from './errors.js';
import { Ciphertext, type Plaintext } from './handles.js';
import { factorOf } from './modulus.js';
import { residueOf } from './number-theory.js';

/** a + b or a - b into `out`, which may be a. Missing third polynomials count as zero. */
export function addInto(core: Core, out: Ciphertext, a: Ciphertext, b: Ciphertext, subtract: boolean): void {
  const { kernels, n, moduli } = core;
  for (let p = 0; p < out.size; p++)
    for (let i = 0; i < out.level; i++) {
      const { q } = moduli[i];
      const to = out.polynomials[p][i];
      if (p >= b.size) copy(core, to, a.polynomials[p][i]);
      else if (p >= a.size) {
        if (subtract) kernels.negateRow(to, b.polynomials[p][i], n, q);
        else copy(core, to, b.polynomials[p][i]);
      } else {
        const operation = subtract ? kernels.subRows : kernels.addRows;
        operation(to, a.polynomials[p][i], b.polynomials[p][i], n, q);
      }
    }
}

export function add(core: Core, a: Ciphertext, b: Ciphertext, subtract: boolean): Ciphertext {
  const out = new Ciphertext(core, Math.max(a.size, b.size), a.level, a.scale);
  addInto(core, out, a, b, subtract);
  return out;
}

/** Applies something to every row of a copy-to-be: (target, source, prime). */
function mapRows(
  core: Core,
  a: Ciphertext,
  level: number,
  scale: number,
  map: (to: number, from: number, prime: number) => void,
): Ciphertext {
  const out = new Ciphertext(core, a.size, level, scale);
  for (let p = 0; p < a.size; p++)
    for (let i = 0; i < level; i++) map(out.polynomials[p][i], a.polynomials[p][i], i);
  return out;
}

export function copy(core: Core, to: number, from: number): void {
  if (to !== from) core.kernels.copyRow(to, from, core.n);
}

export function negate(core: Core, a: Ciphertext): Ciphertext {
  return mapRows(core, a, a.level, a.scale, (to, from, i) =>
    core.kernels.negateRow(to, from, core.n, core.moduli[i].q),
  );
}

/** Adds to the first polynomial only: map(target, source, prime). */
function changeFirst(
  core: Core,
  a: Ciphertext,
  map: (to: number, from: number, prime: number) => void,
): Ciphertext {
  const out = mapRows(core, a, a.level, a.scale, () => {});
  for (let p = 0; p < a.size; p++)
    for (let i = 0; i < a.level; i++)
      (p === 0 ? map : (to: number, from: number) => copy(core, to, from))(
        out.polynomials[p][i],
        a.polynomials[p][i],
        i,
      );
  return out;
}

export function addPlain(core: Core, a: Ciphertext, plain: Plaintext): Ciphertext {
  return changeFirst(core, a, (to, from, i) =>
    core.kernels.addRows(to, from, plain.rows[i], core.n, core.moduli[i].q),
  );
}

/** Adds an integer to all values: a constant polynomial has the same value at every root. */
export function addInteger(core: Core, a: Ciphertext, integer: bigint): Ciphertext {
  return changeFirst(core, a, (to, from, i) => {
    const { q } = core.moduli[i];
    core.kernels.addScalarRow(to, from, core.n, residueOf(integer, q), q);
  });
}

export function multiplyPlain(core: Core, a: Ciphertext, plain: Plaintext): Ciphertext {
  return mapRows(core, a, a.level, a.scale * plain.scale, (to, from, i) =>
    core.multiply(to, from, plain.rows[i], i),
  );
}

export function multiplyInteger(core: Core, a: Ciphertext, integer: bigint, scale: number): Ciphertext {
  return mapRows(core, a, a.level, scale, (to, from, i) => {
    const { q } = core.moduli[i];
    const factor = factorOf(residueOf(integer, q), q);
    core.kernels.scaleRow(to, from, core.n, factor.value, factor.quotient, q);
  });
}

/** Product of two ciphertexts of two polynomials each: three polynomials. */
export function multiply(core: Core, a: Ciphertext, b: Ciphertext): Ciphertext {
  const out = new Ciphertext(core, 3, a.level, a.scale * b.scale);
  const [a0, a1] = a.polynomials;
  const [b0, b1] = b.polynomials;
  const [out0, out1, out2] = out.polynomials;
  for (let i = 0; i < a.level; i++) {
    const { q, montgomery, radix } = core.moduli[i];
    core.multiply(out0[i], a0[i], b0[i], i);
    core.kernels.crossRows(
      out1[i],
      a0[i],
      b1[i],
      a1[i],
      b0[i],
      core.n,
      q,
      montgomery,
      radix.value,
      radix.quotient,
    );
    core.multiply(out2[i], a1[i], b1[i], i);
  }
  return out;
}

/** Divides by the last prime, rounding to the nearest: each residue minus the centred one modulo that prime, divided. */
export function rescale(core: Core, a: Ciphertext): Ciphertext {
  const last = a.level - 1;
  if (last < 1) throw new RlweLevelError('rescale: only one prime is left');
  const out = new Ciphertext(core, a.size, last, a.scale / core.moduli[last].q);
  core.memory.withRows(2, ([dropped, lifted]) => {
    for (let p = 0; p < a.size; p++) {
      copy(core, dropped, a.polynomials[p][last]);
      core.inverse(dropped, last);
      for (let i = 0; i < last; i++) {
        core.lift(lifted, dropped, last, i, true);
        const { inverse } = core.step(last, i);
        core.kernels.subScaleRow(
          out.polynomials[p][i],
          a.polynomials[p][i],
          lifted,
          core.n,
          inverse.value,
          inverse.quotient,
          core.moduli[i].q,
        );
      }
    }
  });
  return out;
}

export function dropLevel(core: Core, a: Ciphertext, level: number): Ciphertext {
  return mapRows(core, a, level, a.scale, (to, from) => copy(core, to, from));
}
