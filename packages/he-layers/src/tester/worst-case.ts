/**
 * Inputs that are bad for a set of parameters. Random and typical inputs show typical errors; an adversary, or the one
 * image in a million, does not ask for these. What makes errors large is values that are large where they are
 * multiplied: a square amplifies an error by twice its argument, and room for values is what the modulus runs out of.
 * So the search climbs to inputs (inside the range) that make the largest argument of each polynomial, and the largest
 * output, as large as it gets, by sign-gradient ascent on the plain twin; then those are measured on ciphertexts.
 *
 * For arguments of the first polynomial, which are linear in the input, one step reaches the maximum. Otherwise this is
 * a lower bound of the worst case, not the worst case itself; `bound` of a layer's report is an upper bound.
 */

import { Polynomial } from '../layers/activations.js';
import type { EncodedNetwork } from '../layers/network.js';
import type { ValueRange } from '../layers/tensor.js';

export interface WorstInputs {
  /** One for each place, in the order of the network, output last. */
  readonly inputs: readonly Float64Array[];
  readonly largest: readonly {
    readonly layer_name: string;
    readonly images: number;
    readonly found: number;
  }[];
}

const STEPS = 24;

export function searchWorstInputs(
  network: EncodedNetwork,
  images: readonly ArrayLike<number>[],
  range: ValueRange,
): WorstInputs {
  const inputs: Float64Array[] = [];
  const largest: { layer_name: string; images: number; found: number }[] = [];
  for (const [place, name] of places(network)) {
    let best: { value: number; input: Float64Array } = { value: -1, input: new Float64Array(0) };
    let typical = 0;
    for (const image of images)
      typical = Math.max(typical, largestOf(valuesAt(network, image, place).at(-1)));
    for (const start of starts(images, range)) {
      const found = climb(network, start, place, range);
      if (found.value > best.value) best = found;
    }
    inputs.push(best.input);
    largest.push({ layer_name: name, images: typical, found: best.value });
  }
  return { inputs, largest };
}

/** Number of layers before a place, and its name. */
function places({ layers }: EncodedNetwork): [number, string][] {
  const found: [number, string][] = [];
  layers.forEach((layer, i) => {
    if (layer instanceof Polynomial && i > 0) found.push([i, layer.name]);
  });
  found.push([layers.length, 'output']);
  return found;
}

function starts(images: readonly ArrayLike<number>[], { low, high }: ValueRange): Float64Array[] {
  const size = images[0].length;
  const middle = new Float64Array(size).fill((low + high) / 2);
  return [middle, ...images.slice(0, 4).map((image) => Float64Array.from(image))];
}

function climb(
  network: EncodedNetwork,
  start: Float64Array,
  place: number,
  { low, high }: ValueRange,
): { value: number; input: Float64Array } {
  let best: { value: number; input: Float64Array } = {
    value: largestOf(valuesAt(network, start, place).at(-1)),
    input: start,
  };
  let step = high - low;
  for (let round = 0; round < STEPS; round++) {
    const gradient = gradientAt(network, best.input, place);
    const input = best.input.map((x, i) => Math.min(high, Math.max(low, x + step * Math.sign(gradient[i]))));
    const value = largestOf(valuesAt(network, input, place).at(-1));
    if (value > best.value) best = { value, input };
    else step /= 2;
  }
  return best;
}

/** Values before each layer up to `place`; the last is the one in question. */
function valuesAt(network: EncodedNetwork, input: ArrayLike<number>, place: number): Float64Array[] {
  const values: Float64Array[] = [Float64Array.from(input)];
  let shape = network.inputShape;
  for (const layer of network.layers.slice(0, place)) {
    values.push(layer.plain(values[values.length - 1], shape));
    shape = layer.outputShape(shape);
  }
  return values;
}

/** Derivatives of the largest absolute value at `place` by the input. */
function gradientAt(network: EncodedNetwork, input: Float64Array, place: number): Float64Array {
  const values = valuesAt(network, input, place);
  const shapes = [network.inputShape];
  for (const layer of network.layers.slice(0, place))
    shapes.push(layer.outputShape(shapes[shapes.length - 1]));
  const last = values[place];
  let at = 0;
  last.forEach((value, i) => {
    if (Math.abs(value) > Math.abs(last[at])) at = i;
  });
  let gradient: Float64Array = new Float64Array(last.length);
  gradient[at] = Math.sign(last[at]);
  for (let i = place - 1; i >= 0; i--) gradient = network.layers[i].pullback(gradient, values[i], shapes[i]);
  return gradient;
}

const largestOf = (values: Float64Array = new Float64Array(0)): number =>
  values.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
