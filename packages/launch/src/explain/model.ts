/** The model file that is explained, for shapes of its inputs: those that the file states, and those that are given. */
import { ArgumentError } from '@tacit/errors';
import type { ConcreteGraph, InputSlot } from '@tacit/graph';
import type { BuildOptions } from '@tacit/onnx';
import { LaunchOptionsError } from '../errors.js';
import { type Batches, batchesOf, ONE_PART } from '../predict/batches.js';

/** An input's shape, and whose it is. */
export interface InputShape {
  readonly shape: readonly number[];
  /** Rank; the data's owner where it is left out. */
  readonly owner?: number;
}

/** What is known of the inputs. */
export interface ShapeOptions {
  /** By name; '' for a model's only input. */
  readonly inputs?: Readonly<Record<string, InputShape>>;
  /** Size of the first axis of inputs whose shapes are not given. */
  readonly batch?: number;
  readonly publicInputs?: BuildOptions['publicInputs'];
}

/** A network of known shapes. */
export interface ShapedModel {
  readonly graph: ConcreteGraph;
  readonly inputs: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly owner?: number;
  }[];
  /** How the batch is cut, where the file fixes a smaller one. */
  readonly parts: Batches;
}

/**
 * Reads a model for inputs of known shapes, as `tacit predict` does.
 * @param path of an ONNX file
 * @param options what is known of the inputs
 * @returns the network
 * @throws LaunchOptionsError where a size is open, or a given shape does not fit the file
 * @throws FileError, OnnxFormatError, UnsupportedModelError, InputShapeError
 */
export async function shapedModel(path: string, options: ShapeOptions): Promise<ShapedModel> {
  const { publicInputs } = options;
  const { readOnnxFile } = await import('@tacit/onnx/file');
  const file = await readOnnxFile(path);
  const { buildGraph, modelInputs, parseOnnx, specialize, UnsupportedModelError } = await import(
    '@tacit/onnx'
  );
  const model = parseOnnx(file);
  const slots = modelInputs(model, { publicInputs });
  const inputs = shapesOf(slots, options);
  const shapes = Object.fromEntries(inputs.map(({ name, shape }) => [name, shape]));
  const build = (inputShapes?: BuildOptions['inputShapes']) =>
    buildGraph(model, { inputShapes, publicInputs });
  let graph: ReturnType<typeof build>;
  try {
    graph = build();
  } catch (error) {
    if (!(error instanceof UnsupportedModelError)) throw error;
    // What it computes from shapes may be what cannot be built: once they are known, that is constant.
    graph = build(shapes);
  }
  const parts = inputs.length === 1 ? batchesOf({ inputs: graph.inputs }, inputs[0].shape) : ONE_PART;
  const concrete = specialize(
    graph,
    parts.count > 1 ? { [inputs[0].name]: [parts.size, ...inputs[0].shape.slice(1)] } : shapes,
  );
  return { graph: concrete, inputs, parts };
}

function shapesOf(slots: readonly InputSlot[], { inputs = {}, batch }: ShapeOptions): ShapedModel['inputs'] {
  const names = slots.map(({ name }) => name);
  for (const name of Object.keys(inputs)) {
    if (name === '' && names.length !== 1)
      throw new LaunchOptionsError(
        `the model has ${names.length} inputs (${names.join(', ')}); give shapes by name (--input-shape NAME=1,3,32,32)`,
      );
    if (name !== '' && !names.includes(name))
      throw new LaunchOptionsError(`the model has no input '${name}'; it has ${names.join(', ')}`);
  }
  return slots.map((slot) => {
    const { name, shape: declared } = slot;
    const given = inputs[name] ?? inputs[''];
    if (given) return { name, shape: checked(slot, given.shape), owner: given.owner };
    const shape = declared.map((dim, axis) => {
      if (axis === 0 && batch !== undefined && declared.length > 0) return batch;
      if (typeof dim === 'number') return dim;
      if (axis === 0) return 1;
      throw new LaunchOptionsError(
        `the file leaves '${dim}' open in the input ${name} [${declared.join(', ')}]; give its shape, as in ` +
          `--input-shape ${name}=${declared.map((d) => (typeof d === 'number' ? d : 1)).join(',')}`,
      );
    });
    return { name, shape: checked(slot, shape), owner: undefined };
  });
}

/** A shape that fits the file; its first size may be a multiple of a fixed batch. */
function checked({ name, shape: declared }: InputSlot, shape: readonly number[]): readonly number[] {
  const fits =
    shape.length === declared.length &&
    declared.every((dim, axis) => {
      if (typeof dim === 'string' || dim === shape[axis]) return true;
      return axis === 0 && dim > 0 && shape[0] % dim === 0;
    });
  if (!fits)
    throw new LaunchOptionsError(
      `the input ${name} is [${declared.join(', ')}] in the file, which [${shape.join(', ')}] does not fit`,
    );
  if (shape.some((size) => !Number.isInteger(size) || size < 1))
    throw new ArgumentError(`sizes of an input are whole numbers of at least 1, not [${shape.join(', ')}]`);
  return shape;
}
