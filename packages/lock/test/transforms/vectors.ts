/** What docs/model-locks-transforms.md publishes for other languages; an implementation in Python gave the same. */
export const VECTORS = {
  /** 0, 1, …, 31. */
  key: Uint8Array.from({ length: 32 }, (_, i) => i),
  derived: {
    info: 'tacit/transform/v1/shf/2/3',
    stream: 'a9ca7e42180004a4f3e98c12a95217271979b02639fb2b88555c186c2c9c776c',
    second: '75c0a4c6ef3aaccb465d910bbcf5e1993ede9106f3e13f19b6d360db1e8413e2',
  },
  shf23: [3, 1, 7, 5, 2, 0, 6, 11, 8, 9, 4, 10],
  shf41: [6, 3, 13, 2, 9, 15, 8, 1, 14, 4, 0, 7, 11, 5, 12, 10],
  np41: '0000110100110111',
  ffx41: '0010010111101001',
  /** What these pixels are encrypted to, for ffx on blocks of 4 of one channel. */
  pixels: [0, 1, 2, 127, 128, 254, 255],
  codes: [456, 393, 460, 368, 628, 848, 554],
  /** Of the Feistel network alone, under the key 255, 254, …, 224. */
  numbers: [0, 1, 2, 100, 255, 999],
  encrypted: [47, 850, 614, 153, 37, 385],
} as const;
