/** The members of the additive engine (engine.ts) that compute bit by bit, on words that are shared by XOR. */

import { checkSameShape, checkShift } from '../../checks.js';
import { andBits } from '../../protocols/and-bits.js';
import { fromBits } from '../../protocols/from-bits.js';
import * as bits from '../../protocols/local-bits.js';
import { toBits } from '../../protocols/to-bits.js';
import type { Session } from '../../runtime/session.js';
import type { Share } from '../../runtime/share.js';
import { Binary } from '../binary-secret.js';

export class AdditiveBits<S extends Session> {
  constructor(readonly session: S) {}

  toBits(x: Share): Binary<Share> {
    return new Binary(toBits(this.session, x));
  }

  fromBits(b: Binary<Share>): Share {
    return fromBits(this.session, b.words);
  }

  andBits(x: Binary<Share>, y: Binary<Share>): Binary<Share> {
    checkSameShape('andBits', x.shape, y.shape);
    return new Binary(andBits(this.session, x.words, y.words));
  }

  orBits(x: Binary<Share>, y: Binary<Share>): Binary<Share> {
    checkSameShape('orBits', x.shape, y.shape);
    const both = this.andBits(x, y);
    const one = this.xorBits(x, y);
    const result = this.xorBits(one, both);
    both.dispose();
    one.dispose();
    return result;
  }

  xorBits(x: Binary<Share>, y: Binary<Share>): Binary<Share> {
    checkSameShape('xorBits', x.shape, y.shape);
    return new Binary(bits.xorBits(this.session, x.words, y.words));
  }

  notBits(x: Binary<Share>): Binary<Share> {
    return new Binary(bits.notBits(this.session, x.words));
  }

  shlBits(x: Binary<Share>, count: number): Binary<Share> {
    checkShift(count);
    return new Binary(bits.shiftBits(this.session, x.words, 'left', count));
  }

  shrBits(x: Binary<Share>, count: number): Binary<Share> {
    checkShift(count);
    return new Binary(bits.shiftBits(this.session, x.words, 'right', count));
  }
}
