/** The client of private models, loaded when the first one is opened. */
import { TacitError } from '@tacit/errors';
import type { Connect } from './client.js';

const CLIENT = '@tacit/service/client';

/**
 * `connect` of `@tacit/service/client`.
 * @param invite of the model
 * @param options a signal that gives up
 * @returns the model
 * @throws TacitError (`NOT_INSTALLED`) where the package is not there; as the client
 */
export const connect: Connect = async (invite, options) => {
  const client = (await import(/* @vite-ignore */ CLIENT).catch((cause: unknown) => {
    throw new TacitError(
      'NOT_INSTALLED',
      `private models are opened by ${CLIENT}: npm install @tacit/service`,
      {
        cause,
      },
    );
  })) as { readonly connect: Connect };
  return client.connect(invite, options);
};
