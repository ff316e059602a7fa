/**
 * The compiler as a backend of graphs: a value is an affine function of the last activation before it, a primitive says
 * what it does to the matrix, and every other operation is composed of primitives. What is not is refused by name.
 */
import {
  type AnyDefinition,
  type Attributes,
  allDefinitions,
  type Backend,
  broadcastTo,
  type ConcreteNode,
  type ConcreteOpName,
  definitionOf,
  type Kernel,
  type Kernels,
  map,
  movesOf,
  type PlainTensor,
  sameShape,
  UnsupportedOperationError,
} from '@tacit/graph';
import { type AffineValue, type CompiledValue, isKnown, matrixOf, startOf } from './affine-value.js';
import { HeModelError } from './errors.js';
import { convMatrix, matMulMatrix, poolMatrix, sumMatrix } from './operator-matrices.js';
import { SparseMatrix } from './sparse-matrix.js';

/** The highest degree of an activation that can be evaluated. */
export const MAX_DEGREE = 4;

/** Polynomials, by layer name, in place of activations that are none. Coefficients in ascending order. */
export type Approximations = ReadonlyMap<string, readonly number[]>;

/** Activations that a polynomial is fitted to (`approximateActivations`). */
export const APPROXIMABLE: ReadonlySet<string> = new Set(['Relu', 'Tanh', 'Sigmoid', 'Clip', 'HardSwish']);
const COMPARES = /Max|Min|Greater|Less|Equal|Where|Abs|Sign|Floor|Ceil|Round|And|Or|Not/;

/**
 * A backend for one network; it remembers the layer that it is at, for messages and for the names of stages.
 * @param approximations polynomials in place of layers
 * @returns the backend: matrices of values that depend on the input, numbers for those that are known
 */
export function affineBackend(approximations?: Approximations): Backend<CompiledValue> {
  const at = new Layer();
  return {
    name: 'on ciphertexts',
    kernels: kernelsOf(at),
    shapeOf: ({ shape }) => shape,
    constant: (x) => x,
    node(node, inputs, compute) {
      at.name = layerName(node);
      const [polynomial, [x]] = [approximations?.get(node.name), inputs];
      // Logic is composed of products, and trusts truth values to be 0 or 1: nobody can look at encrypted ones.
      const { onnx } = definitionOf(node.op);
      if (onnx?.truths?.some((index) => !isKnown(inputs[index]))) throw unsupported(node);
      try {
        const activation = polynomial !== undefined && inputs.length === 1 && !isKnown(x);
        return activation ? at.activated(x, polynomial) : compute();
      } catch (error) {
        throw error instanceof UnsupportedOperationError ? unsupported(node) : error;
      }
    },
  };
}

/**
 * What a layer is called in messages.
 * @param node node of the graph
 * @returns its name, or that of its operation
 */
export const layerName = ({ name, op }: ConcreteNode): string => (name === '' ? op : name);

/** What primitives do to matrices. */
function kernelsOf(at: Layer): Kernels<CompiledValue> {
  const own: Kernels<CompiledValue> = {
    Add: ([x, y], _, [shape]) => [at.sum(x, y, shape)],
    Sub: ([x, y], _, [shape]) => [at.sum(x, isKnown(y) ? map(y, (v) => -v) : at.scaled(y, -1), shape)],
    Neg: ([x]) => [at.scaled(at.dependent(x), -1)],
    Mul([x, y], _, [shape]) {
      if (x === y) return [at.activated(at.dependent(x), [0, 0, 1])];
      const [value, factor] = at.oneKnown(x, y);
      const { data } = broadcastTo(factor, shape);
      return [at.scaled(at.expanded(value, shape), (i) => data[i])];
    },
    Div([x, y], { integer }, [shape]) {
      if (integer) throw new UnsupportedOperationError('Div', 'on ciphertexts');
      if (!isKnown(y))
        throw at.refuse(
          'divides by a value that depends on the input; only quotients by constants are supported.',
        );
      const { data } = broadcastTo(y, shape);
      return [at.scaled(at.expanded(at.dependent(x), shape), (i) => 1 / data[i])];
    },
    Pow([x], { exponent }) {
      if (!Number.isInteger(exponent) || exponent < 0)
        throw new UnsupportedOperationError('Pow', 'on ciphertexts');
      return [at.activated(at.dependent(x), [...new Array<number>(exponent).fill(0), 1])];
    },
    MatMul([x, y], _, [shape]) {
      const [value, factor] = at.oneKnown(x, y);
      return [at.through(value, shape, matMulMatrix([x.shape, y.shape], factor, x === factor ? 0 : 1))];
    },
    Conv([x, ...weights], attributes, [shape]) {
      const [weight, bias] = weights.map((value) => {
        if (isKnown(value)) return value;
        throw at.refuse('has weights that are computed from the input, which is not supported.');
      });
      const { matrix, shift } = convMatrix(attributes, x.shape, shape, weight, bias);
      return [at.through(at.dependent(x), shape, matrix, shift)];
    },
    AveragePool: ([x], attributes, [shape]) => [
      at.through(at.dependent(x), shape, poolMatrix(attributes, x.shape, shape)),
    ],
    ReduceSum: ([x], { axes }, [shape]) => [at.through(at.dependent(x), shape, sumMatrix(x.shape, axes))],
  };
  const moving = allDefinitions().flatMap(({ op, moves }) =>
    moves ? [[op, movingKernel(at, op as ConcreteOpName)] as const] : [],
  );
  return Object.fromEntries(
    [...moving, ...Object.entries(own)].map(([op, kernel]) => [
      op,
      clearOr(op as ConcreteOpName, kernel as AnyKernel),
    ]),
  );
}

type AnyKernel = Kernel<CompiledValue, Attributes<ConcreteOpName>>;

/** What is known throughout is computed in the clear. */
const clearOr =
  (op: ConcreteOpName, kernel: AnyKernel): AnyKernel =>
  (inputs, attributes, shapes) =>
    inputs.every(isKnown)
      ? (definitionOf(op) as AnyDefinition).evaluate(inputs, attributes)
      : kernel(inputs, attributes, shapes);

/** Elements that change places, and constants beside them. */
const movingKernel =
  (at: Layer, op: ConcreteOpName): AnyKernel =>
  (inputs, attributes, [shape]) => {
    const { sources, constants } = movesOf(
      op,
      inputs.map((x) => x.shape),
      attributes,
    );
    return [at.moved(at.listed(inputs), shape, sources, constants)];
  };

/** The layer that is compiled, and the steps that it may consist of. */
class Layer {
  name = '';

  refuse(what: string): HeModelError {
    return new HeModelError(`Layer ${this.name} ${what}`);
  }

  /** matrix · x + shift. */
  through(x: AffineValue, shape: readonly number[], matrix: SparseMatrix, shift?: Float64Array): AffineValue {
    const composed = x.matrix ? matrix.multiply(x.matrix) : matrix;
    return this.made([x], shape, composed, matrix.apply(x.bias, shift));
  }

  /** A polynomial of every element; below degree 2 it is affine. */
  activated(x: AffineValue, coefficients: readonly number[]): AffineValue {
    if (coefficients.length - 1 > MAX_DEGREE)
      throw this.refuse(
        `is a polynomial of degree ${coefficients.length - 1}; at most ${MAX_DEGREE} is supported. ` +
          'Train the network with squares, or approximate by a lower degree.',
      );
    const [shift = 0, factor = 0] = coefficients;
    if (coefficients.slice(2).some((c) => c !== 0))
      return startOf(x.shape, { of: x, layer: this.name, coefficients });
    const { bias, ...rest } = this.scaled(x, factor);
    return { ...rest, bias: bias.map((b) => b + shift) };
  }

  /** Every element times a number of its own. */
  scaled(x: AffineValue, factor: number | ((index: number) => number)): AffineValue {
    const factors = x.bias.map((_, i) => (typeof factor === 'number' ? factor : factor(i)));
    const own = x.bias.map((_, i) => i);
    const matrix = SparseMatrix.selectRows(matrixOf(x), own, factors);
    return this.made(
      [x],
      x.shape,
      matrix,
      x.bias.map((b, i) => b * factors[i]),
    );
  }

  sum(x: CompiledValue, y: CompiledValue, shape: readonly number[]): AffineValue {
    if (isKnown(x)) return this.sum(y, x, shape);
    const left = this.expanded(x, shape);
    if (isKnown(y)) {
      const { data } = broadcastTo(y, shape);
      return this.made(
        [left],
        shape,
        left.matrix,
        left.bias.map((b, i) => b + data[i]),
      );
    }
    const right = this.expanded(y, shape);
    return this.made(
      [left, right],
      shape,
      matrixOf(left).add(matrixOf(right)),
      left.bias.map((b, i) => b + right.bias[i]),
    );
  }

  expanded(x: AffineValue, shape: readonly number[]): AffineValue {
    if (sameShape(x.shape, shape)) return x;
    const { sources } = movesOf('Expand', [x.shape], { shape });
    return this.moved(x, shape, sources);
  }

  /** Elements by number; -1 for a constant. */
  moved(
    x: AffineValue,
    shape: readonly number[],
    sources: Int32Array,
    constants?: Float64Array,
  ): AffineValue {
    const bias = Float64Array.from(sources, (from, i) => (from < 0 ? (constants?.[i] ?? 0) : x.bias[from]));
    const inPlace = sources.length === x.bias.length && sources.every((from, i) => from === i);
    const matrix = inPlace ? x.matrix : SparseMatrix.selectRows(matrixOf(x), sources);
    return this.made([x], shape, matrix, bias);
  }

  /** The elements of all values, one value after the other. */
  listed(inputs: readonly CompiledValue[]): AffineValue {
    const [first] = inputs;
    if (inputs.length === 1) return this.dependent(first);
    const dependent = inputs.filter((x): x is AffineValue => !isKnown(x));
    const { columns } = matrixOf(dependent[0]);
    const matrix = SparseMatrix.stacked(
      inputs.map((x) => (isKnown(x) ? SparseMatrix.zeros(x.data.length, columns) : matrixOf(x))),
    );
    const bias = Float64Array.from(inputs.flatMap((x) => [...(isKnown(x) ? x.data : x.bias)]));
    return this.made(dependent, [bias.length], matrix, bias);
  }

  dependent(x: CompiledValue): AffineValue {
    if (!isKnown(x)) return x;
    throw this.refuse('has a first input that does not depend on the input of the network.');
  }

  oneKnown(x: CompiledValue, y: CompiledValue): [AffineValue, PlainTensor] {
    if (isKnown(y) && !isKnown(x)) return [x, y];
    if (isKnown(x) && !isKnown(y)) return [y, x];
    throw this.refuse(
      'multiplies two values that both depend on the input; only squares of one value are supported.',
    );
  }

  private made(
    from: readonly AffineValue[],
    shape: readonly number[],
    matrix: SparseMatrix | undefined,
    bias: Float64Array,
  ): AffineValue {
    const base = from[0]?.base;
    if (from.some((x) => x.base !== base))
      throw new HeModelError(
        `At ${this.name} the network joins paths through different activations, which is not supported: ` +
          'homomorphic networks are chains of affine layers and polynomials (branches without an activation are fine).',
      );
    return { shape, base, matrix, bias, layers: [...new Set([...from.flatMap((x) => x.layers), this.name])] };
  }
}

function unsupported(node: ConcreteNode): HeModelError {
  const hint = APPROXIMABLE.has(node.op)
    ? 'Only polynomials can be computed on ciphertexts: train the network with squares in its place, or ask for an ' +
      'approximation (approximate; --approximate DEGREE with --samples) and look at the accuracy it loses.'
    : COMPARES.test(node.op)
      ? 'It needs comparisons, which ciphertexts do not have: train the network without it (with average pools in place ' +
        'of maxima), or use private inference (tacit predict).'
      : 'It is neither affine nor a polynomial.';
  return new HeModelError(`Layer ${layerName(node)} is a ${node.op}. ${hint}`);
}
