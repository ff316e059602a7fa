/**
 * What counting costs needs of a ring: public numbers as words, without kernels, so that nothing has to be loaded or
 * awaited. Nothing else of a ring is used where nothing is computed.
 */
import { Ring, type View, type Words } from '@tacit/ring';

class CountingRing {
  encode(values: ArrayLike<number>, fractionBits: number): Words {
    const scale = 2 ** fractionBits;
    return BigUint64Array.from(values, (v) => BigInt.asUintN(64, BigInt(Math.round(v * scale))));
  }
  materialize(words: Words, view: View): Words {
    return Ring.prototype.materialize.call(this, words, view);
  }
}

/** For a `costEngine` only. */
export const countingRing = new CountingRing() as unknown as Ring;
