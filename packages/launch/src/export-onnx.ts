/** A trained model as a file that onnxruntime runs, at one party only: nobody else learns a weight. */
import { ArgumentError } from '@tacit/errors';
import { writeAtomically } from '@tacit/files';
import { checkOptions, type Shape } from '@tacit/graph';
import { EXPORT_OPSET, type Module, NotEncryptedError, writeOnnx } from '@tacit/nn';
import type { Party } from '@tacit/tensor';
import { outcomeOf } from './agreed-outcome.js';

export interface ExportOnnxOptions {
  /** Rank of the party that learns the weights and writes the file. */
  readonly to: number;
  /** Sizes of the input of a model with one input, where its first layer does not say them; names stand for open sizes. */
  readonly inputShape?: Shape;
  /** Sizes of inputs by name. */
  readonly inputShapes?: Readonly<Record<string, Shape>>;
}

/**
 * Tells party `to` the weights of a model, and writes it there: all of the file or nothing. Two rounds.
 * @param party this party
 * @param model encrypted model
 * @param path of the file, at `to`
 * @param options who learns the weights, sizes of inputs
 * @throws as `LaunchedParty.exportOnnx`
 */
export async function exportOnnx(
  party: Party,
  model: Module,
  path: string,
  options: ExportOnnxOptions,
): Promise<void> {
  checkOptions('exportOnnx', options, ['to', 'inputShape', 'inputShapes']);
  const { to, inputShape, inputShapes } = options ?? {};
  if (!Number.isInteger(to) || to < 0 || to >= party.worldSize)
    throw new ArgumentError(
      `exportOnnx: to is the rank of the party that learns the weights, 0 to ${party.worldSize - 1}, not ${String(to)}`,
    );
  if (typeof path !== 'string' || path === '') throw new ArgumentError('exportOnnx takes the path of a file');
  const { parameters, ...written } = writeOnnx(model, { inputShape, inputShapes });
  for (const [name, parameter] of parameters) if (!parameter.encrypted) throw new NotEncryptedError(name);
  // Issued before the first await, so that their place in the program is where the call is.
  const told = Array.from(parameters, ([name, parameter]) => [name, parameter.reveal({ to })] as const);
  const write = async (): Promise<true> => {
    const values = await Promise.all(told.map(async ([name, value]) => [name, await value] as const));
    if (party.rank !== to) return true;
    const { encodeOnnx } = await import('@tacit/onnx');
    const initializers = new Map(values.flatMap(([name, value]) => (value ? [[name, value] as const] : [])));
    writeAtomically(path, encodeOnnx({ ...written, opset: EXPORT_OPSET, name: 'model', initializers }));
    return true;
  };
  await outcomeOf(party, to, write());
}
