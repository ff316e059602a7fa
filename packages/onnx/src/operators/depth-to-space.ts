/** Blocks of channels spread over the image. */
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const depthToSpaceOnnx: OnnxOperator = {
  name: 'DepthToSpace',
  opsets: ALL_OPSETS,
  note: 'blocksize; mode DCR or CRD',
  convert(context) {
    const blockSize = context.int('blocksize', 0);
    const mode = context.opset < 11 ? 'DCR' : context.string('mode', 'DCR');
    if (mode !== 'DCR' && mode !== 'CRD') return context.fail(`mode ${JSON.stringify(mode)}`);
    context.result(context.emit('DepthToSpace', [context.input(0)], { blockSize, mode }));
  },
};
