/**
 * A tensor that is made in chunks: its words are there from the start, and each chunk is valid once it is ready. What
 * uses the tensor elementwise takes chunk after chunk while they are still in the cache, instead of waiting for all.
 */
import type { Words } from '@tacit/ring';

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
