/** Long short-term memory. Gates in the order of ONNX: input, output, forget, cell. */
import type { Value } from '@tacit/graph';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';
import { multiply } from './matrix.js';
import { type Cell, type Layer, unroll } from './recurrent.js';

const LSTM: Cell = {
  gates: 4,
  activations: ['Sigmoid', 'Tanh', 'Tanh'],
  states: [5, 6],
  direction(layer, d) {
    const { context } = layer;
    const [f, g, h] = layer.activations[d] as [(x: Value) => Value, (x: Value) => Value, (x: Value) => Value];
    const recurrence = layer.recurrence(d);
    const biases = layer.biases(d);
    const peepholes = peepholesOf(layer, d);
    const coupled = context.int('input_forget', 0) !== 0;
    return {
      bias: biases && layer.add(biases[0], biases[1]),
      next(projected, [hidden, cell]) {
        const sum = hidden ? layer.add(projected, multiply(context, hidden, recurrence)) : projected;
        const through = (gate: number, start: number, state: Value | undefined) => {
          const own = layer.gates(sum, start, start + 1);
          const seen = peepholes && state ? layer.mul(state, peepholes[gate] as Value) : undefined;
          return f(layer.clipped(layer.add(own, seen)));
        };
        const candidate = g(layer.clipped(layer.gates(sum, 3, 4)));
        // Without peepholes, the gates of one function are one call.
        const gates = peepholes ? undefined : f(layer.clipped(layer.gates(sum, 0, 3)));
        const input = gates ? layer.gates(gates, 0, 1) : through(0, 0, cell);
        const added = layer.mul(input, candidate);
        const next = cell ? layer.add(kept(cell, input), added) : added;
        const output = gates ? layer.gates(gates, 1, 2) : through(1, 1, next);
        return [layer.mul(output, h(layer.clipped(next))), next];

        function kept(before: Value, i: Value): Value {
          // f = 1 - i
          if (coupled) return context.emit('Sub', [before, layer.mul(i, before)], {});
          return layer.mul(gates ? layer.gates(gates, 2, 3) : through(2, 2, before), before);
        }
      },
    };
  },
};

/** Weights by which the input, output and forget gates see the cell. */
function peepholesOf(layer: Layer, d: number): readonly Value[] | undefined {
  const listed = layer.context.optional(7);
  if (listed === undefined) return undefined;
  const all = layer.of(listed, d);
  return [0, 1, 2].map((gate) => layer.gates(all, gate, gate + 1));
}

export const lstmOnnx: OnnxOperator = {
  name: 'LSTM',
  opsets: ALL_OPSETS,
  note: 'unrolled: the length of the sequence must be known, sequence_lens constant; becomes Linear and functions of gates',
  convert: (context) => unroll(context, LSTM),
};
