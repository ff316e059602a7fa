/** Same elements, other shape; -1 is inferred and, unless allowzero, 0 copies the input's size. */
import { ModelShapeError } from '../errors.js';
import type { Dim, Shape } from '../graph.js';
import { ALL_OPSETS, type GraphOperator, type OnnxOperator } from '../operator.js';
import { at, product, show, UNKNOWN } from '../shapes.js';

export const reshape: GraphOperator<'Reshape'> = {
  op: 'Reshape',
  summary: 'Same elements, other shape',
  attributes: { shape: 'public', allowZero: 'bool' },
  arity: [1, 1],
  infer(inputs, { shape, allowZero }) {
    const x = at(inputs, 0);
    if (!Array.isArray(shape)) return new Array<Dim>(shape.length).fill(UNKNOWN);
    return reshaped(x, shape, allowZero);
  },
  resolve: (node, _inputs, output) => ({ ...node, attributes: { shape: output, allowZero: true } }),
  evaluate: (inputs, { shape }) => ({ shape, data: at(inputs, 0).data }),
};

function reshaped(x: Shape, target: readonly number[], allowZero: boolean): Shape {
  const shape: Dim[] = target.map((size, axis) => {
    if (!Number.isSafeInteger(size) || size < -1) throw new ModelShapeError(`reshape to ${show(target)}`);
    if (size !== 0 || allowZero) return size;
    if (axis >= x.length) throw new ModelShapeError(`reshape of ${show(x)} to ${show(target)}`);
    return at(x, axis);
  });
  const open = shape.indexOf(-1);
  if (open !== shape.lastIndexOf(-1)) throw new ModelShapeError(`reshape to ${show(target)}: -1 twice`);
  // Symbols that are copied cancel, so that [batch, 16, 5, 5] to [0, -1] is known to be [batch, 400].
  const [left, right] = cancel(x, open < 0 ? shape : shape.filter((_, axis) => axis !== open));
  const [total, rest] = [product(left), product(right)];
  if (open >= 0) {
    if (rest === 1) shape[open] = total;
    else if (typeof total === 'number' && typeof rest === 'number') {
      if (rest === 0 || total % rest !== 0)
        throw new ModelShapeError(`reshape of ${show(x)} to ${show(target)}: sizes do not divide`);
      shape[open] = total / rest;
    } else shape[open] = UNKNOWN;
  } else if (typeof total === 'number' && typeof rest === 'number' && total !== rest)
    throw new ModelShapeError(`reshape of ${show(x)} to ${show(target)}: ${total} elements are not ${rest}`);
  return shape;
}

/** Both lists without the named sizes that they share. */
function cancel(a: Shape, b: Shape): [Dim[], Dim[]] {
  const [left, right] = [[...a], [...b]];
  for (const dim of a) {
    const match = typeof dim === 'string' && dim !== UNKNOWN ? right.indexOf(dim) : -1;
    if (match >= 0) {
      right.splice(match, 1);
      left.splice(left.indexOf(dim), 1);
    }
  }
  return [left, right];
}

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
