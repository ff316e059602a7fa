/**
 * A tensor that is made in chunks: its words are there from the start, and each chunk is valid once it is ready. Who
 * uses the tensor elementwise takes chunk after chunk while they are still in the cache, instead of waiting for all.
 */
import type { Words } from '@tacit/ring';
import type { Masked, Share } from './share.js';

export interface Underway {
  readonly words: Words;
  readonly chunks: number;
  /** Resolves when a chunk is valid; rejects when it never will be. */
  ready(chunk: number): Promise<void>;
}

/** A promise with its handles. Its failure is reported elsewhere: by the operation that it belongs to. */
class Deferred<T> {
  resolve: (value: T) => void = () => {};
  reject: (error: unknown) => void = () => {};
  readonly promise = new Promise<T>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  constructor() {
    this.promise.catch(() => {});
  }
}

/** An operation cannot go on because what it takes was not made. */
export class InputFailure extends Error {
  constructor(cause: unknown) {
    super('an input failed', { cause });
  }
}

/** A tensor of several chunks whose making has not begun. */
export class Starting extends Deferred<Underway> {}

/** The maker's side. */
export class Filling implements Underway {
  readonly #chunks: readonly Deferred<void>[];

  constructor(
    readonly words: Words,
    readonly chunks: number,
  ) {
    this.#chunks = Array.from({ length: chunks }, () => new Deferred<void>());
  }

  ready(chunk: number): Promise<void> {
    return this.#chunks[chunk].promise;
  }

  /** A chunk is valid. */
  done(chunk: number): void {
    this.#chunks[chunk].resolve();
  }

  /** What is not valid by now never will be. */
  fail(error: unknown): void {
    for (const { reject } of this.#chunks) reject(error);
  }
}

/** What an operation takes: tensors, and tensors as masked forms. */
interface Operands {
  readonly inputs: readonly Share[];
  readonly masked?: readonly Masked[];
}

/** All inputs, complete: first the tensors, then the factors of masked forms. */
export async function wholeInputs({ inputs, masked = [] }: Operands): Promise<Words[]> {
  const words: Words[] = [];
  for (const { value } of [...inputs, ...masked]) words.push(await value);
  return words;
}

/** The same, but what is made in as many chunks as the operation has is taken when its first chunk is begun. */
export async function inputsUnderway(
  { inputs, masked = [] }: Operands,
  chunks: number,
): Promise<(Words | Underway)[]> {
  const found: (Words | Underway)[] = [];
  for (const { underway, value } of [...inputs, ...masked]) {
    const begun = chunks > 1 ? await underway : undefined;
    found.push(begun?.chunks === chunks ? begun : await value);
  }
  return found;
}
