/** A classifier up to its logits: a loss is more exact, and simpler, before the softmax than after it. */
import type { ConcreteGraph, ParameterSlot } from './graph.js';

/**
 * The network without a Softmax, or LogSoftmax, over axis 1 at its end; what comes before is the output then.
 * @param graph a network
 * @returns the network up to the logits of its first output, which has another name then; as it is where it ends in no
 * softmax, or where others read the probabilities as well
 * @example const logits = evaluatePlain(withoutSoftmax(graph), { x })[withoutSoftmax(graph).outputs[0].name];
 */
export function withoutSoftmax<P extends ParameterSlot>(graph: ConcreteGraph<P>): ConcreteGraph<P> {
  const [output, ...others] = graph.outputs;
  const last = graph.nodes.find(({ outputs }) => outputs[0] === output?.name);
  if (!last || (last.op !== 'Softmax' && last.op !== 'LogSoftmax') || last.attributes.axis !== 1)
    return graph;
  const read = graph.nodes.some(({ inputs }) => inputs.includes(output.name));
  if (read || others.some(({ name }) => name === output.name || name === last.inputs[0])) return graph;
  return {
    ...graph,
    nodes: graph.nodes.filter((node) => node !== last),
    outputs: [{ name: last.inputs[0], shape: output.shape }, ...others],
  };
}
