// The kernels' transform by itself, for residues that are not part of a ciphertext of an evaluator.
import { RlweArgumentError } from './errors.js';
import { instantiateKernels, type Kernels } from './kernels.js';
import { Memory } from './memory.js';
import { createModulus, type Modulus } from './modulus.js';
import { checkParameters, MEMORY_LIMIT, type RlweParameters } from './parameters.js';

/**
 * The number-theoretic transform that SEAL uses (Longa and Naehrig 2016): residues of a polynomial modulo x^N + 1 to its
 * values at the odd powers of the smallest primitive 2N-th root of unity, in bit-reversed order. Time does not depend
 * on the residues; the kernels' copy of them is overwritten.
 */
export class RowTransforms {
  private constructor(
    private readonly kernels: Kernels,
    private readonly memory: Memory,
    private readonly ringDegree: number,
    private readonly moduli: readonly Modulus[],
  ) {}

  /**
   * @param parameters primes are numbered in their order, the special prime last
   * @returns transforms with tables of their own
   * @throws RlweArgumentError
   */
  static async create(parameters: RlweParameters): Promise<RowTransforms> {
    checkParameters(parameters);
    const { ringDegree, primes, specialPrime } = parameters;
    const { kernels, memory: pages } = await instantiateKernels();
    const memory = new Memory(pages, kernels.heapBase(), ringDegree, MEMORY_LIMIT);
    const moduli = [...primes, specialPrime].map((q) => createModulus(kernels, memory, ringDegree, q));
    return new RowTransforms(kernels, memory, ringDegree, moduli);
  }

  /**
   * Residues to values, in place. All are below the prime.
   * @param residues N numbers, lowest coefficient first
   * @param prime number of the prime in the parameters
   */
  forward(residues: Float64Array, prime: number): void {
    this.#run(residues, prime, (row, { q, forward }, n) => this.kernels.forward(row, n, forward, q));
  }

  /**
   * Values to residues, in place.
   * @param values N numbers in bit-reversed order
   * @param prime number of the prime in the parameters
   */
  inverse(values: Float64Array, prime: number): void {
    this.#run(values, prime, (row, { q, inverse }, n) => this.kernels.inverse(row, n, inverse, q));
  }

  #run(
    residues: Float64Array,
    prime: number,
    transform: (row: number, modulus: Modulus, n: number) => void,
  ): void {
    const { kernels, memory, ringDegree: n } = this;
    const modulus = this.moduli[prime];
    if (!modulus || residues.length !== n)
      throw new RlweArgumentError(`no transform of ${residues.length} residues modulo prime ${prime}`);
    const [row] = memory.takeRows(1);
    const words = memory.words.subarray(row / 4, row / 4 + n);
    words.set(residues);
    transform(row, modulus, n);
    residues.set(words);
    kernels.zeroRow(row, n);
    memory.giveRows([row]);
  }
}
