/** A body that runs a number of times, with a state: unrolled, as far as it is known how often it runs. */
import { plainTensor, type Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';
import { checkSteps, readBody, stacked, step } from './unroll.js';

export const loopOnnx: OnnxOperator = {
  name: 'Loop',
  opsets: ALL_OPSETS,
  note: 'unrolled: how often it runs must follow from constants and known sizes; states are tensors of one shape',
  convert(context) {
    const states = context.inputCount - 2;
    const outputs = context.node.outputs.length;
    if (states < 0 || outputs < states) context.fail(`${context.inputCount} inputs and ${outputs} outputs`);
    const body = readBody(context, states + 2, outputs + 1);
    const limit = context.optional(0);
    const most = limit ? context.scalar(limit, 'the number of steps') : Number.POSITIVE_INFINITY;
    let condition = context.optional(1);
    let state: readonly Value[] = Array.from({ length: states }, (_, index) => context.input(index + 2));
    const collected = Array.from({ length: outputs - states }, (): Value[] => []);
    for (let t = 0; t < most && goesOn(context, condition); t++) {
      checkSteps(context, t + 1);
      const number = context.makeConstant('step', plainTensor([], [t]), 'int');
      const going = condition ?? context.makeConstant('going', plainTensor([], [1]), 'bool');
      const [next, ...made] = step(context, body, [number, going, ...state]);
      condition = next;
      state = made.slice(0, states);
      made.slice(states).forEach((value, i) => {
        collected[i]?.push(value);
      });
    }
    state.forEach((value, i) => {
      context.forward(value, i);
    });
    collected.forEach((parts, i) => {
      context.result(stacked(context, parts, 0), states + i);
    });
  },
};

/** Whether there is another step, which everybody must know. */
function goesOn(context: NodeContext, condition: Value | undefined): boolean {
  if (condition === undefined) return true;
  if (condition.kind === 'secret')
    return context.fail('how often it runs depends on secret data, which running it would tell');
  return context.scalar(condition, 'the condition') !== 0;
}
