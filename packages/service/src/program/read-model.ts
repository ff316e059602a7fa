/** A model file as services offer it. */
import { type ModelGraph, ModelShapeError, specialize } from '@tacit/graph';
import type { OnnxModel } from '@tacit/onnx';
import { DATA_TYPES, elementTypeOf } from '@tacit/onnx/element-types';
import { byName, type ElementType, type ModelValue, type Shapes } from './offer.js';

/** A model, read and checked. */
export interface Loaded {
  readonly inputs: readonly ModelValue[];
  readonly outputs: readonly ModelValue[];
  /** The graph with its weights, for all shapes; undefined where it can be built for known sizes only. */
  readonly graph: ModelGraph | undefined;
  /** Shapes of inputs that the model takes; undefined where those that were tried do not fit. */
  readonly example: Shapes | undefined;
  /**
   * The graph with its weights for inputs of these shapes, built anew where it has to be.
   * @param shapes of all inputs, in order
   * @returns the graph
   * @throws InputShapeError, UnsupportedModelError, ModelShapeError
   */
  readonly built: (shapes: Shapes) => ModelGraph;
}

/**
 * Reads a model file as services offer it.
 * @param path of the file
 * @param settings shapes that the file leaves open
 * @returns the graph with its weights, and its inputs and outputs as callers see them
 * @throws FileError, OnnxFormatError, InputShapeError; UnsupportedModelError where the model can be built neither for open
 * sizes nor for known ones
 */
export async function readModel(
  path: string,
  {
    inputShapes = {},
  }: { readonly inputShapes?: Readonly<Record<string, readonly (number | string)[]>> | undefined },
): Promise<Loaded> {
  const { buildGraph, modelInputs, parseOnnx, UnsupportedModelError, withExampleShapes } = await import(
    '@tacit/onnx'
  );
  const { readOnnxFile } = await import('@tacit/onnx/file');
  const file = parseOnnx(await readOnnxFile(path));
  const values = new Map([...file.graph.inputs, ...file.graph.outputs].map((info) => [info.name, info]));
  const typeOf = (name: string): ElementType =>
    elementTypeOf(DATA_TYPES[values.get(name)?.elementType ?? 0]) ?? 'float32';
  const slots = modelInputs(file).map((slot) => ({ ...slot, shape: inputShapes[slot.name] ?? slot.shape }));
  const built = (shapes: Shapes): ModelGraph => buildGraph(file, { inputShapes: byName(slots, shapes) });
  let graph: ModelGraph | undefined;
  let example: Shapes | undefined;
  const shapesOf = (shapes: Readonly<Record<string, readonly number[]>>): Shapes =>
    slots.map(({ name }) => shapes[name] ?? []);
  let unsupported: Error | undefined;
  try {
    graph = buildGraph(file, { inputShapes });
  } catch (error) {
    // What follows from sizes can be a constant where they are known.
    if (!(error instanceof UnsupportedModelError)) throw error;
    unsupported = error;
  }
  try {
    example = withExampleShapes(slots, (shapes) => {
      specialize(graph ?? built(shapesOf(shapes)), shapes);
      return shapesOf(shapes);
    });
  } catch (error) {
    // The first error lists everything that asks for sizes, so that an owner can say which.
    if (unsupported) throw unsupported;
    if (!(error instanceof ModelShapeError)) throw error;
  }
  return {
    graph,
    example,
    built: graph ? always(graph) : built,
    inputs: slots.map(({ name, shape }) => ({ name, shape, type: typeOf(name) })),
    outputs: file.graph.outputs.map(({ name }) => ({
      name,
      shape: shapeOf(file, name),
      type: typeOf(name),
    })),
  };
}

/** Made apart, so that it does not hold what was read: weights are there once. */
const always =
  (graph: ModelGraph): Loaded['built'] =>
  () =>
    graph;

/** As the file says; a size that it leaves open, or does not know, is a text. */
function shapeOf({ graph }: OnnxModel, name: string): readonly (number | string)[] {
  const { shape = [] } = graph.outputs.find((output) => output.name === name) ?? {};
  return shape.map((size, axis) => size ?? `unknown_${axis}`);
}
