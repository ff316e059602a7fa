/** A module as a model of ONNX, of which only the values of the parameters are missing. */
import { ArgumentError } from '@tacit/errors';
import type { Shape } from '@tacit/graph';
import { ModelExportError } from './export/export-error.js';
import { OnnxDraft, type OnnxNodeDraft, type OnnxSlot } from './export/onnx-draft.js';
import { Graph } from './graph.js';
import { Module } from './module.js';
import { BatchNorm1d, BatchNorm2d } from './modules/batch-norm.js';
import { Conv1d, Conv2d } from './modules/conv.js';
import { ConvTranspose1d, ConvTranspose2d } from './modules/conv-transpose.js';
import { Linear } from './modules/linear.js';
import type { Parameter } from './parameter.js';
import { Sequential } from './sequential.js';

/** Sizes of inputs; names stand for open ones. */
export interface OnnxInputShapes {
  /** Of a model with one input. */
  readonly inputShape?: Shape;
  /** By name. */
  readonly inputShapes?: Readonly<Record<string, Shape>>;
}

/** A model of ONNX without the values of its parameters. */
export interface WrittenModel {
  readonly inputs: readonly OnnxSlot[];
  readonly outputs: readonly OnnxSlot[];
  readonly nodes: readonly OnnxNodeDraft[];
  readonly parameters: ReadonlyMap<string, Parameter>;
}

/**
 * Writes a module as nodes of ONNX.
 * @param model module; what it computes after training is written
 * @param options sizes of its inputs, where the module does not say them
 * @returns the model, without the values of its parameters
 * @throws ModelExportError naming everything that cannot be written
 * @throws ArgumentError for sizes that are none, and inputs that do not exist
 * @throws ShapeError where an input does not fit
 * @example const { nodes } = writeOnnx(model, { inputShape: ['batch', 1, 28, 28] });
 */
export function writeOnnx(model: Module, options: OnnxInputShapes = {}): WrittenModel {
  if (!(model instanceof Module)) throw new ArgumentError('a model that is written is a module');
  const state = [...model.namedParameters(), ...model.namedBuffers()];
  const names = model instanceof Graph ? model.outputNames : ['output'];
  const draft = new OnnxDraft(new Map(state.map(([name, parameter]) => [parameter, name])), names);
  const slots =
    model instanceof Graph ? model.graph.inputs : [{ name: 'input', shape: expectedInput(model) }];
  const shapes = shapesOf(
    slots.map(({ name }) => name),
    options,
  );
  const inputs = slots.map(({ name, shape }) => draft.input(name, shapes.get(name) ?? shape));
  const outputs = draft.within('', model, inputs);
  if (draft.issues.length > 0) throw new ModelExportError(draft.issues);
  const finished = draft.finish(outputs, names);
  // Rules of shapes differ by what a last window may begin with: what is computed does not.
  const disputed = draft.nodes.some(
    ({ attributes: { ceil_mode } }) => ceil_mode && 'i' in ceil_mode && ceil_mode.i === 1,
  );
  const declared = disputed ? finished.map((slot) => ({ ...slot, shape: undefined })) : finished;
  return { inputs: draft.inputs, outputs: declared, nodes: draft.nodes, parameters: draft.parameters };
}

function shapesOf(
  names: readonly string[],
  { inputShape, inputShapes = {} }: OnnxInputShapes,
): ReadonlyMap<string, Shape> {
  if (inputShape !== undefined && names.length !== 1)
    throw new ArgumentError(`the model has the inputs ${names.join(', ')}: give inputShapes by name`);
  const given: Record<string, Shape> = {
    ...inputShapes,
    ...(inputShape !== undefined && { [names[0]]: inputShape }),
  };
  for (const [name, shape] of Object.entries(given)) {
    if (!names.includes(name))
      throw new ArgumentError(`the model has no input '${name}', but ${names.join(', ')}`);
    const valid = (d: unknown) =>
      typeof d === 'string' ? d !== '' : Number.isSafeInteger(d) && Number(d) > 0;
    if (!Array.isArray(shape) || !shape.every(valid))
      throw new ArgumentError(
        `the shape of '${name}' is ${JSON.stringify(shape)} instead of sizes, or names of open ones, such as ['batch', 10]`,
      );
  }
  return new Map(Object.entries(given));
}

/** What the first layer takes, where that says the number of axes. */
function expectedInput(model: Module): Shape | undefined {
  if (model instanceof Sequential) {
    const [first] = model.layers;
    return first && expectedInput(first);
  }
  if (model instanceof Linear) return ['batch', model.weight.shape[1]];
  if (model instanceof Conv1d) return ['batch', model.weight.shape[1] * model.windows.groups, 'length'];
  if (model instanceof Conv2d)
    return ['batch', model.weight.shape[1] * model.windows.groups, 'height', 'width'];
  if (model instanceof ConvTranspose1d) return ['batch', model.weight.shape[0], 'length'];
  if (model instanceof ConvTranspose2d) return ['batch', model.weight.shape[0], 'height', 'width'];
  const channels =
    model instanceof BatchNorm1d || model instanceof BatchNorm2d ? model.runningMean?.shape : undefined;
  if (!channels) return undefined;
  return model instanceof BatchNorm2d ? ['batch', channels[0], 'height', 'width'] : ['batch', channels[0]];
}
