/** Fully connected layer: y = x W' + b, W of shape [out, in]. One round where x is not masked yet, else none. */
import { checkOptions } from '@tacit/graph';
import { type CrypTensor, tidy } from '@tacit/tensor';
import { linear } from '../export/module-nodes.js';
import type { OnnxDraft, OnnxValue } from '../export/onnx-draft.js';
import { scaledUniform } from '../initial-values.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { requireSizes, requireTruth } from './sizes.js';

export interface LinearOptions {
  /** Whether a constant is added to each output. Default true. */
  readonly bias?: boolean;
}

/** Fully connected layer. */
export class Linear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;

  /**
   * A layer of random weights, uniform up to 1 / sqrt(inputs) on both sides.
   * @param inputs size of the last axis of its input
   * @param outputs size of the last axis of its output
   * @param options `bias`
   * @throws ArgumentError for sizes that are not positive whole numbers, and options that do not exist
   * @example new nn.Linear(784, 128)
   */
  constructor(inputs: number, outputs: number, options: LinearOptions = {}) {
    super();
    checkOptions('Linear', options, ['bias']);
    const { bias = true } = options;
    requireTruth('Linear', 'bias', bias);
    requireSizes('Linear', { inputs, outputs });
    const initializer = scaledUniform(inputs);
    this.weight = new Parameter([outputs, inputs], { name: 'weight', initializer });
    this.bias = bias ? new Parameter([outputs], { name: 'bias', initializer }) : undefined;
  }

  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] | undefined {
    const bias = this.bias && draft.parameter(this.bias);
    return [linear(draft, x, draft.parameter(this.weight), bias)];
  }

  override *multiplied(): Generator<Parameter> {
    yield this.weight;
  }

  override forward(x: CrypTensor): CrypTensor {
    return tidy(x.context, () => {
      const y = x.matmul(this.weight.operand.transpose([1, 0]));
      return this.bias ? y.add(this.bias.operand) : y;
    });
  }
}
