/** x clip(x / 6 + 1 / 2, 0, 1). Howard et al.: "Searching for MobileNetV3", ICCV 2019, section 5.2. */
import type { OperationDefinition } from '../operation/definition.js';
import { onnx, unary } from './shared/elementwise.js';

export const definition: OperationDefinition<'HardSwish'> = unary({
  op: 'HardSwish',
  summary: 'x clip(x/6 + 1/2, 0, 1)',
  plain: (x) => x * Math.min(Math.max(x / 6 + 0.5, 0), 1),
  expand: (k, [x]) => [k.mul(x, k.clip(k.add(k.mul(x, 1 / 6), 0.5), { min: 0, max: 1 }))],
  // 1 from 3 on, x/3 + 1/2 from -3 to 3.
  derivative: (k, x, _y, dy) => {
    const above = k.greaterOrEqual(x, 3);
    const between = k.sub(k.greaterOrEqual(x, -3), above);
    const line = k.add(k.mul(x, 1 / 3), 0.5);
    return k.add(k.mul(above, dy), k.mul(k.mul(between, line), dy));
  },
  onnx: onnx('HardSwish', 14),
});

export const methods = {
  /**
   * x clip(x/6 + 1/2, 0, 1): the rounds of a ReLU and of a product.
   * @returns the shape of x
   */
  hardSwish: () => ({ attributes: {} }),
};
