/** Constants: of ONNX as values known at once; in a model graph as operands of shape arithmetic. */
import { type PlainTensor, plainTensor } from '@tacit/graph';

import type { NodeContext } from '../node-context.js';
import { constantKind, type OnnxTensor } from '../onnx-model.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const constantOnnx: OnnxOperator = {
  name: 'Constant',
  opsets: ALL_OPSETS,
  note: 'dense numbers',
  convert(context) {
    const tensor = context.tensor('value');
    if (tensor !== undefined) {
      context.result(fromTensor(context, tensor));
      return;
    }
    const list = (values: readonly number[], type: 'float' | 'int', shape = [values.length]) =>
      context.result(context.makeConstant('value', plainTensor(shape, values), type));
    const [floats, ints] = [context.floats('value_floats'), context.ints('value_ints')];
    if (floats !== undefined) list(floats, 'float');
    else if (ints !== undefined) list(ints, 'int');
    else if (context.has('value_float')) list([context.float('value_float', 0)], 'float', []);
    else if (context.has('value_int')) list([context.int('value_int', 0)], 'int', []);
    else
      context.fail(`the constant is given by ${[...context.node.attributes.keys()].join(', ') || 'nothing'}`);
  },
};

function fromTensor(context: NodeContext, { dataType, shape, data }: OnnxTensor) {
  const type = constantKind(dataType) ?? context.fail(`the constant has element type ${dataType}`);
  const tensor: PlainTensor = { shape, data };
  return context.typed(context.makeConstant('value', tensor, type), dataType);
}
