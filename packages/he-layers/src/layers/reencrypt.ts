/**
 * A round trip to the client that makes ciphertexts fresh again: all levels and the whole noise budget are back.
 *
 * The client holds the key and would see every activation that it re-encrypts; activations (and the ciphertexts'
 * noise, which depends on them) tell a lot about the weights. So the server hides three things before it sends, and
 * takes the mask off again afterwards:
 *
 * 1. The plaintext. In BFV the server adds a polynomial that is uniform modulo t: the client decrypts a uniform
 *    polynomial whatever the activation is, exactly and without statistics. In CKKS values live among the integers, so
 *    the server adds to each of the N coefficients a number that is uniform below 2^B, where 2^B is nearly a quarter of
 *    the modulus that is left. A coefficient below 2^b shifts this distribution by a statistical distance of 2^(b-B)
 *    at most; with E elements of N coefficients each the distances add up to less than N E 2^(b+1-B), which must be
 *    at most 2^-statisticalBits. That is where the room goes: with 40 bits, N = 8192 and 1,000 elements, the modulus
 *    must have about 66 bits more than the scaled values. The mask is on coefficients, not on slots: slots are real, and
 *    half of the noise would show in their imaginary parts.
 * 2. The noise. In CKKS it is part of the coefficients that are masked. In BFV the server adds noise that is uniform
 *    up to an eighth of what decryption survives; the ciphertext's own noise, by the bound of `BfvNoise` (heuristic for
 *    products, see there), must be smaller by statisticalBits + log2(N E) + 1 bits (Gentry 2009, section 21: noise
 *    flooding).
 * 3. The second polynomial, from which weights could be solved for, since the client knows the ciphertexts that it
 *    sent. The server adds a fresh encryption of zero under the client's public key: what results is uniform as far as
 *    Ring-LWE is hard.
 *
 * So the client's view can be simulated from the shape of the layer, level and scale. This holds for clients that
 * follow the protocol (semi-honest), for inputs inside the range that they promised: bounds are computed from it, and
 * nobody can check it. In BFV inputs out of range do no harm to the mask of the plaintext; in CKKS they would show
 * through it. Ciphertexts that arrive noisier than fresh ones would show through the mask of the noise. A client
 * that answers with other ciphertexts changes the result that it gets. The server sees fresh encryptions only.
 *
 * Precision: none is lost in either scheme beyond the noise of a fresh encryption. The client re-encrypts the
 * polynomial itself, and the server subtracts exactly what it added; decoding to doubles would cost all bits of the
 * mask. Masking one activation by an additive share goes back to Gazelle (Juvekar, Vaikuntanathan and Chandrakasan
 * 2018); PyCrCNN's re-encryption (Disabato et al. 2020) sends the activations unmasked.
 */

import { boundOf, type Interval } from '@tacit/he/network';
import type { BlindingRequest, Element, KeyHolder } from './arithmetic.js';
import { HeReencryptionError } from './errors.js';
import type { EncodedLayer } from './layer.js';
import { EncryptedTensor } from './tensor.js';

/** Who holds the key. A transport to the client implements it with `KeyHolder.reencrypt` at the other end. */
export interface ReencryptionPeer {
  /** The same plaintexts in fresh ciphertexts, in the same order; expanded bytes. */
  reencrypt(ciphertexts: readonly Uint8Array[]): Promise<readonly Uint8Array[]>;
}

/** A peer in the same process: for tests, and for the parameter tester. */
export class LocalReencryptionPeer implements ReencryptionPeer {
  /**
   * Asks the holder directly.
   * @param holder who has the key
   */
  constructor(private readonly holder: Pick<KeyHolder, 'reencrypt'>) {}

  async reencrypt(ciphertexts: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    return ciphertexts.map((bytes) => this.holder.reencrypt(bytes));
  }
}

export interface ReencryptOptions {
  readonly peer: ReencryptionPeer;
  /** What the client may learn: an advantage of at most 2^-statisticalBits. Default 40. */
  readonly statisticalBits?: number;
  /**
   * Send activations as they are where there is no room for a mask: whoever holds the key sees them. Default false:
   * HeReencryptionError (HE_REENCRYPT) in that case.
   */
  readonly leakActivations?: boolean;
  /** Ciphertexts that are sent in one message. Default 32: masks are kept in memory until the answer comes. */
  readonly batch?: number;
  readonly name?: string;
}

const STATISTICAL_BITS = 40;
const BATCH = 32;

/** A layer that leaves values as they are, and makes their ciphertexts fresh. Costs an encryption an element on each side. */
export class Reencrypt implements Omit<EncodedLayer, 'forward'> {
  readonly kind = 'Reencrypt';
  readonly name: string;
  private readonly options: ReencryptOptions;

  /**
   * Sends nothing yet.
   * @param options who re-encrypts, and how well values are hidden from them
   * @throws HeReencryptionError for bits and batches that make no sense
   */
  constructor(options: ReencryptOptions) {
    this.name = options.name ?? 'reencrypt';
    this.options = options;
    const { statisticalBits = STATISTICAL_BITS, batch = BATCH } = options;
    if (!(statisticalBits >= 1 && statisticalBits <= 256) || !Number.isInteger(batch) || batch < 1)
      throw new HeReencryptionError(
        `Re-encryption hides by 1 to 256 bits, not ${statisticalBits}, in batches of at least 1, not ${batch}.`,
      );
  }

  outputShape(input: readonly number[]): readonly number[] {
    return input;
  }

  plain(values: ArrayLike<number>): Float64Array {
    return Float64Array.from(values);
  }

  pullback(gradient: ArrayLike<number>): Float64Array {
    return Float64Array.from(gradient);
  }

  bounds(input: Interval): Interval {
    return input;
  }

  /**
   * Whether activations would be sent unmasked, and why.
   * @param x the tensor that would be re-encrypted
   * @returns the reason, or undefined where masks have room
   */
  obstacle<C extends object>(x: EncryptedTensor<C>): string | undefined {
    const first = x.elements.find((element) => typeof element === 'object');
    return first === undefined ? undefined : x.arithmetic.blindingObstacle(first, this.request(x));
  }

  /**
   * @param x stays as it is
   * @returns a new tensor of fresh ciphertexts
   * @throws HeReencryptionError without room for the mask (unless activations may leak), or for an answer that is none
   */
  async forward<C extends object>(x: EncryptedTensor<C>): Promise<EncryptedTensor<C>> {
    const { arithmetic, elements } = x;
    const results: Element<C>[] = [...elements.map((element) => (typeof element === 'number' ? element : 0))];
    const made: C[] = [];
    const hidden = elements.flatMap((element, i) => (typeof element === 'object' ? [{ element, i }] : []));
    const { batch = BATCH } = this.options;
    try {
      for (let first = 0; first < hidden.length; first += batch) {
        const part = hidden.slice(first, first + batch);
        const fresh = await this.roundTrip(
          x,
          part.map(({ element }) => element),
        );
        made.push(...fresh);
        part.forEach(({ i }, k) => {
          results[i] = fresh[k];
        });
      }
    } catch (error) {
      for (const ciphertext of made) arithmetic.free(ciphertext);
      throw error;
    }
    return EncryptedTensor.of(arithmetic, x.shape, x.images, x.interval, results);
  }

  private async roundTrip<C extends object>(x: EncryptedTensor<C>, part: readonly C[]): Promise<C[]> {
    const { arithmetic } = x;
    const request = this.request(x);
    const blinded = part.map((ciphertext) => {
      if (this.options.leakActivations && arithmetic.blindingObstacle(ciphertext, request) !== undefined)
        return {
          bytes: arithmetic.exportCiphertext(ciphertext),
          unblind: (fresh: Uint8Array) => arithmetic.importCiphertext(fresh),
        };
      try {
        return arithmetic.blind(ciphertext, request);
      } catch (error) {
        if (!(error instanceof HeReencryptionError)) throw error;
        throw new HeReencryptionError(
          `Layer ${this.name}: ${error.message} Or let whoever holds the key see the activations (leakActivations).`,
          { cause: error },
        );
      }
    });
    const answers = await this.options.peer.reencrypt(blinded.map(({ bytes }) => bytes));
    if (answers.length !== blinded.length)
      throw new HeReencryptionError(
        `Layer ${this.name}: ${blinded.length} ciphertexts were sent, and ${answers.length} came back.`,
      );
    const fresh: C[] = [];
    try {
      for (const [k, { unblind }] of blinded.entries()) fresh.push(unblind(answers[k]));
      return fresh;
    } catch (error) {
      for (const ciphertext of fresh) arithmetic.free(ciphertext);
      throw error;
    }
  }

  private request<C extends object>(x: EncryptedTensor<C>): BlindingRequest {
    return {
      bound: boundOf(x.interval),
      elements: x.elements.filter((element) => typeof element === 'object').length,
      statisticalBits: this.options.statisticalBits ?? STATISTICAL_BITS,
    };
  }
}
