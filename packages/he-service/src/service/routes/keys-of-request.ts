/** The evaluation keys that a request names. */
import { EngineRefusalError } from '../../worker-pool/errors.js';
import { RequestError } from '../errors.js';
import type { KeyEntry } from '../key-store/key-store.js';
import type { ServedModel } from '../models.js';
import type { ServiceParts } from '../parts.js';
import type { RequestContext } from '../request-context.js';

/** Stored keys of the asking tenant that fit the model, held until the request is over. */
export function keysFor(
  { store }: ServiceParts,
  context: RequestContext,
  model: ServedModel,
  id: string,
): KeyEntry {
  const keys = store.use(context.knownTenant, id);
  context.hold(() => store.release(keys));
  if (keys.parametersId !== model.facts.parametersId)
    throw new RequestError(
      'KEY_OF_OTHER_PARAMETERS',
      `these keys are of other parameters than model ${model.name}`,
    );
  return keys;
}

/** Keys that the disk has damaged are removed, so that their client can upload them again. */
export async function withoutDamagedKeys<T>(
  { store }: ServiceParts,
  keys: KeyEntry,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof EngineRefusalError && error.code === 'KEY_DAMAGED') await store.remove(keys);
    throw error;
  }
}
