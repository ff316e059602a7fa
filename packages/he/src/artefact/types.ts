/** The two halves of a compiled model in memory. */
import type { InferOutput } from 'valibot';
import type { NormalNetwork } from '../network/normalize.js';
import type { clientSchema, serverSchema } from './schemas.js';

/** Read-only all the way down, typed arrays apart. */
type Frozen<T> = T extends ArrayBufferView ? T : { readonly [K in keyof T]: Frozen<T[K]> };

export type ClientArtefact = Frozen<InferOutput<typeof clientSchema>>;

/** A value between two stages, as a client encrypts or decrypts it. */
export type Boundary = ClientArtefact['boundaries'][number];

export type ServerArtefact = Frozen<Omit<InferOutput<typeof serverSchema>, 'network'>> & {
  readonly network: NormalNetwork;
};
