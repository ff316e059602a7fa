/** `tacit check`: whether a model can run, and what is in it. */

import { bytes } from '@tacit/cli-kit';
import type { ConcreteGraph } from '@tacit/graph';
import type { GraphCost } from '@tacit/nn';
import type { BuildOptions } from '@tacit/onnx';
import type { Command } from 'commander';
import { inputRange } from './input-range.js';
import { PUBLIC_FLAG, type PublicInputs, publicInput } from './public-input.js';

export function addCheck(program: Command): void {
  program
    .command('check')
    .description('say whether a model can run privately, and list everything that cannot')
    .argument('<MODEL.onnx>', 'the model file')
    .option(
      '--input-range <LOW:HIGH>',
      'bound all values from the weights and this range of the inputs',
      inputRange,
    )
    .option(PUBLIC_FLAG, 'an input that everybody may know, such as a sampling rate', publicInput)
    .option('--debug', 'show stacks of errors')
    .addHelpText(
      'after',
      '\nExamples:\n  tacit check model.onnx\n  tacit check model.onnx --input-range 0:1\n',
    )
    .action(check);
}

async function check(
  path: string,
  flags: { readonly inputRange?: readonly [number, number]; readonly public?: PublicInputs },
): Promise<void> {
  const { readOnnxFile } = await import('@tacit/onnx/file');
  const file = await readOnnxFile(path);
  const { buildGraph, modelInputs, parseOnnx, specialize, UnsupportedModelError, withExampleShapes } =
    await import('@tacit/onnx');
  const { costOf } = await import('@tacit/nn');
  const model = parseOnnx(file);
  const publicInputs = flags.public;
  const inputs = modelInputs(model, { publicInputs });
  const open = inputs.some(({ shape }) => shape.some((dim) => typeof dim === 'string'));
  let notes: string[] = [];
  const build = (inputShapes?: BuildOptions['inputShapes']) => {
    notes = [];
    return buildGraph(model, { inputShapes, publicInputs, onNote: (note) => notes.push(note) });
  };
  const builtFor = (shapes: Readonly<Record<string, readonly number[]>>, size: number) => {
    try {
      const graph = build();
      return { graph, concrete: specialize(graph, shapes), size };
    } catch (error) {
      // Some models can be built for known sizes only, as `tacit predict` does.
      if (!open || !(error instanceof UnsupportedModelError)) throw error;
      const graph = build(shapes);
      return { graph, concrete: specialize(graph, shapes), size };
    }
  };
  const { graph, concrete, size } = withExampleShapes(inputs, builtFor);
  const counts = new Map<string, number>();
  for (const { op } of concrete.nodes) counts.set(op, (counts.get(op) ?? 0) + 1);
  const operations = [...counts].map(([op, count]) => (count > 1 ? `${op} x${count}` : op));
  let parameters = 0;
  for (const { shape } of graph.parameters.values()) parameters += shape.reduce((a, b) => a * b, 1);
  const lines = [
    `runs        yes`,
    ...inputs.map(({ name, shape, type }) => `input       ${name} [${shape.join(', ')}]${typeNote(type)}`),
    ...concrete.outputs.map(
      ({ name, shape }) =>
        `output      ${name} [${shape.join(', ')}]${open ? ` with open sizes of ${size}` : ''}`,
    ),
    `operations  ${operations.join(', ')} (after folding)`,
    `parameters  ${parameters} in ${graph.parameters.size} tensors`,
    ...notes.map((note) => `note        ${note}`),
    ...costLines(await costOf(concrete)),
    ...(flags.inputRange ? await rangeLines(concrete, flags.inputRange) : []),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

const typeNote = (type: 'int' | 'bool' | undefined): string =>
  type === undefined ? '' : type === 'int' ? ' of integers' : ' of truth values';

/** What an inference between two parties with the default settings costs. */
const costLines = ({ rounds, bytes: sent, dealerBytes, setupBytes }: GraphCost): string[] => [
  `cost        ${rounds} rounds, ${bytes(sent)} between two parties, ${bytes(dealerBytes)} from the dealer`,
  `setup       ${bytes(setupBytes)} between two parties, once for the model`,
];

/** Fraction bits and range of the default settings. */
const RANGE = 28;

async function rangeLines(graph: ConcreteGraph, range: readonly [number, number]): Promise<string[]> {
  const { layersBeyond, rangeWarning } = await import('../value-range.js');
  const beyond = layersBeyond(graph, range, RANGE);
  return beyond.length > 0
    ? [`warning     ${rangeWarning(beyond, RANGE)}`]
    : [`range       every value stays below 2^${RANGE} for inputs from ${range.join(' to ')}`];
}
