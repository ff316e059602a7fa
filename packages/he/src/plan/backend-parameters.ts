import type { CkksParameters } from '../backend/library.js';
import type { CkksChoice } from './parameters.js';

/** The planner's parameters as the library takes them. */
export function backendParameters({
  ringDegree,
  primes,
  specialPrime,
  security,
}: CkksChoice): CkksParameters {
  return { scheme: 'ckks', ringDegree, primes, specialPrime, securityBits: security };
}
