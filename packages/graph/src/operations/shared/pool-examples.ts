/** Windows that pools are tested on. */
const plain = { dilations: [1, 1], ceilMode: false };

export const POOL_EXAMPLES = [
  { shapes: [[1, 2, 4, 4]], attributes: { ...plain, kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] } },
  { shapes: [[2, 1, 5, 4]], attributes: { ...plain, kernel: [3, 2], strides: [1, 2], pads: [1, 0, 1, 1] } },
  {
    shapes: [[1, 1, 5, 5]],
    attributes: { kernel: [2, 2], strides: [2, 2], dilations: [2, 1], pads: [0, 0, 0, 0], ceilMode: true },
  },
  {
    shapes: [[1, 2, 6]],
    attributes: { kernel: [3], strides: [2], dilations: [1], pads: [1, 1], ceilMode: false },
  },
  { shapes: [[1, 1, 3, 3]], attributes: { ...plain, kernel: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0] } },
  { shapes: [[0, 1, 2, 2]], attributes: { ...plain, kernel: [2, 2], strides: [1, 1], pads: [0, 0, 0, 0] } },
];
