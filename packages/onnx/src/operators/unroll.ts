/** What Scan and Loop share: a body runs a number of times that is known, one after the other. */
import type { Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import type { OnnxGraph } from '../onnx-model.js';

/** More steps are a loop that should not be unrolled. */
const MAX_STEPS = 4096;

/** The graph in attribute `body`, of as many inputs and outputs. */
export function readBody(context: NodeContext, inputs: number, outputs: number): OnnxGraph {
  const body = context.graph('body') ?? context.fail('body is missing');
  if (body.inputs.length !== inputs || body.outputs.length !== outputs)
    context.fail(
      `the body has ${body.inputs.length} inputs and ${body.outputs.length} outputs instead of ${inputs} and ${outputs}`,
    );
  return body;
}

/** Refuses loops that are too long to be unrolled. */
export function checkSteps(context: NodeContext, steps: number): void {
  if (steps > MAX_STEPS) context.fail(`${steps} steps; ${MAX_STEPS} are supported`);
}

/** The outputs of a step. What cannot be converted is reported once, not for each step. */
export function step(context: NodeContext, body: OnnxGraph, inputs: readonly Value[]): readonly Value[] {
  const outputs = context.inline(body, inputs);
  for (const output of outputs) context.shape(output);
  return outputs;
}

/** What the steps gave, along a new axis. */
export function stacked(context: NodeContext, parts: readonly Value[], axis: number): Value {
  const [first] = parts;
  if (first === undefined) return context.fail('no step runs, so the shape of what steps give is not known');
  const rank = context.rank(first) + 1;
  const axes = context.axes([axis], rank);
  const rows = parts.map((part) => context.emit('Unsqueeze', [part], { axes }));
  return rows.length === 1 ? (rows[0] as Value) : context.emit('Concat', rows, { axis: axes[0] as number });
}
