/** What has to be dealt for a model file, or what a plan file says. */
import { parsePlan, type TapePlan } from '@tacit/mpc';
import type { PlanOptions } from '@tacit/nn';
import { InvalidArgumentError } from 'commander';

/** Shapes of inputs by name; under '' that of the only one. */
export type Shapes = Readonly<Record<string, readonly number[]>>;

/**
 * Parses NAME=1,3,32,32 or 1,3,32,32, added to those before.
 * @throws InvalidArgumentError
 */
export function inputShape(text: string, before: Shapes = {}): Shapes {
  const [, name = '', sizes] = /^(?:([^=]+)=)?([\d,]+)$/.exec(text) ?? [];
  const shape = (sizes ?? '').split(',').map((size) => (/^[1-9]\d{0,8}$/.test(size) ? Number(size) : 0));
  if (sizes === undefined || shape.includes(0))
    throw new InvalidArgumentError('It must be sizes like 1,3,32,32 or NAME=1,3,32,32.');
  if (Object.hasOwn(before, name))
    throw new InvalidArgumentError(`There are two shapes${name && ` of ${name}`}.`);
  return { ...before, [name]: shape };
}

/**
 * The plan of a file.
 * @param path of a model, or of a plan (.json)
 * @param shapes of the model's inputs, where its file leaves them open
 * @param options of the session that will use it
 * @returns the plan
 * @throws FileError, TapeError TAPE_PLAN_FORMAT, the errors of models that cannot be run
 */
export async function planFromFile(path: string, shapes: Shapes, options: PlanOptions): Promise<TapePlan> {
  const { readOnnxFile } = await import('@tacit/onnx/file');
  const bytes = await readOnnxFile(path);
  if (path.endsWith('.json')) return parsePlan(new TextDecoder().decode(bytes));
  const [{ buildGraph, modelInputs, parseOnnx, specialize }, { planOf }] = await Promise.all([
    import('@tacit/onnx'),
    import('@tacit/nn'),
  ]);
  const model = parseOnnx(bytes);
  const inputs = modelInputs(model);
  const { '': only, ...named } = shapes;
  const given = only === undefined ? named : { ...named, [inputs[0].name]: only };
  const all = Object.fromEntries(
    inputs.flatMap(({ name, shape }) => {
      const known = given[name] ?? (shape.every((size) => typeof size === 'number') ? shape : undefined);
      return known === undefined ? [] : [[name, known as readonly number[]]];
    }),
  );
  const graph = specialize(buildGraph(model, { inputShapes: all }), all);
  // As `--out` of `tacit predict`: the first output, unless names are given.
  return planOf(graph, { ...options, outputs: options.outputs ?? [graph.outputs[0].name] });
}
