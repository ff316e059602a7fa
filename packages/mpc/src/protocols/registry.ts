/** All protocols that use correlated randomness. Adding one: its file in this folder, and its line here. */
import { type AnyProtocol, anyProtocol } from '../definition/protocol.js';
import { andBitsProtocol } from './and-bits.js';
import { argMaxLevelProtocol } from './arg-max.js';
import { exponentialProtocol } from './exponential.js';
import { fromBitsProtocol } from './from-bits.js';
import { isZeroProtocol } from './is-zero.js';
import { linearProtocol } from './linear.js';
import { multiplyProtocol } from './multiply.js';
import { nonNegativeProtocol } from './non-negative.js';
import { oneHotProtocol } from './one-hot.js';
import { openedSignProtocol } from './opened-sign.js';
import { ownedLinearProtocol } from './owned-linear.js';
import { randomProtocol } from './random.js';
import { reluProtocol } from './relu.js';
import { shuffleProtocol } from './shuffle.js';
import { sineProtocol } from './sine.js';
import { sineSumProtocol } from './sine-sum.js';
import { splineProtocol } from './spline.js';
import { squareProtocol } from './square.js';
import { toBitsProtocol } from './to-bits.js';
import { truncateProtocol } from './truncate.js';
import { truncateExactProtocol } from './truncate-exact.js';

/** What the dealer takes requests for, and what tests of costs, masks and requests run over. */
export const protocols: readonly AnyProtocol[] = [
  anyProtocol(multiplyProtocol),
  anyProtocol(squareProtocol),
  anyProtocol(linearProtocol),
  anyProtocol(ownedLinearProtocol),
  anyProtocol(truncateProtocol),
  anyProtocol(truncateExactProtocol),
  anyProtocol(nonNegativeProtocol),
  anyProtocol(openedSignProtocol),
  anyProtocol(isZeroProtocol),
  anyProtocol(reluProtocol),
  anyProtocol(splineProtocol),
  anyProtocol(sineProtocol),
  anyProtocol(sineSumProtocol),
  anyProtocol(exponentialProtocol),
  anyProtocol(argMaxLevelProtocol),
  anyProtocol(oneHotProtocol),
  anyProtocol(randomProtocol),
  anyProtocol(andBitsProtocol),
  anyProtocol(toBitsProtocol),
  anyProtocol(fromBitsProtocol),
  anyProtocol(shuffleProtocol),
];
