/** Elements or channels that are set to 0 at random while a model is trained. */
import { ShapeError } from '@tacit/errors';
import type { CrypTensor } from '@tacit/tensor';
import type { OnnxDraft, OnnxValue } from '../export/onnx-draft.js';
import { Module } from '../module.js';
import { loneArgument, requireReal } from './sizes.js';

abstract class Drops extends Module {
  readonly p: number;

  /**
   * Nothing is dropped in `eval()`.
   * @param p probability of an element to be dropped; default 0.5
   * @throws ArgumentError where it is not a number from 0 to 1
   */
  constructor(p: number | { readonly p?: number } = 0.5) {
    super();
    const { name } = new.target;
    this.p = requireReal(name, 'p', loneArgument(name, p, 'p', 0.5), 0, 1);
  }
}

/** Each element is dropped by itself, and the others divided by 1 - p; nobody knows which. */
export class Dropout extends Drops {
  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] | undefined {
    return [draft.add('Dropout', [x, draft.floats(this.p)])];
  }

  override forward(x: CrypTensor): CrypTensor {
    return x.dropout(this.p, { training: this.training });
  }
}

/** Whole channels of [N, C, ...] are dropped, and the others divided by 1 - p; nobody knows which. */
export class Dropout2d extends Drops {
  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] | undefined {
    return [draft.add('Identity', [x])];
  }

  override forward(x: CrypTensor): CrypTensor {
    if (x.rank < 3) throw new ShapeError(`Dropout2d: [${x.shape}] has no channels of images`);
    // Without a batch the channels come first.
    const own = x.rank === 3 ? 1 : 2;
    const noiseShape = x.shape.map((size, axis) => (axis < own ? size : 1));
    return x.dropout(this.p, { training: this.training, noiseShape });
  }
}
