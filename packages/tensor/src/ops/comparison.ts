/** Comparisons, selection, ReLU. Exact for values below 2^(62 - scale). */
import { addScalar, isZero, neg as negShare, nonNegative, relu as reluShare } from '@tacit/mpc';
import { CrypTensor, type Operand } from '../cryptensor.js';
import { add, mul, sub } from './arithmetic.js';
import { resolve } from './operands.js';

/** max(x, 0). Truncates a product in the same rounds. */
export function relu(x: CrypTensor): CrypTensor {
  const { session } = x;
  const { fractionBits } = session.config;
  const drop = Math.max(0, x.scale - fractionBits);
  if (drop > 0 && session.config.truncation === 'exact') return relu(x.workingPrecision(0));
  return new CrypTensor(session, reluShare(session, x.share, { truncate: drop }), x.scale - drop);
}

/** [x >= 0] at scale 0. */
const nonNegativeBit = (x: CrypTensor): CrypTensor =>
  new CrypTensor(x.session, nonNegative(x.session, x.share), 0);

/** 1 - b for a bit at scale 0. Local. */
export const not = (b: CrypTensor): CrypTensor =>
  new CrypTensor(b.session, addScalar(b.session, negShare(b.session, b.share), 1n), 0);

export const ge = (x: CrypTensor, y: Operand): CrypTensor => nonNegativeBit(sub(x, y));
export const lt = (x: CrypTensor, y: Operand): CrypTensor => not(ge(x, y));
export const le = (x: CrypTensor, y: Operand): CrypTensor => nonNegativeBit(sub(x, y).neg());
export const gt = (x: CrypTensor, y: Operand): CrypTensor => not(le(x, y));

/** [x = y], in the rounds of a ReLU. Exact for whatever is equal at the common scale. */
export const eq = (x: CrypTensor, y: Operand): CrypTensor =>
  new CrypTensor(x.session, isZero(x.session, sub(x, y).share), 0);
export const ne = (x: CrypTensor, y: Operand): CrypTensor => not(eq(x, y));

/** c ? x : y for a tensor c of zeros and ones: y + c (x - y). */
export function where(c: CrypTensor, x: Operand, y: Operand): CrypTensor {
  const secret = (v: Operand): CrypTensor => {
    const r = resolve(v);
    return r.kind === 'secret' ? r.tensor : add(mul(c, 0), v);
  };
  const a = secret(x).workingPrecision();
  const b = secret(y).workingPrecision();
  return add(mul(c, sub(a, b)), b);
}
