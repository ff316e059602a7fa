/**
 * Concrete ONNX graph to chain of affine maps and polynomials. Every value of the graph is followed as an affine
 * function of the last activation (or of the input); at the next activation that function becomes a stage.
 */
import type { ConcreteGraph, ConcreteNode, PlainTensor } from '@tacit/onnx';
import { HeModelError } from './errors.js';
import { type PolynomialNetwork, type Stage, sizeOf } from './network.js';
import {
  type Affine,
  broadcastSources,
  convMatrix,
  linearMatrix,
  poolMatrix,
  reduceMatrix,
  sourcesOf,
} from './operator-matrices.js';
import { SparseMatrix } from './sparse-matrix.js';

/** The highest degree of an activation that can be evaluated. */
export const MAX_DEGREE = 4;

export interface NetworkOptions {
  /** Polynomials, by layer name, in place of activations that are none. Coefficients in ascending order. */
  readonly approximations?: ReadonlyMap<string, readonly number[]>;
}

/** A value as matrix · base + bias, where `base` counts the activations before it. */
interface Linearized {
  readonly base: number;
  readonly shape: readonly number[];
  readonly matrix: SparseMatrix;
  readonly bias: Float64Array;
  readonly layers: readonly string[];
}

const NON_POLYNOMIAL = new Set(['Relu', 'Tanh', 'Sigmoid', 'Clip', 'HardSwish']);
const COMPARES = /Max|Min|Greater|Less|Equal|Where|Abs|Sign|Floor/;

/**
 * @param graph a network with one input and one output, for a batch of one
 * @throws HeModelError (code HE_MODEL) naming the layer that can't be computed on ciphertexts, and what would help
 */
export function networkFromGraph(graph: ConcreteGraph, options: NetworkOptions = {}): PolynomialNetwork {
  return new Walk(graph, options).run();
}

class Walk {
  private readonly values = new Map<string, Linearized>();
  private readonly stages: Stage[] = [];
  private base = 0;
  /** The matrix of the current base itself, by which nobody needs to multiply. */
  private identity: SparseMatrix | undefined;

  constructor(
    private readonly graph: ConcreteGraph,
    private readonly options: NetworkOptions,
  ) {}

  run(): PolynomialNetwork {
    const { inputs, outputs, nodes } = this.graph;
    const [input] = inputs;
    const [output] = outputs;
    if (input === undefined || output === undefined || inputs.length !== 1 || outputs.length !== 1)
      throw new HeModelError(
        `The network has ${inputs.length} inputs and ${outputs.length} outputs; one of each is supported.`,
      );
    this.values.set(input.name, this.fresh(input.shape));
    for (const node of nodes) {
      const [name] = node.outputs;
      const shape = name === undefined ? undefined : this.graph.shapes.get(name);
      if (name === undefined || shape === undefined)
        throw new HeModelError(`Layer ${label(node)} has no output.`);
      this.values.set(name, this.convert(node, shape));
    }
    const last = this.values.get(output.name);
    if (last === undefined)
      throw new HeModelError(`The output ${output.name} is not computed from the input.`);
    if (last.base !== this.base) throw this.branch(output.name);
    this.close(last);
    return {
      input: { name: input.name, shape: input.shape },
      output: { name: output.name, shape: output.shape },
      stages: this.stages,
    };
  }

  private convert(node: ConcreteNode, shape: readonly number[]): Linearized {
    switch (node.op) {
      case 'Linear':
        return this.map(node, shape, (x) =>
          linearMatrix(x.shape, this.parameter(node, 1), this.optionalParameter(node, 2)),
        );
      case 'MatMul':
        return this.map(node, shape, (x) => linearMatrix(x.shape, this.matrixParameter(node)));
      case 'Conv':
        return this.map(node, shape, (x) =>
          convMatrix(node, x.shape, shape, this.parameter(node, 1), this.optionalParameter(node, 2)),
        );
      case 'AveragePool':
        return this.map(node, shape, (x) => poolMatrix(node, x.shape, shape));
      case 'GlobalAveragePool':
        return this.map(node, shape, (x) => reduceMatrix(x.shape, x.shape.map((_, i) => i).slice(2), true));
      case 'ReduceMean':
      case 'ReduceSum':
        return this.map(node, shape, (x) =>
          reduceMatrix(x.shape, node.attributes.axes, node.op === 'ReduceMean'),
        );
      case 'Affine':
        return this.affine(node, shape);
      case 'Pad':
      case 'Flatten':
      case 'Reshape':
      case 'Squeeze':
      case 'Unsqueeze':
      case 'Expand':
      case 'Transpose':
      case 'Slice':
      case 'Identity':
      case 'Take':
      case 'Tile':
      case 'Trilu':
      case 'Roll':
      case 'Extend':
      case 'DepthToSpace':
      case 'SpaceToDepth':
      case 'GatherElements':
      case 'GatherND': {
        const x = this.input(node, 0);
        const { sources, fill } = sourcesOf(node, x.shape);
        return {
          ...x,
          shape,
          layers: [...x.layers, label(node)],
          matrix: SparseMatrix.selectRows(x.matrix, sources),
          bias: Float64Array.from(sources, (from) => (from < 0 ? fill : (x.bias[from] as number))),
        };
      }
      case 'Neg': {
        const x = this.input(node, 0);
        return {
          ...x,
          layers: [...x.layers, label(node)],
          matrix: x.matrix.scaled(-1),
          bias: x.bias.map((b) => -b),
        };
      }
      case 'Concat':
        return this.concat(node, shape);
      case 'Add':
      case 'Sub':
        return this.sum(node, shape, node.op === 'Sub' ? -1 : 1);
      case 'Mul':
        return this.product(node, shape);
      case 'Div':
        return this.quotient(node, shape);
      case 'Square':
        return this.activate(node, [0, 0, 1]);
      case 'Pow':
        return this.activate(node, [...new Array<number>(node.attributes.exponent).fill(0), 1]);
      default: {
        const polynomial = this.options.approximations?.get(node.name);
        if (polynomial !== undefined) return this.activate(node, polynomial);
        throw unsupported(node);
      }
    }
  }

  private activate(node: ConcreteNode, coefficients: readonly number[]): Linearized {
    if (coefficients.length - 1 > MAX_DEGREE)
      throw new HeModelError(
        `Layer ${label(node)} is a polynomial of degree ${coefficients.length - 1}; at most ${MAX_DEGREE} is supported. ` +
          'Train the network with squares, or approximate by a lower degree.',
      );
    const x = this.input(node, 0);
    if (x.base !== this.base) throw this.branch(label(node));
    this.close(x);
    this.stages.push({ kind: 'polynomial', layers: [label(node)], shape: x.shape, coefficients });
    this.base++;
    return this.fresh(x.shape);
  }

  private close(x: Linearized): void {
    const wrong = [...x.matrix.values, ...x.bias].find((value) => !Number.isFinite(value));
    if (wrong !== undefined)
      throw new HeModelError(
        `The weights of ${x.layers.join(' + ')} are not all finite: one is ${wrong}. Look for a training that diverged.`,
      );
    this.stages.push({
      kind: 'affine',
      layers: x.layers,
      shape: x.shape,
      matrix: x.matrix,
      bias: x.bias,
    });
  }

  private fresh(shape: readonly number[]): Linearized {
    const size = sizeOf(shape);
    this.identity = SparseMatrix.identity(size);
    return {
      base: this.base,
      shape,
      matrix: this.identity,
      bias: new Float64Array(size),
      layers: [],
    };
  }

  private map(node: ConcreteNode, shape: readonly number[], matrixOf: (x: Linearized) => Affine): Linearized {
    const x = this.input(node, 0);
    const { matrix, bias } = matrixOf(x);
    return {
      base: x.base,
      shape,
      layers: [...x.layers, label(node)],
      matrix: x.matrix === this.identity ? matrix : matrix.multiply(x.matrix),
      bias: matrix.apply(x.bias, bias),
    };
  }

  private affine(node: Extract<ConcreteNode, { op: 'Affine' }>, shape: readonly number[]): Linearized {
    const x = this.input(node, 0);
    const scale = this.parameter(node, 1).data;
    const shift = this.parameter(node, 2).data;
    const inner = sizeOf(shape.slice(node.attributes.axis + 1));
    const along = shape[node.attributes.axis] ?? 1;
    const at = (vector: Float64Array, i: number) =>
      vector[vector.length === 1 ? 0 : Math.floor(i / inner) % along] as number;
    const factors = x.bias.map((_, i) => at(scale, i));
    const { matrix, bias } = timesConstants(x.matrix, x.bias, factors);
    return {
      ...x,
      layers: [...x.layers, label(node)],
      matrix,
      bias: bias.map((value, i) => value + at(shift, i)),
    };
  }

  private concat(node: Extract<ConcreteNode, { op: 'Concat' }>, shape: readonly number[]): Linearized {
    const parts = node.inputs.map((_, i) => this.input(node, i));
    const [first] = parts;
    if (first === undefined || parts.some((part) => part.base !== first.base)) throw this.branch(label(node));
    const lead = sizeOf(shape.slice(0, node.attributes.axis));
    const rows: (readonly [number, number])[][] = [];
    const bias: number[] = [];
    for (let outer = 0; outer < lead; outer++)
      for (const part of parts) {
        const block = part.bias.length / lead;
        for (let i = outer * block; i < (outer + 1) * block; i++) {
          const row: [number, number][] = [];
          part.matrix.forRow(i, (column, value) => row.push([column, value]));
          rows.push(row);
          bias.push(part.bias[i] as number);
        }
      }
    return {
      base: first.base,
      shape,
      layers: [...first.layers, label(node)],
      matrix: SparseMatrix.fromRows(first.matrix.columns, rows),
      bias: Float64Array.from(bias),
    };
  }

  private sum(node: ConcreteNode, shape: readonly number[], sign: 1 | -1): Linearized {
    const [a, b] = node.inputs.map((_, i) => this.expanded(node, i, shape));
    if (a === undefined || b === undefined) throw new HeModelError(`Layer ${label(node)} lacks an input.`);
    if (a.matrix === undefined && b.matrix === undefined) throw unsupported(node);
    const base = a.base ?? b.base ?? this.base;
    if ((a.base ?? base) !== (b.base ?? base)) throw this.branch(label(node));
    const matrix =
      a.matrix === undefined
        ? (b.matrix as SparseMatrix).scaled(sign)
        : b.matrix === undefined
          ? a.matrix
          : a.matrix.add(b.matrix, sign);
    return {
      base,
      shape,
      matrix,
      bias: a.bias.map((value, i) => value + sign * (b.bias[i] as number)),
      layers: [...new Set([...a.layers, ...b.layers, label(node)])],
    };
  }

  private product(node: ConcreteNode, shape: readonly number[]): Linearized {
    if (node.inputs[0] === node.inputs[1]) return this.activate(node, [0, 0, 1]);
    const [a, b] = node.inputs.map((_, i) => this.expanded(node, i, shape));
    const [x, factor] = a?.matrix === undefined ? [b, a] : [a, b];
    if (
      x?.matrix === undefined ||
      x.base === undefined ||
      factor === undefined ||
      factor.matrix !== undefined
    )
      throw new HeModelError(
        `Layer ${label(node)} multiplies two values that both depend on the input; only squares of one value are supported.`,
      );
    return {
      ...timesConstants(x.matrix, x.bias, factor.bias),
      base: x.base,
      shape,
      layers: [...x.layers, label(node)],
    };
  }

  private quotient(node: ConcreteNode, shape: readonly number[]): Linearized {
    const x = this.expanded(node, 0, shape);
    const divisor = this.expanded(node, 1, shape);
    if (x.matrix === undefined || x.base === undefined || divisor.matrix !== undefined)
      throw new HeModelError(
        `Layer ${label(node)} divides by a value that depends on the input; only quotients by constants are supported.`,
      );
    const factors = divisor.bias.map((value) => 1 / value);
    return {
      ...timesConstants(x.matrix, x.bias, factors),
      base: x.base,
      shape,
      layers: [...x.layers, label(node)],
    };
  }

  /** An input of the node, broadcast to `shape`; a parameter has no matrix. */
  private expanded(
    node: ConcreteNode,
    index: number,
    shape: readonly number[],
  ): { matrix?: SparseMatrix; base?: number; bias: Float64Array; layers: readonly string[] } {
    const parameter = this.graph.parameters.get(node.inputs[index] ?? '');
    const value = parameter === undefined ? this.input(node, index) : undefined;
    const sources = broadcastSources(parameter?.shape ?? value?.shape ?? [], shape);
    if (parameter !== undefined)
      return { bias: Float64Array.from(sources, (i) => parameter.data[i] as number), layers: [] };
    const { matrix, bias, base, layers } = value as Linearized;
    return {
      base,
      layers,
      matrix: SparseMatrix.selectRows(matrix, sources),
      bias: Float64Array.from(sources, (i) => bias[i] as number),
    };
  }

  private input(node: ConcreteNode, index: number): Linearized {
    const value = this.values.get(node.inputs[index] ?? '');
    if (value === undefined)
      throw new HeModelError(`Layer ${label(node)}: input ${index} does not depend on the network's input.`);
    return value;
  }

  private parameter(node: ConcreteNode, index: number): PlainTensor {
    const value = this.graph.parameters.get(node.inputs[index] ?? '');
    if (value === undefined)
      throw new HeModelError(
        `Layer ${label(node)}: its weights are computed from the input, which is not supported.`,
      );
    return value;
  }

  private optionalParameter(node: ConcreteNode, index: number): PlainTensor | undefined {
    return node.inputs.length > index ? this.parameter(node, index) : undefined;
  }

  private matrixParameter(node: ConcreteNode): PlainTensor {
    const weight = this.parameter(node, 1);
    if (weight.shape.length > 2)
      throw new HeModelError(
        `Layer ${label(node)}: a batched matrix product with weights of rank ${weight.shape.length} is not supported.`,
      );
    return weight;
  }

  private branch(where: string): HeModelError {
    return new HeModelError(
      `At ${where} the network joins paths with different numbers of activations, which is not supported: ` +
        'homomorphic networks are chains of affine layers and polynomials (branches without an activation are fine).',
    );
  }
}

/** Every element times its own constant. */
function timesConstants(
  matrix: SparseMatrix,
  bias: Float64Array,
  factors: Float64Array,
): { matrix: SparseMatrix; bias: Float64Array } {
  const own = bias.map((_, i) => i);
  return {
    matrix: SparseMatrix.selectRows(matrix, own, factors),
    bias: bias.map((value, i) => value * (factors[i] as number)),
  };
}

function label(node: ConcreteNode): string {
  return node.name === '' ? node.op : node.name;
}

function unsupported(node: ConcreteNode): HeModelError {
  const hint = NON_POLYNOMIAL.has(node.op)
    ? 'Only polynomials can be computed on ciphertexts: train the network with squares in its place, or ask for an ' +
      'approximation (approximate; --approximate DEGREE with --samples) and look at the accuracy it loses.'
    : COMPARES.test(node.op)
      ? 'It needs comparisons, which ciphertexts do not have: train the network without it (with average pools in place ' +
        'of maxima), or use private inference (tacit predict).'
      : 'It is no affine map and no polynomial.';
  return new HeModelError(`Layer ${label(node)} is a ${node.op}. ${hint}`);
}
