/**
 * A tensor that one party holds in the clear, and the others know by shape only: the weights of a model that its owner
 * serves. Products with it cost one plain product a party and half the messages of a product of two secrets.
 */
import { Owned, type Session } from '@tacit/mpc';
import type { Words } from '@tacit/ring';

export class OwnedTensor {
  readonly shape: readonly number[];
  #owned: Owned | undefined;
  #scale = 0;

  constructor(
    readonly session: Session,
    readonly owner: number,
    shape: readonly number[],
    /** At the owner only. */
    readonly values: Float64Array | undefined,
  ) {
    this.shape = shape;
  }

  /** The same values under another shape. A view of its own: products with it send a masked form of their own. */
  reshape(shape: readonly number[]): OwnedTensor {
    const known = this.#views.get(`${shape}`);
    if (known) return known;
    const view = new OwnedTensor(this.session, this.owner, shape, this.values);
    this.#views.set(`${shape}`, view);
    return view;
  }
  readonly #views = new Map<string, OwnedTensor>();

  /** The owner's words at a scale; undefined elsewhere. Throws where a value is out of range. */
  encoded(scale: number): Words | undefined {
    if (!this.values) return undefined;
    let words = this.#encoded.get(scale);
    if (!words) {
      words = this.session.ring.encode(this.values, scale);
      this.#encoded.set(scale, words);
    }
    return words;
  }
  readonly #encoded = new Map<number, Words>();

  /** The operand of products, sent masked once. Its scale is fixed by the first use. */
  operand(scale: number): { owned: Owned; scale: number } {
    if (!this.#owned) {
      this.#scale = scale;
      this.#owned = new Owned(this.session, this.owner, this.shape, this.encoded(scale), scale);
    }
    return { owned: this.#owned, scale: this.#scale };
  }

  /** Sends the masked form now, outside of any inference. */
  async prepare(scale = this.session.config.fractionBits): Promise<void> {
    await this.operand(scale).owned.opened.value;
  }

  dispose(): void {
    this.#owned?.dispose();
    for (const view of this.#views.values()) view.dispose();
  }
}
