/** Fully connected layers. */
import { matMulMatrix } from '@tacit/he/network';
import { AffineMap } from './affine-map.js';
import type { Weights } from './conv.js';
import { HeLayerError } from './errors.js';
import { AffineLayer, misfit } from './layer.js';

export interface LinearOptions {
  /** [outputs, inputs], as PyTorch has it. */
  readonly weight: Weights;
  readonly bias?: ArrayLike<number>;
  readonly name?: string;
}

/** y = W x + b over the last axis. */
export class EncodedLinear extends AffineLayer {
  readonly kind = 'Linear';
  private readonly transposed: { readonly shape: readonly number[]; readonly data: Float64Array };
  private readonly bias: Float64Array | undefined;

  /**
   * Copies the weights.
   * @param options weights, shifts and name
   * @throws HeLayerError for weights and shifts that do not fit together, or are not finite
   */
  constructor({ weight, bias, name = 'linear' }: LinearOptions) {
    super(name);
    const [outputs, inputs] = weight.shape;
    if (weight.shape.length !== 2 || weight.data.length !== outputs * inputs)
      throw new HeLayerError(
        `Layer ${name}: ${weight.data.length} weights of the shape [${weight.shape.join(', ')}]; it takes [outputs, inputs].`,
      );
    if (bias !== undefined && bias.length !== outputs)
      throw new HeLayerError(`Layer ${name}: ${bias.length} shifts for ${outputs} outputs.`);
    const data = new Float64Array(outputs * inputs);
    for (let o = 0; o < outputs; o++)
      for (let i = 0; i < inputs; i++) data[i * outputs + o] = weight.data[o * inputs + i];
    if (!data.every(Number.isFinite))
      throw new HeLayerError(`Layer ${name}: a weight is not a finite number.`);
    this.transposed = { shape: [inputs, outputs], data };
    this.bias = bias && Float64Array.from(bias);
  }

  protected override build(input: readonly number[]) {
    const [inputs, outputs] = this.transposed.shape;
    if (input.at(-1) !== inputs) throw misfit(this.name, input, `${inputs} elements along the last axis`);
    const matrix = matMulMatrix([input, this.transposed.shape], this.transposed, 1);
    const { bias } = this;
    const shift = bias && Float64Array.from({ length: matrix.rows }, (_, row) => bias[row % outputs]);
    return { map: new AffineMap(matrix, shift), shape: [...input.slice(0, -1), outputs] };
  }
}
