/** Which outputs of a model are told, to whom, and the files that they go to. */
import type { ConcreteGraph, ParameterSlot } from '@tacit/graph';
import { ModelInterfaceError } from '../errors.js';
import type { NamedFile, OwnedFile } from './messages.js';

/** Files by the names of outputs, in the order of the model's. A file without a name is for the first output. */
export function outputsWanted(
  { outputs }: Pick<ConcreteGraph<ParameterSlot>, 'outputs'>,
  files: readonly NamedFile[],
): ReadonlyMap<string, OwnedFile> {
  const names = outputs.map(({ name }) => name);
  const byName = new Map<string, OwnedFile>();
  for (const { name = names[0], file, owner } of [...files].reverse()) {
    if (!names.includes(name))
      throw new ModelInterfaceError(`the model has no output '${name}'; it has ${names.join(', ')}`);
    byName.set(name, { file, owner });
  }
  return new Map(
    names.flatMap((name) => {
      const file = byName.get(name);
      return file ? [[name, file] as const] : [];
    }),
  );
}
