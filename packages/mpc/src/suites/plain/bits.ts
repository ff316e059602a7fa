/** The commands of the plain engine that compute bit by bit. */
import type { Words } from '@tacit/ring';
import * as checks from '../../checks.js';
import { Binary } from '../binary-secret.js';
import { PlainParty } from './party.js';
import type { PlainSecret } from './secret.js';

export class PlainBits extends PlainParty {
  toBits(x: PlainSecret): Binary<PlainSecret> {
    return this.#bits('to-bits', [x], (out, a) => out.set(a));
  }

  fromBits(b: Binary<PlainSecret>): PlainSecret {
    return this.fill('from-bits', b.shape, [b.words], (out, a) => out.set(a));
  }

  andBits(x: Binary<PlainSecret>, y: Binary<PlainSecret>): Binary<PlainSecret> {
    checks.checkSameShape('andBits', x.shape, y.shape);
    return this.#bits('and-bits', [x.words, y.words], (out, a, b) => this.ring.and(out, a, b));
  }

  orBits(x: Binary<PlainSecret>, y: Binary<PlainSecret>): Binary<PlainSecret> {
    checks.checkSameShape('orBits', x.shape, y.shape);
    return this.#bits('or-bits', [x.words, y.words], (out, a, b) => this.ring.or(out, a, b));
  }

  xorBits(x: Binary<PlainSecret>, y: Binary<PlainSecret>): Binary<PlainSecret> {
    checks.checkSameShape('xorBits', x.shape, y.shape);
    return this.#bits('xor-bits', [x.words, y.words], (out, a, b) => this.ring.xor(out, a, b));
  }

  notBits(x: Binary<PlainSecret>): Binary<PlainSecret> {
    return this.#bits('not-bits', [x.words], (out, a) => this.ring.not(out, a));
  }

  shlBits(x: Binary<PlainSecret>, bits: number): Binary<PlainSecret> {
    checks.checkShift(bits);
    return this.#bits('shl-bits', [x.words], (out, a) => this.ring.shl(out, a, bits), { bits });
  }

  shrBits(x: Binary<PlainSecret>, bits: number): Binary<PlainSecret> {
    checks.checkShift(bits);
    return this.#bits('shr-bits', [x.words], (out, a) => this.ring.shrU(out, a, bits), { bits });
  }

  #bits(
    kind: string,
    of: readonly PlainSecret[],
    write: (out: Words, ...words: Words[]) => void,
    facts?: Readonly<Record<string, unknown>>,
  ): Binary<PlainSecret> {
    return new Binary(this.fill(kind, of[0].shape, of, write, facts));
  }
}
