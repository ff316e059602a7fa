/** Modules one after another. */
import { type CrypTensor, tidy } from '@tacit/tensor';
import type { OnnxDraft, OnnxValue } from './export/onnx-draft.js';
import { Module } from './module.js';

/** Modules one after another; each value is freed after its use. */
export class Sequential extends Module {
  readonly layers: readonly Module[];

  /**
   * A chain of modules with one input and one output each.
   * @param layers modules in their order
   */
  constructor(...layers: readonly Module[]) {
    super();
    this.layers = layers;
  }

  /** Layers by their place. */
  override *members(): Generator<[string, Module]> {
    for (const [i, layer] of this.layers.entries()) yield [String(i), layer];
  }

  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] {
    return this.layers.reduce<readonly OnnxValue[]>(
      ([y], layer, i) => draft.within(String(i), layer, [y]),
      [x],
    );
  }

  override forward(x: CrypTensor): CrypTensor {
    let y = x;
    for (const layer of this.layers) {
      const input = y;
      const next = tidy(x.context, () => layer.forward(input));
      if (y !== x && y !== next) y.dispose();
      y = next;
    }
    return y;
  }
}
