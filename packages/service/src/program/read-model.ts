/** A model file as services offer it. */
import { readWhole } from '@tacit/files';
import type { ModelGraph } from '@tacit/graph';
import type { OnnxModel } from '@tacit/onnx';
import { DATA_TYPES, elementTypeOf } from '@tacit/onnx/element-types';
import type { ElementType, ModelValue } from './offer.js';

/** A model, read and checked. */
export interface Loaded {
  readonly graph: ModelGraph;
  readonly inputs: readonly ModelValue[];
  readonly outputs: readonly ModelValue[];
}

/**
 * Reads a model file as services offer it.
 * @param path of the file
 * @param settings shapes that the file leaves open
 * @returns the graph with its weights, and its inputs and outputs as callers see them
 * @throws FileError, OnnxFormatError, UnsupportedModelError, InputShapeError
 */
export async function readModel(
  path: string,
  {
    inputShapes,
  }: { readonly inputShapes?: Readonly<Record<string, readonly (number | string)[]>> | undefined },
): Promise<Loaded> {
  const { buildGraph, parseOnnx } = await import('@tacit/onnx');
  const file = parseOnnx(await readWhole(path));
  const graph = buildGraph(file, { inputShapes });
  const values = new Map([...file.graph.inputs, ...file.graph.outputs].map((info) => [info.name, info]));
  const typeOf = (name: string): ElementType =>
    elementTypeOf(DATA_TYPES[values.get(name)?.elementType ?? 0]) ?? 'float32';
  return {
    graph,
    inputs: graph.inputs.map(({ name, shape }) => ({ name, shape, type: typeOf(name) })),
    outputs: graph.outputs.map(({ name }) => ({ name, shape: shapeOf(file, name), type: typeOf(name) })),
  };
}

/** As the file says; a size that it leaves open, or does not know, is a text. */
function shapeOf({ graph }: OnnxModel, name: string): readonly (number | string)[] {
  const { shape = [] } = graph.outputs.find((output) => output.name === name) ?? {};
  return shape.map((size, axis) => size ?? `unknown_${axis}`);
}
