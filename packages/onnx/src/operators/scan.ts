/** A body that runs for each position of its inputs, with a state: unrolled. */
import { at, type Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { MAX_OPSET, type OnnxOperator } from '../operator.js';
import { checkSteps, readBody, stacked, step } from './unroll.js';

export const scanOnnx: OnnxOperator = {
  name: 'Scan',
  opsets: [9, MAX_OPSET],
  note: 'unrolled: the length of the sequence must be known',
  convert(context) {
    const { inputCount } = context;
    const given = Array.from({ length: inputCount }, (_, index) => context.input(index));
    const count = context.int('num_scan_inputs', 0);
    const states = inputCount - count;
    const outputs = context.node.outputs.length;
    if (count < 1 || states < 0 || outputs < states) context.fail(`num_scan_inputs is ${count}`);
    const body = readBody(context, inputCount, outputs);
    const lists = (name: string, length: number) => {
      const list = context.ints(name) ?? new Array<number>(length).fill(0);
      return list.length === length ? list : context.fail(`${name} has ${list.length} of ${length} elements`);
    };
    const backward = lists('scan_input_directions', count);
    const backwardOut = lists('scan_output_directions', outputs - states);
    const axesOut = lists('scan_output_axes', outputs - states);
    const sequences = given.slice(states);
    const axes = lists('scan_input_axes', count).map(
      (axis, i) => context.axes([axis], context.rank(at(sequences, i)))[0] as number,
    );
    const steps = lengthOf(context, sequences, axes);
    let state: readonly Value[] = given.slice(0, states);
    const collected = axesOut.map((): Value[] => []);
    for (let t = 0; t < steps; t++) {
      const seen = sequences.map((sequence, i) => {
        const position = at(backward, i) === 0 ? t : steps - 1 - t;
        return context.emit('Take', [sequence], { axis: at(axes, i), indices: [position], shape: [] });
      });
      const made = step(context, body, [...state, ...seen]);
      state = made.slice(0, states);
      made.slice(states).forEach((value, i) => {
        collected[i]?.push(value);
      });
    }
    state.forEach((value, i) => {
      context.forward(value, i);
    });
    collected.forEach((parts, i) => {
      const ordered = at(backwardOut, i) === 0 ? parts : parts.reverse();
      context.result(stacked(context, ordered, at(axesOut, i)), states + i);
    });
  },
};

/** How many positions the sequences have. */
function lengthOf(context: NodeContext, sequences: readonly Value[], axes: readonly number[]): number {
  const lengths = sequences.map((sequence, i) => context.shape(sequence)[at(axes, i)]);
  const [steps] = lengths;
  if (typeof steps !== 'number')
    return context.fail(
      `the length ${steps} of the sequence must be known: give it with the option inputShapes`,
    );
  if (lengths.some((length) => length !== steps)) context.fail(`sequences of lengths ${lengths.join(', ')}`);
  checkSteps(context, steps);
  return steps;
}
