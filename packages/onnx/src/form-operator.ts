/** Operators whose reading takes no code: the operation's definition has the name, and where the attributes come from. */
import { type Attributes, definitionOf, type OnnxForm, type OpName } from '@tacit/graph';
import type { NodeContext } from './node-context.js';
import { MAX_OPSET, MIN_OPSET, type OnnxOperator } from './operator.js';

export function formOperator(op: OpName, form: OnnxForm): OnnxOperator {
  return {
    name: form.name,
    opsets: [Math.max(MIN_OPSET, form.since ?? MIN_OPSET), MAX_OPSET],
    note: form.note ?? '',
    convert(context) {
      const [least, most] = definitionOf(op).arity;
      const count = Math.min(Math.max(least, context.inputCount), most);
      const inputs = Array.from({ length: count }, (_, index) => context.input(index));
      const attributes = Object.fromEntries(
        Object.entries(form.attributes ?? {}).map(([own, [name, standard]]) => [
          own,
          read(context, op, own, name, standard),
        ]),
      );
      const type =
        form.type === 'bool' ? 'bool' : form.type === undefined ? undefined : inputs[form.type].type;
      context.result(context.emit(op, inputs, attributes as Attributes<OpName, 'model'>, type));
    },
  };
}

function read(
  context: NodeContext,
  op: OpName,
  own: string,
  name: string,
  standard: number,
): number | boolean {
  const kind = (definitionOf(op).attributes as Readonly<Record<string, unknown>>)[own];
  if (kind === 'bool') return context.int(name, standard) !== 0;
  return kind === 'number' || kind === 'limit' ? context.float(name, standard) : context.int(name, standard);
}
