/** The handle of bits that the suites have in common: their own secret, kept from operations on numbers. */
import type { Words } from '@tacit/ring';
import type { BinarySecret, Secret } from '../engine.js';

export class Binary<S extends Secret> implements BinarySecret {
  readonly domain = 'binary';

  /** @param words the bits of each element, in the form in which the suite shares bits */
  constructor(readonly words: S) {}

  get shape(): readonly number[] {
    return this.words.shape;
  }
  get size(): number {
    return this.words.size;
  }
  get depth(): number {
    return this.words.depth;
  }
  get disposed(): boolean {
    return this.words.disposed;
  }
  get value(): Promise<Words> {
    return this.words.value;
  }

  /**
   * The same bits under another shape. Each handle is disposed by itself.
   * @param shape of the same size
   * @returns a handle of its own
   */
  reshaped(shape: readonly number[]): Binary<S> {
    return new Binary(this.words.reshaped(shape) as S);
  }

  /** Frees the words after the last operation that uses them. */
  dispose(): void {
    this.words.dispose();
  }
}
