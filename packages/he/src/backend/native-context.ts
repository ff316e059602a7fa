/** Sets up SEAL's own context: parameters, modulus chain, identifiers. */
import { HeParametersError } from '../errors.js';
import type { NativeObject } from './handles.js';
import type { HeParameters } from './library.js';
import type { Seal } from './seal-module.js';

export interface NativeContext {
  readonly context: ReturnType<Seal['Context']>;
  /** SEAL's identifiers by number of data primes, as far as the chain goes; entry 0 is that of the whole modulus. */
  readonly ids: readonly { readonly native: ReturnType<Seal['ParmsIdType']>; readonly bytes: Uint8Array }[];
}

export function createNativeContext(
  seal: Seal,
  parameters: HeParameters,
  moduli: readonly bigint[],
  security: Seal['SecurityLevel'],
): NativeContext {
  const temporary: NativeObject[] = [];
  const track = <N extends NativeObject>(object: N): N => {
    temporary.push(object);
    return object;
  };
  try {
    const scheme = parameters.scheme === 'ckks' ? seal.SchemeType.ckks : seal.SchemeType.bfv;
    const native = track(seal.EncryptionParameters(scheme));
    native.setPolyModulusDegree(parameters.ringDegree);
    const vector = track(seal.Vector());
    // The declared type knows typed arrays only; for moduli the library wants its own objects.
    const primes: unknown = moduli.map((prime) => track(seal.Modulus(prime)).instance);
    vector.from(primes as BigUint64Array, 'Modulus');
    native.setCoeffModulus(vector);
    if (parameters.scheme === 'bfv') native.setPlainModulus(track(seal.Modulus(parameters.plainModulus)));
    const context = seal.Context(native, true, security);
    if (!context.parametersSet()) {
      context.delete();
      throw new HeParametersError('the library refuses these parameters');
    }
    return { context, ids: chainOf(context, moduli.length, track) };
  } finally {
    for (const object of temporary) object.delete();
  }
}

function chainOf(
  context: ReturnType<Seal['Context']>,
  moduli: number,
  track: <N extends NativeObject>(object: N) => N,
): NativeContext['ids'] {
  const ids: NativeContext['ids'][number][] = [];
  const key = context.keyParmsId;
  ids[0] = { native: key, bytes: bytesOf(key.values) };
  let primeCount = context.usingKeyswitching ? moduli - 1 : moduli;
  for (let data = track(context.firstContextData); ; data = track(data.nextContextData)) {
    const native = data.parmsId;
    ids[primeCount--] = { native, bytes: bytesOf(native.values) };
    // In BFV the chain ends before the modulus gets smaller than the plain modulus: no entries for fewer primes then.
    if (data.chainIndex === 0) return ids;
  }
}

function bytesOf(words: BigUint64Array): Uint8Array {
  const bytes = new Uint8Array(words.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [at, word] of words.entries()) view.setBigUint64(at * 8, word, true);
  return bytes;
}
