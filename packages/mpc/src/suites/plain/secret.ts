/** A party's handle to a value that the ideal functionality keeps. */
import type { Words } from '@tacit/ring';
import { sizeOf } from '@tacit/ring';
import type { Prepared, Secret } from '../../engine.js';
import { DisposedError, ShapeError } from '../../runtime/errors.js';
import { Lifetime } from '../../runtime/share.js';

export class PlainSecret implements Secret, Prepared {
  /** No message leads anywhere. */
  readonly depth = 0;
  #disposed = false;

  constructor(
    /** The command that made it. */
    readonly id: string,
    readonly shape: readonly number[],
    readonly value: Promise<Words>,
    readonly lifetime = new Lifetime(),
  ) {
    value.catch(() => {}); // reported where the handle is awaited
  }

  get size(): number {
    return sizeOf(this.shape);
  }
  get disposed(): boolean {
    return this.#disposed;
  }

  reshaped(shape: readonly number[]): PlainSecret {
    if (sizeOf(shape) !== this.size) throw new ShapeError(`cannot reshape [${this.shape}] to [${shape}]`);
    this.assertUsable();
    this.lifetime.hold();
    return new PlainSecret(this.id, shape, this.value, this.lifetime);
  }

  /** The same value as an operand of products: usable as long as somebody holds it. */
  prepared(): PlainSecret {
    this.assertUsable();
    return new PlainSecret(this.id, this.shape, this.value, this.lifetime);
  }

  assertUsable(): void {
    if (this.#disposed) throw new DisposedError(`the result of ${this.id}`);
    this.lifetime.hold(); // throws after the last release
    this.lifetime.release();
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.lifetime.release();
  }
}
