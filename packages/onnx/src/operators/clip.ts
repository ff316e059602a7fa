/**
 * x limited to [min, max]; Clip from 0 upwards becomes Relu, and limits that the model computes become Max and Min.
 */
import type { Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

/** The largest binary32: what exporters write for no limit. */
const FLOAT_MAX = 3.4028234663852886e38;

export const clipOnnx: OnnxOperator = {
  name: 'Clip',
  opsets: ALL_OPSETS,
  note: 'from 0 upwards becomes Relu; computed limits become Max and Min',
  convert(context) {
    const x = context.input(0);
    const low = computed(context, 1, 'min');
    const high = computed(context, 2, 'max');
    const min = low === undefined ? limit(context, 1, 'min') : null;
    const max = high === undefined ? limit(context, 2, 'max') : null;
    // As ONNX defines it: the upper bound wins, so it comes last.
    const raised = low === undefined ? x : context.emit('Max', [x, low], {});
    const limited = constantLimits(context, raised, min, max);
    context.result(high === undefined ? limited : context.emit('Min', [limited, high], {}));
  },
};

function constantLimits(context: NodeContext, x: Value, min: number | null, max: number | null): Value {
  if (min === null && max === null) return x;
  if (min !== null && max !== null && min > max) return context.emit('Clip', [x], { min: max, max });
  if (min === 0 && max === null) return context.emit('Relu', [x], {});
  return context.emit('Clip', [x], { min, max });
}

/** A limit that is no constant: one number, which leaves x its shape. */
function computed(context: NodeContext, index: number, name: 'min' | 'max'): Value | undefined {
  const value = context.opset < 11 ? undefined : context.optional(index);
  if (value === undefined || value.kind === 'constant') return undefined;
  const shape = context.shape(value);
  if (shape.some((size) => size !== 1) || shape.length > context.rank(context.input(0)))
    context.fail(`${name} must be a single number`);
  return value;
}

/** Attributes until opset 10, inputs since. */
function limit(context: NodeContext, index: number, name: 'min' | 'max'): number | null {
  let value = name === 'min' ? -Infinity : Infinity;
  if (context.opset < 11) value = context.float(name, value);
  else {
    const input = context.optional(index);
    if (input !== undefined) value = context.scalar(input, name);
  }
  if (Number.isNaN(value)) context.fail(`${name} is not a number`);
  return Math.abs(value) >= FLOAT_MAX ? null : value;
}
