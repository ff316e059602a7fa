import { storeTransposed } from './lanes';

/** Rows of x that are transposed together: columns of the result then come a cache line at a time. */
const STRIP = 16;

/** out [columns, rows] = x [rows, columns] turned around. */
export function transposeMatrix(out: usize, x: usize, rows: i32, columns: i32): void {
  const line = (<usize>columns) << 2;
  const run = (<usize>rows) << 2;
  for (let top = 0; top < rows; top += STRIP) {
    const count = min(STRIP, rows - top);
    const from = x + <usize>top * line;
    const to = out + ((<usize>top) << 2);
    let j = 0;
    for (; j + 4 <= columns; j += 4) {
      let i = 0;
      let at = from + ((<usize>j) << 2);
      const under = to + <usize>j * run;
      for (; i + 4 <= count; i += 4, at += 4 * line)
        storeTransposed(
          under + ((<usize>i) << 2), run,
          v128.load(at), v128.load(at + line), v128.load(at + 2 * line), v128.load(at + 3 * line),
        );
      for (; i < count; i++, at += line)
        for (let l: usize = 0; l < 4; l++) store<f32>(under + l * run + ((<usize>i) << 2), load<f32>(at + (l << 2)));
    }
    for (; j < columns; j++)
      for (let i = 0; i < count; i++)
        store<f32>(to + <usize>j * run + ((<usize>i) << 2), load<f32>(from + <usize>i * line + ((<usize>j) << 2)));
  }
}
