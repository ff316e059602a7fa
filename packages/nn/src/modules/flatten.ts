/** Axes as one. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { normalizeAxis, sizeOf } from '@tacit/graph';
import type { CrypTensor } from '@tacit/tensor';
import { flatten } from '../export/module-nodes.js';
import type { OnnxDraft, OnnxValue } from '../export/onnx-draft.js';
import { Module } from '../module.js';

/** Axes from one on, to another, as one. No round. */
export class Flatten extends Module {
  /**
   * A view of each example as a vector.
   * @param startAxis first of the axes that become one; default 1, behind the batch
   * @param endAxis last of them; default the last
   * @throws ArgumentError where they are not whole numbers
   * @example new nn.Flatten()
   */
  constructor(
    readonly startAxis = 1,
    readonly endAxis = -1,
  ) {
    super();
    if (!Number.isInteger(startAxis) || !Number.isInteger(endAxis))
      throw new ArgumentError(`Flatten: axes ${String(startAxis)} to ${String(endAxis)}`);
  }

  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] | undefined {
    return flatten(draft, x, this.startAxis, this.endAxis);
  }

  override forward(x: CrypTensor): CrypTensor {
    const { shape, rank } = x;
    const [start, end] = [this.startAxis, this.endAxis].map((axis) => normalizeAxis(axis, Math.max(1, rank)));
    if (start > end) throw new ShapeError(`Flatten: axes ${start} to ${end} of [${shape}]`);
    const one = sizeOf(shape.slice(start, end + 1));
    return x.reshape([...shape.slice(0, start), one, ...shape.slice(end + 1)]);
  }
}
