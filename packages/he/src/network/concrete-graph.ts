/** ONNX file to the graph of one input of a fixed shape. */
import { buildGraph, type ConcreteGraph, parseOnnx, specialize } from '@tacit/onnx';
import { HeModelError } from './errors.js';

/**
 * The network for a batch of one.
 * @param inputShape where the file leaves sizes open
 * @throws HeModelError (HE_MODEL) for several inputs or open sizes; errors of the ONNX reader
 */
export function concreteGraph(onnx: Uint8Array, inputShape?: readonly number[]): ConcreteGraph {
  const model = parseOnnx(onnx);
  const declared = buildGraph(model);
  const [input] = declared.inputs;
  if (input === undefined || declared.inputs.length !== 1)
    throw new HeModelError(`The network has ${declared.inputs.length} inputs; one is supported.`);
  const shape = inputShape ?? input.shape.map((size, axis) => (axis === 0 ? 1 : size));
  const open = shape.filter((size) => typeof size !== 'number');
  if (open.length > 0)
    throw new HeModelError(
      `The input ${input.name} has the shape [${input.shape.join(', ')}]; give the sizes that are open (inputShape, --input-shape).`,
    );
  const sizes = shape.map(Number);
  return specialize(buildGraph(model, { inputShapes: { [input.name]: sizes } }), { [input.name]: sizes });
}
