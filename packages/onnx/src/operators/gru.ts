/** Gated recurrent units. Gates in the order of ONNX: update, reset, hidden. And the plain recurrent layer. */
import type { Value } from '@tacit/graph';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';
import { multiply } from './matrix.js';
import { type Cell, unroll } from './recurrent.js';

type Activation = (x: Value) => Value;

const GRU: Cell = {
  gates: 3,
  activations: ['Sigmoid', 'Tanh'],
  states: [5],
  direction(layer, d) {
    const { context } = layer;
    const [f, g] = layer.activations[d] as [Activation, Activation];
    const recurrence = layer.recurrence(d);
    const biases = layer.biases(d);
    const resetsAfter = context.int('linear_before_reset', 0) !== 0;
    const recurrenceOf = (start: number, end: number) => layer.gates(recurrence, start, end);
    const [ofGates, ofHidden] = [recurrenceOf(0, 2), recurrenceOf(2, 3)];
    const hiddenBias = biases && layer.gates(biases[1], 2, 3);
    return {
      bias: biases && inputBias(biases[0], biases[1]),
      next(projected, [hidden]) {
        // Where the reset comes after the product, one product serves all gates.
        const all = hidden && resetsAfter ? multiply(context, hidden, recurrence) : undefined;
        const toGates = all ? layer.gates(all, 0, 2) : hidden && multiply(context, hidden, ofGates);
        const gates = f(layer.clipped(layer.add(layer.gates(projected, 0, 2), toGates)));
        const [update, reset] = [layer.gates(gates, 0, 1), layer.gates(gates, 1, 2)];
        const seen = resetsAfter ? after(reset, all && layer.gates(all, 2, 3)) : before(reset, hidden);
        const candidate = g(layer.clipped(layer.add(layer.gates(projected, 2, 3), seen)));
        // (1 - z) g + z h, with one product
        if (hidden === undefined) return [context.emit('Sub', [candidate, layer.mul(update, candidate)], {})];
        const step = context.emit('Sub', [hidden, candidate], {});
        return [layer.add(candidate, layer.mul(update, step))];
      },
    };

    /** The biases of R are inside of the reset, where it comes after the product. */
    function inputBias(ofW: Value, ofR: Value): Value {
      if (!resetsAfter) return layer.add(ofW, ofR);
      const gates = layer.add(layer.gates(ofW, 0, 2), layer.gates(ofR, 0, 2));
      return context.emit('Concat', [gates, layer.gates(ofW, 2, 3)], { axis: 0 });
    }
    function after(reset: Value, product: Value | undefined): Value | undefined {
      const inside = product ? layer.add(product, hiddenBias) : hiddenBias;
      return inside && layer.mul(reset, inside);
    }
    function before(reset: Value, hidden: Value | undefined): Value | undefined {
      return hidden && multiply(context, layer.mul(reset, hidden), ofHidden);
    }
  },
};

const RNN: Cell = {
  gates: 1,
  activations: ['Tanh'],
  states: [5],
  direction(layer, d) {
    const [f] = layer.activations[d] as [Activation];
    const recurrence = layer.recurrence(d);
    const biases = layer.biases(d);
    return {
      bias: biases && layer.add(biases[0], biases[1]),
      next: (projected, [hidden]) => [
        f(layer.clipped(layer.add(projected, hidden && multiply(layer.context, hidden, recurrence)))),
      ],
    };
  },
};

export const gruOnnx: OnnxOperator = {
  name: 'GRU',
  opsets: ALL_OPSETS,
  note: 'as LSTM; linear_before_reset',
  convert: (context) => unroll(context, GRU),
};

export const rnnOnnx: OnnxOperator = {
  name: 'RNN',
  opsets: ALL_OPSETS,
  note: 'as LSTM',
  convert: (context) => unroll(context, RNN),
};
