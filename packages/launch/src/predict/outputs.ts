/** Which outputs of a model are told to the data's owner, and the files that they go to. */
import type { ConcreteGraph, ParameterSlot } from '@tacit/graph';
import { ModelInterfaceError } from '../errors.js';
import type { PredictArguments } from './messages.js';

/** Files by the names of outputs, in the order of the model's. Without names, the first output. */
export function outputsWanted(
  { outputs }: ConcreteGraph<ParameterSlot>,
  { output, outputs: named }: PredictArguments,
): ReadonlyMap<string, string> {
  const names = outputs.map(({ name }) => name);
  const files = new Map(Object.entries(named ?? {}));
  for (const name of files.keys())
    if (!names.includes(name))
      throw new ModelInterfaceError(`the model has no output '${name}'; it has ${names.join(', ')}`);
  if (output !== undefined && !files.has(names[0])) files.set(names[0], output);
  return new Map(names.flatMap((name) => (files.has(name) ? [[name, files.get(name) as string]] : [])));
}
