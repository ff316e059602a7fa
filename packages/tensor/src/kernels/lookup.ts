/** Private indices: as one-hot rows, and as rows of a table. */
import { definitionOf, sizeOf } from '@tacit/graph';
import type { Secret } from '@tacit/mpc';
import type { FixedPoint } from '../fixed-point/fixed-point.js';
import { isPlain, type PrivateValue, secretOf } from '../private-value.js';
import { onSecrets, type PrivateKernel } from './kernel.js';
import { matrixProduct, ONE_HOT } from './matrix-product.js';
import { reshape } from './views.js';

export const oneHot = onSecrets<'OneHot'>(([x], { depth }) => rowsOf(x, depth));

export const lookup: PrivateKernel<'Lookup'> = (context, [table, index], { oneHot: given }, [shape]) => {
  const [depth, ...rest] = table.shape;
  const as = (x: PrivateValue, ...to: number[]): PrivateValue =>
    reshape(context, [x], { shape: to, allowZero: true }, [to])[0];
  const count = sizeOf(given ? index.shape.slice(0, -1) : index.shape);
  const found = (): PrivateValue =>
    isPlain(index)
      ? definitionOf('OneHot').evaluate([index], { depth })[0]
      : rowsOf(secretOf(context, index), depth);
  const rows = as(given ? index : found(), count, depth);
  const [width] = [sizeOf(rest)];
  const result = matrixProduct(context, rows, as(table, depth, width), [count, width], ONE_HOT);
  return [as(result, ...shape)];
};

/** One-hot rows, at scale 0. */
function rowsOf(x: FixedPoint, depth: number): FixedPoint {
  const { engine } = x;
  const whole = nearest(x);
  const rows = engine.oneHot(whole, depth);
  if (whole !== x.share) whole.dispose();
  return x.with(rows, { scale: 0, magnitude: 0 });
}

/** The nearest whole number: of a product, which may be a unit off, that which it stands for. */
function nearest(x: FixedPoint): Secret {
  const { engine, scale, share } = x;
  if (scale === 0) return share;
  const raised = engine.addScalar(share, 1n << BigInt(scale - 1));
  const floor = engine.floor(raised, scale);
  raised.dispose();
  return floor;
}
