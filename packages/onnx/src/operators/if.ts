/** A choice between two graphs, made here: the condition must be known. */
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const ifOnnx: OnnxOperator = {
  name: 'If',
  opsets: ALL_OPSETS,
  note: 'condition constant, or computed from known sizes: becomes the branch that is taken',
  convert(context) {
    const condition = context.input(0);
    context.shape(condition);
    if (condition.kind === 'secret')
      context.fail('the condition depends on secret data: compute both branches and choose by Where');
    if (condition.kind === 'public')
      context.fail(
        'the condition depends on sizes that are not known: give them with the option inputShapes',
      );
    const [taken, other] =
      context.scalar(condition, 'the condition') !== 0
        ? ['then_branch', 'else_branch']
        : ['else_branch', 'then_branch'];
    context.ignore(other);
    const branch = context.graph(taken) ?? context.fail(`${taken} is missing`);
    if (branch.inputs.length > 0 || branch.outputs.length !== context.node.outputs.length)
      context.fail(`${taken} has ${branch.inputs.length} inputs and ${branch.outputs.length} outputs`);
    for (const [index, value] of context.inline(branch).entries()) context.forward(value, index);
  },
};
