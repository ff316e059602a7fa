/** Attention of several heads (Vaswani et al. 2017, section 3.2), with PyTorch's parameters. */
import { ShapeError } from '@tacit/errors';
import { checkOptions } from '@tacit/graph';
import { CrypTensor, type OwnedTensor, tidy } from '@tacit/tensor';
import { attention } from '../export/module-nodes.js';
import type { OnnxDraft, OnnxValue } from '../export/onnx-draft.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { Linear } from './linear.js';
import { requireReal, requireSizes, requireTruth } from './sizes.js';

export interface MultiheadAttentionOptions {
  /** Probability of a weight of attention to be dropped while the model is trained. Default 0. */
  readonly dropout?: number;
  /** Whether the projections have summands. Default true. */
  readonly bias?: boolean;
  /** Whether inputs are [N, L, E] instead of [L, N, E]. Default false. */
  readonly batchFirst?: boolean;
}

/** softmax(Q K' / sqrt(d)) V for each head, on projections of queries, keys and values, projected once more. */
export class MultiheadAttention extends Module {
  /** The projections of queries, keys and values, one below the other: [3 E, E]. */
  readonly inProjWeight: Parameter;
  /** Their summands: [3 E]. */
  readonly inProjBias: Parameter | undefined;
  readonly outProj: Linear;
  readonly dropout: number;
  readonly batchFirst: boolean;

  /**
   * Attention with random projections, uniform as Glorot's, and summands 0.
   * @param embedDim size E of queries, keys, values and results
   * @param numHeads heads, which share the size evenly
   * @param options dropout, bias, batchFirst
   * @throws ArgumentError for sizes that are not positive whole numbers, and options that do not exist
   * @example new nn.MultiheadAttention(64, 4, { batchFirst: true })
   */
  constructor(
    readonly embedDim: number,
    readonly numHeads: number,
    options: MultiheadAttentionOptions = {},
  ) {
    super();
    const name = 'MultiheadAttention';
    checkOptions(name, options, ['dropout', 'bias', 'batchFirst']);
    const { dropout = 0, bias = true, batchFirst = false } = options;
    requireSizes(name, { embedDim, numHeads, 'embedDim / numHeads': embedDim / numHeads });
    this.dropout = requireReal(name, 'dropout', dropout, 0, 1);
    this.batchFirst = requireTruth(name, 'batchFirst', batchFirst);
    const bound = Math.sqrt(6 / (4 * embedDim));
    this.inProjWeight = new Parameter([3 * embedDim, embedDim], {
      name: 'inProjWeight',
      initializer: { kind: 'uniform', low: -bound, high: bound },
    });
    this.inProjBias = requireTruth(name, 'bias', bias)
      ? new Parameter([3 * embedDim], { name: 'inProjBias' })
      : undefined;
    this.outProj = new Linear(embedDim, embedDim, { bias });
    this.outProj.bias?.initialize({ kind: 'constant', value: 0 });
  }

  override toOnnx(draft: OnnxDraft, ...inputs: readonly OnnxValue[]): readonly OnnxValue[] | undefined {
    return attention(draft, inputs, this);
  }

  override *multiplied(): Generator<Parameter> {
    yield this.inProjWeight;
    yield this.outProj.weight;
  }

  /**
   * What the queries attend to.
   * @param query [L, N, E], or [N, L, E] where the batch comes first, or [L, E] without a batch
   * @param key of the same form with S in place of L; default the queries
   * @param value of the form of the keys; default the keys
   * @returns the shape of the queries
   * @throws ShapeError where shapes do not fit
   */
  override forward(query: CrypTensor, key: CrypTensor = query, value: CrypTensor = key): CrypTensor {
    return tidy(query.context, () => this.#attend(query, key, value)[0]);
  }

  /**
   * What the queries attend to, and the weights of attention, means over the heads.
   * @param inputs queries, keys, values, as of `forward`
   * @returns the shape of the queries, and [N, L, S] ([L, S] without a batch)
   * @throws ShapeError where shapes do not fit
   */
  override forwardAll(...inputs: readonly CrypTensor[]): CrypTensor[] {
    const [query, key = query, value = key] = inputs;
    return tidy(query.context, () => {
      const [result, weights] = this.#attend(query, key, value);
      const mean = weights.mean(1);
      return [result, query.rank === 2 ? mean.squeeze(0) : mean];
    });
  }

  #attend(query: CrypTensor, key: CrypTensor, value: CrypTensor): [CrypTensor, CrypTensor] {
    const { embedDim, numHeads, dropout, training } = this;
    const [q0, k0, v0] = [query, key, value].map((x) => this.#batched(x, query.rank));
    const [batch, targets] = q0.shape;
    if (k0.shape[0] !== batch || String(k0.shape) !== String(v0.shape))
      throw new ShapeError(
        `MultiheadAttention: queries [${query.shape}], keys [${key.shape}], values [${value.shape}]`,
      );
    const width = embedDim / numHeads;
    const heads = [q0, k0, v0].map((x, i) =>
      this.#projected(x, i).reshape([batch, x.shape[1], numHeads, width]).transpose([0, 2, 1, 3]),
    );
    const [q, k, v] = heads;
    const scores = q.mul(1 / Math.sqrt(width)).matmul(k.transpose([0, 1, 3, 2]));
    const weights = scores.softmax(-1);
    const kept = dropout > 0 && training ? weights.dropout(dropout) : weights;
    const joined = kept.matmul(v).transpose([0, 2, 1, 3]).reshape([batch, targets, embedDim]);
    const y = this.outProj.forward(joined);
    if (query.rank === 2) return [y.squeeze(0), weights];
    return [this.batchFirst ? y : y.transpose([1, 0, 2]), weights];
  }

  /** As [N, L, E]. */
  #batched(x: CrypTensor, rank: number): CrypTensor {
    if (x.rank !== rank || (rank !== 2 && rank !== 3) || x.shape[rank - 1] !== this.embedDim)
      throw new ShapeError(`MultiheadAttention over ${this.embedDim}: an input [${x.shape}]`);
    if (rank === 2) return x.unsqueeze(0);
    return this.batchFirst ? x : x.transpose([1, 0, 2]);
  }

  /** Projection `index`: queries, keys, values. */
  #projected(x: CrypTensor, index: number): CrypTensor {
    const part = <T extends CrypTensor | OwnedTensor>(operand: T): T => {
      const [start, stop] = [index * this.embedDim, (index + 1) * this.embedDim];
      return (
        operand instanceof CrypTensor
          ? operand.narrow(0, start, this.embedDim)
          : (operand as OwnedTensor).slice([{ start, stop }])
      ) as T;
    };
    const y = x.matmul(part(this.inProjWeight.operand).transpose([1, 0]));
    return this.inProjBias ? y.add(part(this.inProjBias.operand)) : y;
  }
}
