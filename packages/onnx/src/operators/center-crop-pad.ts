/** The middle of each axis, or zeros around it: Pad, whose negative amounts crop. */
import { at } from '@tacit/graph';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const centerCropPadOnnx: OnnxOperator = {
  name: 'CenterCropPad',
  opsets: [18, ALL_OPSETS[1]],
  note: 'constant sizes; axes',
  convert(context) {
    const x = context.input(0);
    const shape = context.shape(x);
    const sizes = context.constantInts(context.input(1), 'the shape');
    const listed = context.ints('axes') ?? shape.map((_, axis) => axis);
    context.axes(listed, shape.length);
    const pads = new Array<number>(2 * shape.length).fill(0);
    for (const [i, given] of listed.entries()) {
      const axis = given < 0 ? given + shape.length : given;
      const size = shape[axis];
      if (typeof size !== 'number') return context.fail(`the size ${size} of axis ${axis} must be known`);
      const more = at(sizes, i) - size;
      pads[axis] = Math.trunc(more / 2);
      pads[axis + shape.length] = more - Math.trunc(more / 2);
    }
    context.result(context.emit('Pad', [x], { pads, value: 0 }));
  },
};
