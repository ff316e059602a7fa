/** Scale and shift along one axis, and BatchNormalization, which becomes one (in double precision). */
import { at } from '@tacit/graph';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const batchNormalizationOnnx: OnnxOperator = {
  name: 'BatchNormalization',
  opsets: ALL_OPSETS,
  note: 'inference with constant statistics; folded into a neighbouring layer, else Affine; kept to be trained',
  convert(context) {
    const epsilon = context.float('epsilon', 1e-5);
    const momentum = context.float('momentum', 0.9);
    if (context.opset < 9 && context.int('spatial', 1) === 0) context.reject('spatial=0');
    if (context.opset >= 14 && context.int('training_mode', 0) !== 0 && !context.trainable)
      context.reject('training mode');
    const x = context.input(0);
    const gamma = context.constant(context.input(1), 'the scale');
    const beta = context.constant(context.input(2), 'B');
    const mean = context.constant(context.input(3), 'the mean');
    const variance = context.constant(context.input(4), 'the variance');
    if (context.rank(x) < 2) context.fail('the input has no channels');
    const channels = gamma.data.length;
    for (const { data, shape } of [gamma, beta, mean, variance])
      if (data.length !== channels || shape.length !== 1)
        context.fail('scale, B, mean and variance are not vectors of one length');
    if (variance.data.some((value) => !(value + epsilon > 0))) context.fail('a variance is not positive');
    if (context.trainable) {
      const [factor, summand, ...statistics] = [1, 2, 3, 4].map((index) => context.input(index));
      for (const value of statistics) context.asBuffer(value);
      const inputs = [x, factor, summand, ...statistics];
      // The file says how much of the statistics stays, and not how much is new.
      context.result(context.emit('BatchNormalization', inputs, { epsilon, momentum: 1 - momentum }));
      return;
    }
    const scale = gamma.data.map((value, i) => value / Math.sqrt(at(variance.data, i) + epsilon));
    const shift = beta.data.map((value, i) => value - at(mean.data, i) * at(scale, i));
    const inputs = [
      x,
      context.makeConstant('scale', { shape: [channels], data: scale }),
      context.makeConstant('shift', { shape: [channels], data: shift }),
    ];
    context.result(context.emit('Affine', inputs, { axis: 1 }));
  },
};
