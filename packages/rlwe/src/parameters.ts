// Parameters of the scheme, and which of them this package evaluates.
import { RlweArgumentError } from './errors.js';
import { isPrime } from './number-theory.js';

/** CKKS parameters in SEAL's order. All primes are distinct, below 2^30 and 1 modulo 2 * ringDegree. */
export interface RlweParameters {
  /** N: a power of two from 1024 to 32768. There are N/2 slots. */
  readonly ringDegree: number;
  /** Data primes; the last one is dropped first by rescaling. */
  readonly primes: readonly number[];
  /** The prime of key switching: the last one in SEAL's coefficient modulus. */
  readonly specialPrime: number;
}

/** How evaluation is done. */
export interface EvaluatorOptions {
  /** Memory of the kernels never grows beyond this many bytes. Default and maximum: 4 GiB. */
  readonly maximumMemoryBytes?: number;
  /**
   * How key switching takes digits of a polynomial. `centred` (the default): from -q/2 to q/2. Their mean is 0, without
   * which a few slots get an error ten times that of the others; and rotations can share a decomposition. `seal`: from 0
   * to q, with the order of SEAL's operations, so that results equal SEAL's bit for bit; `rotateMany` does not hoist then.
   */
  readonly digits?: 'centred' | 'seal';
}

/** Largest memory that 32-bit addresses reach. */
export const MEMORY_LIMIT: number = 65536 * 65536;

/** Throws RlweArgumentError unless the parameters are such as this package evaluates. Says nothing about security. */
export function checkParameters(parameters: RlweParameters): void {
  const { ringDegree, primes, specialPrime } = parameters;
  if (!Number.isInteger(Math.log2(ringDegree)) || ringDegree < 1024 || ringDegree > 32768)
    throw new RlweArgumentError(
      `the ring degree must be a power of two from 1024 to 32768, not ${ringDegree}`,
    );
  if (primes.length < 1 || primes.length > 62)
    throw new RlweArgumentError(`there must be 1 to 62 data primes, not ${primes.length}`);
  const all = [...primes, specialPrime];
  if (new Set(all).size !== all.length) throw new RlweArgumentError('the primes must be distinct');
  for (const prime of all)
    if (
      !Number.isInteger(prime) ||
      prime < 2 ** 12 ||
      prime >= 2 ** 30 ||
      prime % (2 * ringDegree) !== 1 ||
      !isPrime(BigInt(prime))
    )
      throw new RlweArgumentError(
        `${prime} is not a prime below 2^30 that is 1 modulo ${2 * ringDegree}, twice the ring degree`,
      );
}
