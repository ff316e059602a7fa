/** Convolution over one or two spatial axes: input [N, C, ...], weights [O, C/groups, ...], bias [O]. */
import type { CrypTensor } from '@tacit/tensor';
import { Module } from '../module.js';
import type { Parameter } from '../parameter.js';

export interface ConvOptions {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** All begins, then all ends: [top, left, bottom, right], or [left, right]. */
  readonly pads: readonly number[];
  readonly groups: number;
}

/** Convolution over one or two spatial axes. */
export class Conv extends Module {
  /**
   * A convolution with these weights.
   * @param weight weights [O, C / groups, ...kernel]
   * @param bias bias [O], if there is one
   * @param options strides, dilations, padding and groups
   */
  constructor(
    readonly weight: Parameter,
    readonly bias: Parameter | undefined,
    readonly options: ConvOptions,
  ) {
    super();
    this.ownParameters.push(weight, ...(bias ? [bias] : []));
  }

  override *multiplied(): Generator<Parameter> {
    yield this.weight;
  }

  override forward(x: CrypTensor): CrypTensor {
    const { strides, dilations, pads, groups } = this.options;
    const y =
      x.rank === 3
        ? x.conv1d(this.weight.operand, {
            stride: strides[0],
            dilation: dilations[0],
            pads: [pads[0], pads[1]],
            groups,
          })
        : x.conv2d(this.weight.operand, {
            stride: [strides[0], strides[1]],
            dilation: [dilations[0], dilations[1]],
            pads: [pads[0], pads[1], pads[2], pads[3]],
            groups,
          });
    return this.bias ? y.add(perChannel(this.bias, x.rank)) : y;
  }
}

/** A vector over the channel axis, shaped for broadcasting over [N, C, ...spatial]. */
const perChannel = (bias: Parameter, rank: number) =>
  bias.operand.reshape([bias.shape[0], ...new Array(rank - 2).fill(1)]);
