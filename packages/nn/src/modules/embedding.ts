/** A table of rows that private indices choose from. */
import { checkOptions } from '@tacit/graph';
import { type CrypTensor, lookup } from '@tacit/tensor';
import type { OnnxDraft, OnnxValue } from '../export/onnx-draft.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { requireSizes, requireTruth } from './sizes.js';

export interface EmbeddingOptions {
  /**
   * Whether its inputs are one-hot rows, and not indices. Default: where their last axis is as long as the table, which is
   * to be said where indices may come in such numbers.
   */
  readonly oneHot?: boolean;
}

/** Rows of a table at private places: nobody learns which. */
export class Embedding extends Module {
  readonly weight: Parameter;
  readonly oneHot: boolean | undefined;

  /**
   * A table of random rows, standard normal.
   * @param numEmbeddings how many rows
   * @param embeddingDim length of a row
   * @param options `oneHot`
   * @throws ArgumentError for sizes that are not positive whole numbers, and options that do not exist
   * @example new nn.Embedding(100, 8)
   */
  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingOptions = {}) {
    super();
    checkOptions('Embedding', options, ['oneHot']);
    requireSizes('Embedding', { numEmbeddings, embeddingDim });
    if (options.oneHot !== undefined) requireTruth('Embedding', 'oneHot', options.oneHot);
    this.oneHot = options.oneHot;
    const initializer = { kind: 'normal', mean: 0, std: 1 } as const;
    this.weight = new Parameter([numEmbeddings, embeddingDim], { name: 'weight', initializer });
  }

  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] | undefined {
    const weight = draft.parameter(this.weight);
    const { shape } = x;
    const rows = this.oneHot ?? shape?.at(-1) === this.weight.shape[0];
    if (rows)
      return [draft.add('MatMul', [x, weight], {}, shape && [...shape.slice(0, -1), this.weight.shape[1]])];
    const index = draft.indices(x);
    return [draft.add('Gather', [weight, index], {}, shape && [...shape, this.weight.shape[1]])];
  }

  override *multiplied(): Generator<Parameter> {
    yield this.weight;
  }

  /**
   * The rows.
   * @param index indices of any shape from 0 to one less than there are rows, or one-hot rows
   * @returns the shape of the indices, and that of a row
   * @throws ShapeError where one-hot rows are not as long as the table
   */
  override forward(index: CrypTensor): CrypTensor {
    return lookup(this.weight.operand, index, this.oneHot === undefined ? {} : { oneHot: this.oneHot });
  }
}
