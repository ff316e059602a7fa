// Evaluation keys in the form that the kernels want: Montgomery form, and Galois keys already permuted by the inverse of
// their automorphism. With g the automorphism, d the digits of a polynomial and k the key,
//   sum of g(d_j) k_j = g(sum of d_j g^-1(k_j)),
// so one decomposition serves every rotation, and only the two sums are permuted, not all digits.
import type { Core } from './core.js';
import { RlweArgumentError, RlweFormatError, RlweKeyError } from './errors.js';
import { elementOf, inverseElement, normaliseStep, permutationBytes, writePermutation } from './galois.js';
import { Handle } from './handles.js';
import { importWords } from './import.js';
import { type ExpectedKeys, type KeyRecord, readKeys } from './seal/keys-format.js';

/** One key of key switching, all digits. */
export class KeySwitchKey extends Handle {
  /** Addresses of rows: [digit][polynomial][prime], the special prime last. @internal */
  readonly digits: readonly (readonly (readonly number[])[])[];
  #table: number;

  /** element: of the automorphism, 1 for relinearisation. @internal */
  constructor(core: Core, record: KeyRecord, element: number) {
    super(core);
    const { memory, kernels, n, special } = core;
    const rows = memory.takeRows(special * 2 * (special + 1));
    let next = 0;
    this.digits = record.digits.map(() =>
      [0, 1].map(() => {
        next += special + 1;
        return rows.slice(next - special - 1, next);
      }),
    );
    this.#table = 0;
    try {
      if (element !== 1) this.#table = memory.takeBlock(permutationBytes(n));
      const into = record.digits.map((digit, j) => [digit, this.digits[j].flat()] as const);
      const permute = (table: number) =>
        memory.withRows(1, ([buffer]) => {
          for (const [digit, target] of into)
            importWords(core, digit.words, target, special + 1, (row, prime) => {
              core.toMontgomery(table ? buffer : row, row, prime);
              if (table) kernels.permuteRow(row, buffer, n, table);
            });
        });
      if (element === 1) permute(0);
      else
        memory.withBlock(permutationBytes(n), (table) => {
          writePermutation(core, table, inverseElement(element, n));
          permute(table);
          writePermutation(core, this.#table, element);
        });
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Address of the table that permutes the sums; 0 if they stay as they are. @internal */
  get table(): number {
    return this.#table;
  }

  /** Bytes of memory that it takes. */
  get bytes(): number {
    const { special, n } = this.core;
    return special * 2 * (special + 1) * n * 4 + (this.#table ? permutationBytes(n) : 0);
  }

  protected override giveBack(): void {
    const { memory, n } = this.core;
    memory.giveRows(this.digits.flat(2));
    if (this.#table) memory.giveBlock(this.#table, permutationBytes(n));
  }
}

/** SEAL's bytes of keys. Galois keys may come in parts, one after the other, to need the memory of one at a time. */
export interface KeySources {
  readonly relinearization?: Uint8Array;
  readonly galois?: Uint8Array | Iterable<Uint8Array>;
}

/** The keys of one client. Not freed by scopes. */
export class EvaluationKeys extends Handle {
  readonly relinearization?: KeySwitchKey;
  /** By step, 0 < step < slots. */
  readonly #galois = new Map<number, KeySwitchKey>();

  /** @internal */
  constructor(core: Core, sources: KeySources) {
    super(core);
    const { n, special, ids } = core;
    const keyId = ids[special + 1];
    const expected: ExpectedKeys = {
      ringDegree: n,
      keyId,
      digits: special,
      primesOf: (id) => (id === keyId ? special + 1 : undefined),
    };
    try {
      if (sources.relinearization) {
        const [record] = readKeys(sources.relinearization, 'relinearisation keys', 1, expected);
        if (record) this.relinearization = new KeySwitchKey(core, record, 1);
      }
      if (sources.galois) {
        const steps = stepsByElement(n);
        const parts = sources.galois instanceof Uint8Array ? [sources.galois] : sources.galois;
        for (const part of parts)
          for (const record of readKeys(part, 'Galois keys', n, expected)) {
            const element = 2 * record.slot + 1;
            const step = steps.get(element);
            // The identity and complex conjugation are no rotations of real slots.
            if (!step) continue;
            if (this.#galois.has(step)) throw new RlweFormatError(`two Galois keys are for step ${step}`);
            this.#galois.set(step, new KeySwitchKey(core, record, element));
          }
      }
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Steps that can be rotated by, from 1 to slots - 1. */
  get steps(): number[] {
    return [...this.#galois.keys()].sort((a, b) => a - b);
  }

  /**
   * Whether ciphertexts can be rotated by this step.
   * @param step slots to the left; negative to the right
   * @returns true if `rotate` finds a key for it; false for step 0
   */
  hasStep(step: number): boolean {
    return Number.isInteger(step) && this.#galois.has(normaliseStep(step, this.core.n / 2));
  }

  /** Bytes of memory that they take. */
  get bytes(): number {
    let sum = this.relinearization?.bytes ?? 0;
    for (const key of this.#galois.values()) sum += key.bytes;
    return sum;
  }

  /** @internal */
  rotation(operation: string, step: number): KeySwitchKey {
    if (!Number.isInteger(step)) throw new RlweArgumentError(`${operation}: step ${step} is not an integer`);
    const key = this.#galois.get(normaliseStep(step, this.core.n / 2));
    if (!key)
      throw new RlweKeyError(
        `${operation}: there is no Galois key for step ${step}; there are keys for ${this.steps.join(', ') || 'none'}`,
        step,
      );
    return key;
  }

  /** @internal */
  relinearizationKey(operation: string): KeySwitchKey {
    if (!this.relinearization) throw new RlweKeyError(`${operation}: there is no relinearisation key`);
    return this.relinearization;
  }

  protected override giveBack(): void {
    this.relinearization?.release();
    for (const key of this.#galois.values()) key.release();
  }
}

function stepsByElement(ringDegree: number): Map<number, number> {
  const steps = new Map<number, number>();
  const generator = elementOf(1, ringDegree);
  let element = 1;
  for (let step = 0; step < ringDegree / 2; step++) {
    steps.set(element, step);
    element = (element * generator) % (2 * ringDegree);
  }
  return steps;
}
