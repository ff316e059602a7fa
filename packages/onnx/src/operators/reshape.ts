/** Same elements, other shape; -1 is inferred and, unless allowzero, 0 copies the input's size. */
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const reshapeOnnx: OnnxOperator = {
  name: 'Reshape',
  opsets: ALL_OPSETS,
  note: 'target constant or computed from shapes; 0, -1, allowzero',
  convert(context) {
    const allowZero = context.opset >= 14 && context.int('allowzero', 0) !== 0;
    const x = context.input(0);
    context.shape(x);
    const shape = context.publicInts(context.input(1), 'the target shape');
    context.result(context.emit('Reshape', [x], { shape, allowZero }));
  },
};
