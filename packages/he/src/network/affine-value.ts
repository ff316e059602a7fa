/**
 * What the compiler knows of a value of the graph: an affine function of the last activation before it, or of the
 * network's input. Activations know the value that they are applied to, so a value holds all of the network up to it.
 */
import type { PlainTensor } from '@tacit/graph';
import { HeModelError } from './errors.js';
import { type Stage, sizeOf } from './network.js';
import { SparseMatrix } from './sparse-matrix.js';

/** A polynomial of every element of a value. */
export interface AppliedPolynomial {
  readonly of: AffineValue;
  readonly layer: string;
  /** In ascending order. */
  readonly coefficients: readonly number[];
}

/** matrix · base + bias. */
export interface AffineValue {
  readonly shape: readonly number[];
  /** Undefined: the input of the network. */
  readonly base: AppliedPolynomial | undefined;
  /** Left out: the identity, by which nobody needs to multiply. */
  readonly matrix?: SparseMatrix;
  readonly bias: Float64Array;
  /** Names of the layers since `base`. */
  readonly layers: readonly string[];
}

/** What a backend of ciphertexts computes with: values that depend on the input, and those that are known. */
export type CompiledValue = AffineValue | PlainTensor;

export const isKnown = (x: CompiledValue): x is PlainTensor => 'data' in x;

/** The input of the network, or the values of an activation. */
export const startOf = (shape: readonly number[], base?: AppliedPolynomial): AffineValue => ({
  shape,
  base,
  bias: new Float64Array(sizeOf(shape)),
  layers: [],
});

export const matrixOf = ({ matrix, bias }: AffineValue): SparseMatrix =>
  matrix ?? SparseMatrix.identity(bias.length);

/**
 * The network up to a value.
 * @throws HeModelError (HE_MODEL) for weights that are not finite
 */
export function stagesTo(value: AffineValue): Stage[] {
  const { base, shape, bias, layers } = value;
  const matrix = matrixOf(value);
  const wrong = [matrix.values, bias].flatMap((list) => list.find((x) => !Number.isFinite(x)) ?? [])[0];
  if (wrong !== undefined)
    throw new HeModelError(
      `The weights of ${layers.join(' + ')} are not all finite: one is ${wrong}. Look for a training that diverged.`,
    );
  const before: Stage[] = base
    ? [
        ...stagesTo(base.of),
        { kind: 'polynomial', layers: [base.layer], shape: base.of.shape, coefficients: base.coefficients },
      ]
    : [];
  return [...before, { kind: 'affine', layers, shape, matrix, bias }];
}
