/** The client of private models, loaded when the first one is opened. */
import type { Connect } from './client.js';

/**
 * `connect` of `@tacit/service/client`.
 * @param invite of the model
 * @param options what that takes
 * @returns the model
 * @throws as that does
 */
export const connect: Connect = async (invite, options) => {
  const client = await import('@tacit/service/client');
  return client.connect(invite, options);
};
