/** A choice between two graphs: made here where the condition is known, else both run and their outputs are chosen from. */
import { Unsupported, type Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const ifOnnx: OnnxOperator = {
  name: 'If',
  opsets: ALL_OPSETS,
  note: 'condition constant or computed from known sizes: becomes the branch that is taken; secret: both branches run, with outputs of equal shapes',
  convert(context) {
    const condition = context.input(0);
    context.shape(condition);
    if (condition.kind === 'public')
      context.fail(
        'the condition depends on sizes that are not known: give them with the option inputShapes',
      );
    if (condition.kind === 'secret') return chooseInPrivate(context, condition);
    const [taken, other] =
      context.scalar(condition, 'the condition') !== 0
        ? ['then_branch', 'else_branch']
        : ['else_branch', 'then_branch'];
    context.ignore(other);
    for (const [index, value] of branch(context, taken).entries()) context.forward(value, index);
  },
};

/** Nobody may learn which branch is taken, so both are. */
function chooseInPrivate(context: NodeContext, condition: Value): void {
  const [yes, no] = ['then_branch', 'else_branch'].map((name) => branch(context, name));
  const one = context.emit('Reshape', [condition], { shape: [], allowZero: true }, 'bool');
  for (const [index, value] of yes.entries()) {
    const [own, other] = [context.shape(value), context.shape(no[index])];
    if (`${own}` !== `${other}`)
      throw new Unsupported(
        `the condition depends on secret data, so both branches run, and output ${index} has the shapes ` +
          `[${own}] and [${other}]; if it depends on an input that everybody may know, make that one public`,
      );
    context.result(context.emit('Where', [one, value, no[index]], {}, value.type), index);
  }
}

function branch(context: NodeContext, name: string): readonly Value[] {
  const graph = context.graph(name) ?? context.fail(`${name} is missing`);
  if (graph.inputs.length > 0 || graph.outputs.length !== context.node.outputs.length)
    context.fail(`${name} has ${graph.inputs.length} inputs and ${graph.outputs.length} outputs`);
  return context.inline(graph);
}
