/** Inputs to slots and slots to outputs. */
import type { Boundary, ClientArtefact } from '../artefact/types.js';
import { sizeOf } from '../network/network.js';
import { spread } from '../plan/layout.js';
import { HeInputError, HeResultError } from './errors.js';

/**
 * Slots of every ciphertext of one input (latency mode), or of a batch of up to `slots` inputs (throughput mode).
 * @throws HeInputError (code HE_INPUT)
 */
export function slotsOfInputs(
  artefact: ClientArtefact,
  boundary: Boundary,
  inputs: readonly ArrayLike<number>[],
): Float64Array[] {
  const size = sizeOf(boundary.shape);
  if (artefact.mode === 'latency') {
    const [input] = inputs;
    if (input === undefined || inputs.length !== 1)
      throw new HeInputError(`This model takes one input at a time, not ${inputs.length}.`);
    checkInput(artefact, boundary, input, size);
    return spread(input, boundary.layout, artefact.slots);
  }
  if (inputs.length < 1 || inputs.length > artefact.slots)
    throw new HeInputError(`This model takes 1 to ${artefact.slots} inputs at once, not ${inputs.length}.`);
  for (const input of inputs) checkInput(artefact, boundary, input, size);
  return Array.from({ length: size }, (_, element) =>
    Float64Array.from(inputs, (input) => input[element] as number),
  );
}

function checkInput(
  artefact: ClientArtefact,
  boundary: Boundary,
  input: ArrayLike<number>,
  size: number,
): void {
  if (input.length !== size)
    throw new HeInputError(
      `An input has ${input.length} values; ${size} make up [${boundary.shape.join(', ')}].`,
    );
  const { low, high } = artefact.inputRange;
  const checksRange = boundary === artefact.boundaries[0];
  for (let i = 0; i < size; i++) {
    const value = input[i] as number;
    if (!Number.isFinite(value)) throw new HeInputError(`Value ${i} of the input is ${value}.`);
    // Scales and parameters were chosen for this range; outside of it the answer could be anything.
    if (checksRange && (value < low || value > high))
      throw new HeInputError(
        `Value ${i} of the input is ${value}; the model was compiled for ${low} to ${high} (--input-range).`,
      );
  }
}

/**
 * Outputs from the slots of the ciphertexts of an answer.
 * @param images how many inputs were in the batch
 * @throws HeResultError (code HE_RESULT) where the copies of a result disagree or slots that stay free hold something
 */
export function outputsOfSlots(
  artefact: ClientArtefact,
  boundary: Boundary,
  slots: readonly Float64Array[],
  images: number,
): Float64Array[] {
  if (slots.length !== boundary.layout.ciphertexts)
    throw new HeResultError(
      `The answer has ${slots.length} ciphertexts instead of ${boundary.layout.ciphertexts}.`,
    );
  for (const values of slots)
    if (!values.every(Number.isFinite))
      throw new HeResultError('The answer holds values that are not numbers.');
  if (artefact.mode === 'throughput')
    return Array.from({ length: images }, (_, image) =>
      Float64Array.from(slots, (values) => values[image] as number),
    );
  const { slotOf, period } = boundary.layout;
  const output = new Float64Array(slotOf.length);
  let spreadOfCopies = 0;
  slotOf.forEach((slot, element) => {
    const values = slots[Math.floor(slot / artefact.slots)] as Float64Array;
    let [sum, low, high] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    let copies = 0;
    for (let at = slot % artefact.slots; at < artefact.slots; at += period, copies++) {
      const value = values[at] as number;
      sum += value;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    // Copies differ by their noise only, so their mean is more precise than each.
    output[element] = sum / copies;
    spreadOfCopies = Math.max(spreadOfCopies, high - low);
  });
  if (boundary === artefact.boundaries.at(-1))
    spreadOfCopies = Math.max(spreadOfCopies, inFreeSlots(boundary, slots));
  const tolerance = Math.max(64 * artefact.expectedError, 1e-6);
  if (!(spreadOfCopies <= tolerance))
    throw new HeResultError(
      `Copies of the result differ, or free slots hold, ${spreadOfCopies.toPrecision(2)}; expected is ${artefact.expectedError.toPrecision(1)}: ` +
        'a value left the range that the model was compiled for (give more typical --samples), or this is not the answer to what was asked.',
    );
  return [output];
}

/**
 * Largest value in slots that hold no element of the result, and so should hold nothing. A coefficient beyond the
 * modulus wraps round, which adds a multiple of it: with copies of period P that is Q k(X^m) for a polynomial k of
 * degree below 2P with integer coefficients. It does not make copies disagree, but it vanishes in no slot, for the
 * minimal polynomial of the roots of unity that slots stand for has degree 2P.
 */
function inFreeSlots({ layout: { slotOf, period } }: Boundary, slots: readonly Float64Array[]): number {
  let largest = 0;
  slots.forEach((values, ciphertext) => {
    const used = new Uint8Array(values.length);
    for (const slot of slotOf)
      if (Math.floor(slot / values.length) === ciphertext)
        for (let at = slot % values.length; at < values.length; at += period) used[at] = 1;
    values.forEach((value, at) => {
      if (used[at] === 0) largest = Math.max(largest, Math.abs(value));
    });
  });
  return largest;
}
