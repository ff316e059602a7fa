/** Blocks of channels spread over the image, and back. */
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const depthToSpaceOnnx: OnnxOperator = {
  name: 'DepthToSpace',
  opsets: ALL_OPSETS,
  note: 'blocksize; mode DCR or CRD',
  convert(context) {
    context.result(context.emit('DepthToSpace', [context.input(0)], blocks(context, 11)));
  },
};

export const spaceToDepthOnnx: OnnxOperator = {
  name: 'SpaceToDepth',
  opsets: ALL_OPSETS,
  note: 'blocksize; mode DCR or CRD',
  convert(context) {
    context.result(context.emit('SpaceToDepth', [context.input(0)], blocks(context, 28)));
  },
};

/** @param modeSince the operator set since which there is a choice of the order of channels */
function blocks(context: NodeContext, modeSince: number) {
  const blockSize = context.int('blocksize', 0);
  const mode = context.opset < modeSince ? 'DCR' : context.string('mode', 'DCR');
  if (mode !== 'DCR' && mode !== 'CRD') return context.fail(`mode ${JSON.stringify(mode)}`);
  return { blockSize, mode } as const;
}
