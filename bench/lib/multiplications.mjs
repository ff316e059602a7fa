import { specialize } from '@tacit/graph';

const product = (sizes) => sizes.reduce((size, d) => size * d, 1);

/** Multiplications of the convolutions and matrix products of a network of one input, forward, for an input of that shape. */
export function multiplications(graph, shape) {
  const { nodes, shapes } = specialize(graph, { [graph.inputs[0].name]: shape });
  return nodes.reduce((sum, { op, inputs, outputs }) => {
    const out = product(shapes.get(outputs[0]));
    if (op === 'Conv') return sum + out * product(shapes.get(inputs[1]).slice(1));
    if (op === 'MatMul' || op === 'Linear') return sum + out * shapes.get(inputs[0]).at(-1);
    return sum;
  }, 0);
}
