/** Padding with a public constant. */
import { ShapeError } from '@tacit/errors';
import type { CrypTensor } from '@tacit/tensor';
import { constantPad } from '../export/module-nodes.js';
import type { OnnxDraft, OnnxValue } from '../export/onnx-draft.js';
import { Module } from '../module.js';
import { bothEnds, type Pair, requireReal } from './sizes.js';

abstract class ConstantPad extends Module {
  protected constructor(
    /** All before, then all after. */
    readonly pads: readonly number[],
    readonly value: number,
  ) {
    super();
    requireReal(new.target.name, 'value', value);
  }

  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] | undefined {
    return constantPad(draft, x, this.pads, this.value);
  }

  override forward(x: CrypTensor): CrypTensor {
    const axes = this.pads.length / 2;
    const around = new Array<number>(x.rank - axes).fill(0);
    if (x.rank < axes + 1)
      throw new ShapeError(`${this.constructor.name}: [${x.shape}] has no ${axes} axes behind the channels`);
    return x.pad([...around, ...this.pads.slice(0, axes), ...around, ...this.pads.slice(axes)], this.value);
  }
}

/** Padding of the last axis with a public constant. */
export class ConstantPad1d extends ConstantPad {
  /**
   * Amounts and what is put there.
   * @param padding amount on both ends, or [before, after]; negative amounts crop
   * @param value public constant; default 0
   * @throws ArgumentError where amounts are not whole numbers or the value is none
   * @example new nn.ConstantPad1d([1, 2], 0.5)
   */
  constructor(padding: Pair, value = 0) {
    super(bothEnds('ConstantPad1d', padding, 1, -Infinity), value);
  }
}

/** Padding of the last two axes with a public constant. */
export class ConstantPad2d extends ConstantPad {
  /**
   * Amounts and what is put there.
   * @param padding amount on all sides; one each axis; or [top, left, bottom, right], as everywhere here (PyTorch has the
   * last axis first); negative amounts crop
   * @param value public constant; default 0
   * @throws ArgumentError where amounts are not whole numbers or the value is none
   * @example new nn.ConstantPad2d(1, 0.5)
   */
  constructor(padding: Pair | readonly [number, number, number, number], value = 0) {
    super(bothEnds('ConstantPad2d', padding, 2, -Infinity), value);
  }
}
