/**
 * Polynomials in place of activations that are none, fitted by least squares to the values that the activation sees on
 * samples. Layers are fitted one after the other, each on the outputs of those that are approximated already.
 */
import { type ConcreteGraph, type ConcreteNode, evaluateNode, type PlainTensor } from '@tacit/graph';
import { APPROXIMABLE, MAX_DEGREE } from '../network/affine-backend.js';
import { HeModelError } from '../network/errors.js';
import { networkFromGraph } from '../network/from-graph.js';
import { evaluateNetwork, evaluatePolynomial } from '../network/network.js';

export interface ApproximatedLayer {
  readonly layer: string;
  readonly op: string;
  readonly coefficients: readonly number[];
  /** Interval of the values that the layer sees on the samples. */
  readonly interval: readonly [number, number];
  /** Root mean square of the difference to the activation, over the samples. */
  readonly rmsError: number;
}

export interface Approximated {
  readonly polynomials: ReadonlyMap<string, readonly number[]>;
  readonly layers: readonly ApproximatedLayer[];
  /** Share of the samples for which the largest output is the same one as before. */
  readonly agreement: number;
  readonly samples: number;
  /** Largest difference of an output. */
  readonly largestChange: number;
}

/** @param degree 2 to 4; a layer may get a lower one where that fits as well */
export function approximateActivations(
  graph: ConcreteGraph,
  samples: readonly ArrayLike<number>[],
  degree: number,
): Approximated {
  if (!Number.isInteger(degree) || degree < 2 || degree > MAX_DEGREE)
    throw new HeModelError(`Activations can be approximated by degree 2 to ${MAX_DEGREE}, not ${degree}.`);
  const polynomials = new Map<string, readonly number[]>();
  const layers: ApproximatedLayer[] = [];
  // All samples go through the network side by side, so that each layer is fitted before the next one sees its output.
  const values = samples.map((sample) => startingValues(graph, sample));
  const plain = samples.map((sample) => startingValues(graph, sample));
  for (const node of graph.nodes) {
    const name = node.outputs[0] as string;
    const inputsOf = (known: Map<string, PlainTensor>) =>
      node.inputs.map((input) => known.get(input) as PlainTensor);
    for (const known of plain) known.set(name, evaluateNode(node, inputsOf(known)));
    if (!APPROXIMABLE.has(node.op)) {
      for (const known of values) known.set(name, evaluateNode(node, inputsOf(known)));
      continue;
    }
    const arguments_ = values.map((known) => inputsOf(known)[0] as PlainTensor);
    const layer = fitLayer(node, arguments_, degree);
    layers.push(layer);
    polynomials.set(node.name, layer.coefficients);
    values.forEach((known, i) => {
      const { shape, data } = arguments_[i] as PlainTensor;
      known.set(name, { shape, data: data.map((x) => evaluatePolynomial(layer.coefficients, x)) });
    });
  }
  if (layers.length === 0)
    return { polynomials, layers, agreement: 1, samples: samples.length, largestChange: 0 };
  const output = graph.outputs[0]?.name ?? '';
  const network = networkFromGraph(graph, { approximations: polynomials });
  let same = 0;
  let largestChange = 0;
  samples.forEach((sample, i) => {
    const before = plain[i]?.get(output)?.data as Float64Array;
    const after = evaluateNetwork(network, sample);
    if (argMax(before) === argMax(after)) same++;
    after.forEach((value, k) => {
      largestChange = Math.max(largestChange, Math.abs(value - (before[k] as number)));
    });
  });
  return { polynomials, layers, agreement: same / samples.length, samples: samples.length, largestChange };
}

function startingValues(graph: ConcreteGraph, sample: ArrayLike<number>): Map<string, PlainTensor> {
  const known = new Map<string, PlainTensor>(graph.parameters);
  const [input] = graph.inputs;
  if (input !== undefined) known.set(input.name, { shape: input.shape, data: Float64Array.from(sample) });
  return known;
}

function fitLayer(node: ConcreteNode, inputs: readonly PlainTensor[], degree: number): ApproximatedLayer {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const xs: number[] = [];
  const ys: number[] = [];
  for (const tensor of inputs) {
    const wanted = evaluateNode(node, [tensor]).data;
    tensor.data.forEach((x, i) => {
      low = Math.min(low, x);
      high = Math.max(high, x);
      xs.push(x);
      ys.push(wanted[i] as number);
    });
  }
  const coefficients = wellConditioned(xs, ys, degree);
  const squares = xs.reduce(
    (sum, x, i) => sum + (evaluatePolynomial(coefficients, x) - (ys[i] as number)) ** 2,
    0,
  );
  return {
    layer: node.name,
    op: node.op,
    coefficients,
    interval: [low, high],
    rmsError: Math.sqrt(squares / Math.max(xs.length, 1)),
  };
}

/**
 * A fit of at most this degree whose normal form (normalize.ts) is about values of the size of the arguments. Where the
 * highest coefficient is almost nothing, as for a function that is odd about a point, the substitution would shift by
 * many times their range and lose its precision; a degree less fits as well there.
 */
function wellConditioned(xs: readonly number[], ys: readonly number[], degree: number): number[] {
  const reach = xs.reduce((top, x) => Math.max(top, Math.abs(x)), 0);
  for (let d = degree; d > 2; d--) {
    const coefficients = leastSquares(xs, ys, d);
    const shift = (coefficients[d - 1] as number) / (d * (coefficients[d] as number));
    if (Math.abs(shift) <= 2 * reach) return coefficients;
  }
  return leastSquares(xs, ys, 2);
}

/** Coefficients in ascending order; normal equations on arguments scaled to at most 1. */
function leastSquares(xs: readonly number[], ys: readonly number[], degree: number): number[] {
  const scale = xs.reduce((top, x) => Math.max(top, Math.abs(x)), 0) || 1;
  const size = degree + 1;
  const matrix = Array.from({ length: size }, () => new Float64Array(size + 1));
  const powers = new Float64Array(size);
  xs.forEach((x, i) => {
    for (let k = 0, power = 1; k < size; k++, power *= x / scale) powers[k] = power;
    for (const [r, row] of matrix.entries()) {
      const weight = powers[r] as number;
      for (let c = 0; c < size; c++) row[c] = (row[c] as number) + weight * (powers[c] as number);
      row[size] = (row[size] as number) + weight * (ys[i] as number);
    }
  });
  // A little damping keeps degenerate fits (all arguments equal) finite.
  for (const [r, row] of matrix.entries()) row[r] = (row[r] as number) + 1e-9 * xs.length;
  return Array.from(solve(matrix), (value, k) => value / scale ** k);
}

/** Gaussian elimination with pivoting; rows hold the right-hand side last. */
function solve(rows: Float64Array[]): Float64Array {
  const size = rows.length;
  for (let k = 0; k < size; k++) {
    let pivot = k;
    for (let r = k + 1; r < size; r++)
      if (Math.abs(rows[r]?.[k] as number) > Math.abs(rows[pivot]?.[k] as number)) pivot = r;
    [rows[k], rows[pivot]] = [rows[pivot] as Float64Array, rows[k] as Float64Array];
    const top = rows[k] as Float64Array;
    for (let r = 0; r < size; r++) {
      if (r === k) continue;
      const row = rows[r] as Float64Array;
      const factor = (row[k] as number) / (top[k] as number);
      for (let c = k; c <= size; c++) row[c] = (row[c] as number) - factor * (top[c] as number);
    }
  }
  return Float64Array.from(rows, (row, k) => (row[size] as number) / (row[k] as number));
}

const argMax = (values: Float64Array): number => values.indexOf(values.reduce((a, b) => Math.max(a, b)));
