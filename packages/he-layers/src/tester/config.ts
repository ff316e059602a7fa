/** What the parameter tester is asked for: PyCrCNN's JSON, or our own form. */
import { HeArgumentError } from '@tacit/he';
import * as v from 'valibot';

const number = v.pipe(v.number(), v.finite());
const numbers = v.array(number);
const security = v.picklist([128, 192, 256]);
const integer = v.union([v.number(), v.string(), v.bigint()]);

/** A set of parameters as PyCrCNN writes it: BFV with fractional encoding. */
const pycrcnnSet = v.strictObject({
  name: v.optional(v.string()),
  /** Ring degree. */
  m: number,
  /** Plain modulus; the next prime that fits the ring is taken. */
  p: integer,
  /** Bits of security. Default 128. */
  sec: v.optional(security),
  /** Base of the digits. Default 2. */
  base: v.optional(number),
  /** Re-encrypt before these layers. */
  rencrypt_positions: v.optional(numbers),
  /** Default 64 and 32, as in Pyfhel. */
  intDigits: v.optional(number),
  fracDigits: v.optional(number),
});

const bfvSet = v.strictObject({
  name: v.optional(v.string()),
  scheme: v.literal('bfv'),
  ringDegree: number,
  plainModulus: integer,
  coefficientBits: v.optional(numbers),
  securityBits: v.optional(security),
  base: v.optional(number),
  integerDigits: v.optional(number),
  fractionalDigits: v.optional(number),
  reencryptAt: v.optional(numbers),
});

const ckksFields = v.strictObject({
  name: v.optional(v.string()),
  scheme: v.literal('ckks'),
  ringDegree: number,
  /** Bits (at most 30) of the data primes; the last one is dropped first. */
  primeBits: v.optional(numbers),
  /** Or the primes themselves. */
  primes: v.optional(numbers),
  /** Default: 30 bits. */
  specialPrimeBits: v.optional(number),
  specialPrime: v.optional(number),
  /** log2 of the scale. Default: the bits of the last prime. */
  scaleBits: v.optional(number),
  securityBits: v.optional(security),
  reencryptAt: v.optional(numbers),
});
const ckksSet = v.pipe(
  ckksFields,
  v.check(({ primeBits, primes }) => (primeBits ?? primes) !== undefined, 'Needs "primeBits" or "primes"'),
);

type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

export type PyCrCnnParameters = Frozen<v.InferOutput<typeof pycrcnnSet>>;
export type BfvTestParameters = Frozen<v.InferOutput<typeof bfvSet>>;
export type CkksTestParameters = Frozen<v.InferOutput<typeof ckksSet>>;
export type TestParameters = PyCrCnnParameters | BfvTestParameters | CkksTestParameters;

const ownSet = v.variant('scheme', [bfvSet, ckksSet]);
const set = v.lazy((value): typeof ownSet | typeof pycrcnnSet =>
  typeof value === 'object' && value !== null && 'scheme' in value ? ownSet : pycrcnnSet,
);

const settings = {
  /** 'y': a line for each layer as it ends. */
  debug: v.optional(v.union([v.picklist(['y', 'n']), v.boolean()])),
  /** What inputs may hold: scales and masks are chosen by it. Default [0, 1]. */
  inputRange: v.optional(
    v.pipe(
      v.strictTuple([number, number]),
      v.check(([low, high]) => low < high, 'The lower one comes first'),
    ),
  ),
  /** Shape of one input with a batch of 1, where the file leaves sizes open. */
  inputShape: v.optional(numbers),
  /** How well re-encryptions hide activations. Default 40. */
  statisticalBits: v.optional(number),
  /**
   * Re-encrypt unmasked where there is no room for a mask. Default: true for PyCrCNN's form, which does nothing else,
   * false for ours. Reports say which layers were not masked.
   */
  leakActivations: v.optional(v.boolean()),
};
const file = v.object({
  ...settings,
  encryption_parameters: v.pipe(v.array(set), v.minLength(1)),
});

/** Sets in either form, under PyCrCNN's name. */
export type TesterConfig = Frozen<v.InferOutput<typeof file>>;

/**
 * Checks a parsed JSON file, which may call the sets `parameters`.
 * @param json what JSON.parse made of the file
 * @returns the sets of parameters and settings
 * @throws HeArgumentError (HE_ARGUMENT) that names what is wrong
 */
export function readTesterConfig(json: unknown): TesterConfig {
  const named =
    typeof json === 'object' && json !== null && 'parameters' in json
      ? { encryption_parameters: json.parameters, ...json }
      : json;
  const { success, output, issues } = v.safeParse(file, named, { abortEarly: true });
  if (success) return output;
  const at = v.getDotPath(issues[0]) ?? 'the whole';
  throw new HeArgumentError(`the parameter file is wrong at ${at}: ${issues[0].message}`);
}
