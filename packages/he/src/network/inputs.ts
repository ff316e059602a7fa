/** What a network is fed with. */
import { type PolynomialNetwork, sizeOf } from './network.js';

export interface InputRange {
  readonly low: number;
  readonly high: number;
}

/**
 * Inputs drawn uniformly from the range: a stand-in where no samples are given.
 * @param network whose input they are
 * @param range bounds of each value
 * @param count how many
 * @returns inputs, flat and row-major, the same at every call
 */
export function randomInputs(
  network: Pick<PolynomialNetwork, 'input'>,
  range: InputRange,
  count: number,
): Float64Array[] {
  // No secret: a fixed sequence, so that compiling the same model twice gives the same artefacts.
  let state = 0x2545f491;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const size = sizeOf(network.input.shape);
  return Array.from({ length: count }, () =>
    Float64Array.from({ length: size }, () => range.low + (range.high - range.low) * next()),
  );
}
