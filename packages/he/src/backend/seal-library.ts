/** The library as the backend presents it. */
import { BfvSealContext } from './bfv-context.js';
import { CkksSealContext } from './ckks-context.js';
import type {
  BfvContext,
  BfvParameters,
  CkksContext,
  CkksParameters,
  HeContext,
  HeLibrary,
  HeParameters,
  SecurityBits,
} from './library.js';
import { NativeCalls } from './native-calls.js';
import { moduliOf } from './parameters.js';
import type { Seal } from './seal-module.js';

export class SealLibrary implements HeLibrary {
  readonly name = 'SEAL';
  readonly version: string;
  private readonly calls: NativeCalls;

  constructor(private readonly seal: Seal) {
    this.calls = new NativeCalls((thrown) => seal.Exception.safe(thrown));
    this.version = `4.1 (node-seal ${seal.Version})`;
  }

  get nativeFailures(): number {
    return this.calls.failures;
  }

  get maxNativeFailures(): number {
    return this.calls.maxFailures;
  }

  maxModulusBits(ringDegree: number, securityBits: SecurityBits = 128): number {
    if (!Number.isInteger(ringDegree) || ringDegree < 1 || ringDegree > 2 ** 20) return 0;
    return this.seal.CoeffModulus.MaxBitCount(ringDegree, this.securityLevel(securityBits));
  }

  createContext(parameters: CkksParameters): CkksContext;
  createContext(parameters: BfvParameters): BfvContext;
  createContext(parameters: HeParameters): HeContext {
    const { seal, calls } = this;
    const moduli = moduliOf(parameters, {
      maxModulusBits: (degree, bits) => this.maxModulusBits(degree, bits),
      defaultBfvModuli: (degree, bits) => this.defaultBfvModuli(degree, bits),
    });
    const level = this.securityLevel(parameters.securityBits ?? 128);
    return parameters.scheme === 'ckks'
      ? new CkksSealContext(seal, calls, parameters, moduli, level)
      : new BfvSealContext(seal, calls, parameters, moduli, level);
  }

  private defaultBfvModuli(ringDegree: number, securityBits: SecurityBits): bigint[] {
    const vector = this.seal.CoeffModulus.BFVDefault(ringDegree, this.securityLevel(securityBits));
    try {
      return Array.from(vector.toArray(), BigInt);
    } finally {
      vector.delete();
    }
  }

  private securityLevel(bits: SecurityBits): Seal['SecurityLevel'] {
    const { tc128, tc192, tc256 } = this.seal.SecurityLevel;
    return bits === 128 ? tc128 : bits === 192 ? tc192 : tc256;
  }
}
