/** A list of encoded layers that run one after the other. */

import type { Interval } from '@tacit/he/network';
import type { EncodedLayer } from './layer.js';
import { Reencrypt } from './reencrypt.js';
import type { EncryptedTensor } from './tensor.js';

export type NetworkLayer = EncodedLayer | Reencrypt;

/** What `forward` tells about each layer as it ends. The tensors are disposed of after the call. */
export interface LayerStep<C extends object> {
  readonly index: number;
  readonly layer: NetworkLayer;
  readonly input: EncryptedTensor<C>;
  readonly output: EncryptedTensor<C>;
  readonly ms: number;
}

export class EncodedNetwork {
  /**
   * Puts layers in a chain; shapes are checked as it runs.
   * @param layers in the order in which they run
   * @param inputShape shape of one input
   */
  constructor(
    /** In the order of the file, with `Reencrypt` layers between them. */
    readonly layers: readonly NetworkLayer[],
    /** Shape of one input, with a batch axis of 1. */
    readonly inputShape: readonly number[],
  ) {}

  get outputShape(): readonly number[] {
    return this.layers.reduce((shape, layer) => layer.outputShape(shape), this.inputShape);
  }

  /**
   * All layers, or `from` up to (not including) `to`. The input stays; what is in between is freed.
   * @param x a tensor of the shape that layer `from` takes
   * @param options which layers, and what to call after each
   * @returns a new tensor
   * @throws errors of layers, after freeing what is in between
   */
  async forward<C extends object>(
    x: EncryptedTensor<C>,
    options: {
      readonly from?: number;
      readonly to?: number;
      readonly onLayer?: (step: LayerStep<C>) => void | Promise<void>;
    } = {},
  ): Promise<EncryptedTensor<C>> {
    const { from = 0, to = this.layers.length, onLayer } = options;
    let current = x;
    try {
      for (let index = from; index < to; index++) {
        const layer = this.layers[index];
        const start = performance.now();
        const output = await layer.forward(current);
        const ms = performance.now() - start;
        const input = current;
        current = output;
        try {
          await onLayer?.({ index, layer, input, output, ms });
        } finally {
          if (input !== x) input.dispose();
        }
      }
      return current === x ? x.select(x.shape, [...x.elements.keys()]) : current;
    } catch (error) {
      if (current !== x) current.dispose();
      throw error;
    }
  }

  /**
   * The network on one plain input, in double precision.
   * @param values row by row
   * @param onLayer called with the values after each layer
   * @returns the output, row by row
   */
  plain(values: ArrayLike<number>, onLayer?: (values: Float64Array, index: number) => void): Float64Array {
    let shape = this.inputShape;
    let current: Float64Array = Float64Array.from(values);
    this.layers.forEach((layer, index) => {
      current = layer.plain(current, shape);
      shape = layer.outputShape(shape);
      onLayer?.(current, index);
    });
    return current;
  }

  /**
   * Bounds after each layer for inputs in a range.
   * @param input bounds of each element of the input
   * @returns bounds of each element after each layer
   */
  bounds(input: Interval): Interval[] {
    let shape = this.inputShape;
    let current = input;
    return this.layers.map((layer) => {
      current = layer.bounds(current, shape);
      shape = layer.outputShape(shape);
      return current;
    });
  }

  /**
   * Whether a layer is a re-encryption.
   * @param layer of a network
   * @returns true for `Reencrypt`
   */
  static isReencryption(layer: NetworkLayer): layer is Reencrypt {
    return layer instanceof Reencrypt;
  }
}
