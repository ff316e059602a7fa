/** Everything that can be checked before a training starts: files, columns, shapes through the model, costs. */
import { resolve } from 'node:path';
import { requireFolder } from '@tacit/files';
import type { ConcreteGraph, ParameterSlot } from '@tacit/graph';
import type { ProtocolConfig } from '@tacit/mpc';
import type { Checked } from './build.js';
import { errorAt } from './config-file.js';
import { type Layout, layoutOf } from './layout.js';
import { planStep, type StepPlan } from './plan.js';
import { readSource, sourcesOf } from './sources.js';

export interface CheckedTraining {
  readonly layout: Layout;
  readonly plan: StepPlan;
}

/**
 * Reads all files and counts what a step takes: for one machine that has the files of all parties.
 * @param checked the config
 * @param protocol settings of the parties
 * @returns rows, shapes and costs
 * @throws TrainConfigError, ArrayFileError, FileError
 */
export async function checkTraining(checked: Checked, protocol: ProtocolConfig): Promise<CheckedTraining> {
  const { config } = checked;
  const sources = sourcesOf(checked);
  const shapes: (readonly number[])[] = [];
  for (const source of sources) shapes.push((await readSource(checked, source)).shape);
  const layout = layoutOf(checked, sources, shapes);
  const plan = planStep(checked, layout, config.parties.length, protocol, await graphOf(checked, layout));
  requireTargets(checked);
  return { layout, plan };
}

/**
 * Checks that what is written can be, and replaces nothing that is read.
 * @param checked the config
 * @param only files of this party, or of all
 * @throws FileError, TrainConfigError
 */
export function requireTargets(checked: Checked, only?: string): void {
  const { config, places } = checked;
  const read = [...config.data.features, ...config.data.targets].map(({ file }) => resolve(file));
  if (!Array.isArray(config.model)) read.push(resolve(config.model.onnx));
  const seen = new Set<string>();
  const target = (file: string, path: readonly (string | number)[], owner?: string): void => {
    const place = resolve(file);
    if (read.includes(place)) throw errorAt(places, path, `${file} would be replaced, and it is read`);
    if (seen.has(place)) throw errorAt(places, path, `${file} would be written twice`);
    seen.add(place);
    if (only === undefined || owner === undefined || owner === only) requireFolder(file);
  };
  config.save.forEach((own, i) => {
    if ('shares' in own) target(own.shares, ['save', i, 'shares']);
    else target(own.file, ['save', i, 'file'], own.to);
  });
  config.data.features.forEach(({ scaling, owner }, i) => {
    if (scaling !== undefined) target(scaling, ['data', 'features', i, 'scaling'], owner);
  });
  if (config.checkpoint) target(config.checkpoint.file, ['checkpoint', 'file']);
}

async function graphOf(
  { config, places }: Checked,
  { batch, example }: Layout,
): Promise<ConcreteGraph<ParameterSlot> | undefined> {
  if (Array.isArray(config.model)) return undefined;
  const { buildGraph, modelInputs, parseOnnx, specialize } = await import('@tacit/onnx');
  const { readOnnxFile } = await import('@tacit/onnx/file');
  const file = parseOnnx(await readOnnxFile(config.model.onnx));
  const inputs = modelInputs(file);
  if (inputs.length !== 1)
    throw errorAt(places, ['model', 'onnx'], `the model has ${inputs.length} inputs, and one can be trained`);
  const inputShapes = { [inputs[0].name]: [batch, ...example] };
  return specialize(buildGraph(file, { inputShapes, trainable: true }), inputShapes);
}
