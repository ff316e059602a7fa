/** All protocols that use correlated randomness. Adding one: its file in this folder, and its line here. */
import { type AnyProtocol, anyProtocol } from '../definition/protocol.js';
import { and } from './and-bits.js';
import { argLevel } from './arg-max.js';
import { compare } from './compare.js';
import { equal } from './equal.js';
import { powers } from './exponential.js';
import { compose } from './from-bits.js';
import { linear } from './linear.js';
import { multiply } from './multiply.js';
import { ownedLinearMap } from './owned-linear.js';
import { rectify } from './relu.js';
import { sines } from './sine-sum.js';
import { spline } from './spline.js';
import { square } from './square.js';
import { decompose } from './to-bits.js';
import { probabilistic } from './truncate.js';
import { exact } from './truncate-exact.js';

/** What the dealer takes requests for, and what tests of costs, masks and requests run over. */
export const protocols: readonly AnyProtocol[] = [
  anyProtocol(multiply),
  anyProtocol(square),
  anyProtocol(linear),
  anyProtocol(ownedLinearMap),
  anyProtocol(probabilistic),
  anyProtocol(exact),
  anyProtocol(compare),
  anyProtocol(equal),
  anyProtocol(rectify),
  anyProtocol(spline),
  anyProtocol(sines),
  anyProtocol(powers),
  anyProtocol(argLevel),
  anyProtocol(and),
  anyProtocol(decompose),
  anyProtocol(compose),
];
