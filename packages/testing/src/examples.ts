/** Inputs for the examples that operations give: the same at every run. */
import { type AnyDefinition, type ConcreteGraph, type PlainTensor, resolveCall, sizeOf } from '@tacit/graph';

type Example = AnyDefinition['examples'][number];

/**
 * Distinct numbers on the grid of 2^-10, away from whole ones where functions have kinks.
 *
 * @param example From the definition of an operation.
 * @param seed Gives other numbers.
 * @returns A tensor for each input.
 */
export function exampleInputs(example: Example, seed: number): PlainTensor[] {
  const [low, high] = example.range ?? [-4, 4];
  return example.shapes.map((shape, n) => {
    const data = Float64Array.from({ length: sizeOf(shape) }, (_, i) => {
      const hash = ((i + 1) * 2654435761 + (n + 1) * 40503 + (seed + 1) * 9973) % 2 ** 32;
      if (example.values) return example.values[Math.floor((hash / 2 ** 32) * example.values.length)];
      const value = low + (hash / 2 ** 32) * (high - low);
      return (Math.floor(value * 512) + 0.5) / 512;
    });
    return { shape, data };
  });
}

/**
 * A graph in which an example's operation stands between others that keep shapes, with one input x, one output y and
 * everything else as parameters.
 *
 * @param definition The operation.
 * @param index Which of its examples.
 * @param position Which of its inputs is x.
 * @param before Names of operations on x alone that come before it.
 * @param after Names of those that come after it.
 * @returns The graph, a value for x, and a text that says which case this is.
 */
function exampleGraph(
  definition: AnyDefinition,
  index: number,
  position: number,
  before: readonly string[],
  after: readonly string[],
): { graph: ConcreteGraph; x: PlainTensor; name: string } {
  const example = definition.examples[index];
  const inputs = exampleInputs(example, index);
  const given = inputs.map(({ shape }) => shape);
  const { attributes, outputs } = resolveCall(definition.op as never, given, example.attributes as never);
  const x = inputs[position];
  const last = before.length + after.length;
  const shapes = new Map([['x', x.shape]]);
  const nodes: object[] = [];
  let value = 'x';
  const step = (op: string, names: string[], shape: readonly number[], attributes: object) => {
    value = nodes.length === last ? 'y' : `v${nodes.length}`;
    nodes.push({ name: `layer ${nodes.length}`, op, inputs: names, outputs: [value], attributes });
    shapes.set(value, shape);
  };
  for (const op of before) step(op, [value], x.shape, {});
  const names = inputs.map((_, i) => (i === position ? value : `p${i}`));
  step(definition.op, names, outputs[0], attributes);
  for (const op of after) step(op, [value], outputs[0], {});
  const graph = {
    inputs: [{ name: 'x', shape: x.shape }],
    outputs: [{ name: 'y', shape: outputs[0] }],
    nodes,
    parameters: new Map(inputs.flatMap((p, i) => (i === position ? [] : [[`p${i}`, p] as const]))),
    shapes,
  } as unknown as ConcreteGraph;
  const around = [...before, `${definition.op} of input ${position}`, ...after].join(', ');
  return { graph, x, name: `[${given.join('] [')}] ${JSON.stringify(example.attributes)}: ${around}` };
}

/**
 * Every example of an operation with each of its inputs as x, between every choice of neighbours.
 *
 * @param definition The operation.
 * @param before Choices of what comes before it.
 * @param after Choices of what comes after it.
 * @returns Each graph once.
 */
export function* exampleGraphs(
  definition: AnyDefinition,
  before: readonly (readonly string[])[],
  after: readonly (readonly string[])[],
): Generator<ReturnType<typeof exampleGraph>> {
  for (const [index, { shapes }] of definition.examples.entries())
    for (const position of shapes.keys())
      for (const first of before)
        for (const last of after) yield exampleGraph(definition, index, position, first, last);
}
