/** Both sides of one set of parameters, in one process. */
import type { Arithmetic, KeyHolder } from '../layers/arithmetic.js';
import { BfvKeyHolder, type BfvLayerParameters, createBfvArithmetic } from '../layers/bfv.js';
import { CkksKeyHolder, createCkksArithmetic } from '../layers/ckks.js';
import type { CkksLayerParameters } from '../layers/ckks-parameters.js';

export interface Instance {
  readonly holder: KeyHolder;
  /** Of one scheme or the other: whose ciphertexts these are does not matter to the tester. */
  readonly arithmetic: Arithmetic<object>;
  readonly evaluationKeyBytes: number;
  /** Special prime included. */
  readonly modulusBits: number;
  dispose(): void;
}

export async function createInstance(
  parameters: BfvLayerParameters | CkksLayerParameters,
): Promise<Instance> {
  const holder =
    parameters.scheme === 'bfv'
      ? await BfvKeyHolder.create(parameters)
      : await CkksKeyHolder.create(parameters);
  try {
    const keys = holder.evaluationKeys();
    const arithmetic = (parameters.scheme === 'bfv'
      ? await createBfvArithmetic(parameters, keys)
      : await createCkksArithmetic(parameters, keys)) as unknown as Arithmetic<object>;
    return {
      holder,
      arithmetic,
      evaluationKeyBytes: keys.publicKey.length + (keys.relinearization?.length ?? 0),
      modulusBits: arithmetic.modulusBits,
      dispose: () => {
        arithmetic.dispose();
        holder.dispose();
      },
    };
  } catch (error) {
    holder.dispose();
    throw error;
  }
}
