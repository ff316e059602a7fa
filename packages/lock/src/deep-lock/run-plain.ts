/**
 * Runs a network in double precision, with weights that are opened when the first node needs them: `evaluatePlain` with
 * parameters that are asked for one at a time.
 */
import {
  type Attributes,
  apply,
  type ConcreteGraph,
  type ConcreteOpName,
  type PlainTensor,
  plainBackend,
} from '@tacit/graph';
import { OnnxFormatError } from '@tacit/onnx/protobuf';

/** Where weights come from. */
export interface WeightSource {
  /** A weight by name; undefined for what is no locked weight. */
  take(name: string): PlainTensor | undefined;
  /** Called after each node: what was taken for it is no longer in use. */
  done(): void;
}

/**
 * Computes the outputs of a network.
 * @param graph the network; parameters that the source has are not read from it
 * @param inputs every input by name, of its shape
 * @param source opens weights
 * @returns the outputs by name
 * @throws OnnxFormatError where a node names what nobody makes; as the operations
 */
export function runPlain(
  graph: ConcreteGraph,
  inputs: ReadonlyMap<string, PlainTensor>,
  source: WeightSource,
): Map<string, PlainTensor> {
  const values = new Map(inputs);
  const lastUse = new Map<string, number>();
  graph.nodes.forEach(({ inputs: names }, index) => {
    for (const name of names) lastUse.set(name, index);
  });
  for (const { name } of graph.outputs) lastUse.set(name, graph.nodes.length);
  const known = (name: string): PlainTensor => {
    const value = values.get(name) ?? source.take(name) ?? graph.parameters.get(name);
    if (!value) throw new OnnxFormatError(`The value ${JSON.stringify(name)} is not known.`);
    return value;
  };
  graph.nodes.forEach((node, index) => {
    const attributes = node.attributes as Attributes<ConcreteOpName>;
    const label = `node ${JSON.stringify(node.name)} (${node.op})`;
    const [value] = apply<PlainTensor, ConcreteOpName>(
      plainBackend,
      node.op,
      node.inputs.map(known),
      attributes,
      label,
    );
    values.set(node.outputs[0], value);
    for (const name of node.inputs) if (lastUse.get(name) === index) values.delete(name);
    source.done();
  });
  const outputs = new Map(graph.outputs.map(({ name }) => [name, known(name)]));
  source.done();
  return outputs;
}
