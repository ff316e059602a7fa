// The inner loop of products and convolutions: c[i, j] += sum over u < depth of a[i, u] * panel[j, u], for depths of
// 16, 8, 4 and 1. The panel holds its columns one after the other, `depth` words each.
// What was loaded comes first in each term: engines compute a product in the register of its first operand, and the
// entry of a would have to be copied first, since it is needed again (one instruction in four; 3 % of the time).

/** Rows [0, depth) of b as columns of a panel; depth is even. */
export function packPanel(depth: i32, to: usize, b: usize, ldb: usize, cols: i32): void {
  const run = (<usize>depth) << 3;
  const whole = b + ((<usize>(cols & ~1)) << 3);
  for (; b < whole; b += 16, to += run) {
    const next = to + run;
    let row = b;
    for (; to < next; to += 16, row += 2 * ldb) {
      const x = v128.load(row);
      const y = v128.load(row + ldb);
      v128.store(to, v128.shuffle<i64>(x, y, 0, 2));
      v128.store(to + run, v128.shuffle<i64>(x, y, 1, 3));
    }
  }
  if (cols & 1) {
    for (let u = 0; u < depth; u++, b += ldb, to += 8) store<u64>(to, load<u64>(b));
  }
}

function rows16(c: usize, panel: usize, a: usize, cols: i32, rows: i32, lda: usize, ldc: usize): void {
  const whole = panel + (<usize>(cols & ~3)) * 128;
  const end = panel + (<usize>cols) * 128;
  for (; rows > 0; rows--, a += lda, c += ldc) {
    const x0 = load<u64>(a);
    const x1 = load<u64>(a, 8);
    const x2 = load<u64>(a, 16);
    const x3 = load<u64>(a, 24);
    const x4 = load<u64>(a, 32);
    const x5 = load<u64>(a, 40);
    const x6 = load<u64>(a, 48);
    const x7 = load<u64>(a, 56);
    const x8 = load<u64>(a, 64);
    const x9 = load<u64>(a, 72);
    const x10 = load<u64>(a, 80);
    const x11 = load<u64>(a, 88);
    const x12 = load<u64>(a, 96);
    const x13 = load<u64>(a, 104);
    const x14 = load<u64>(a, 112);
    const x15 = load<u64>(a, 120);
    let p = panel;
    let q = c;
    while (p < whole) {
      store<u64>(
        q,
        load<u64>(q) +
          load<u64>(p) * x0 + load<u64>(p, 8) * x1 + load<u64>(p, 16) * x2 + load<u64>(p, 24) * x3 +
          load<u64>(p, 32) * x4 + load<u64>(p, 40) * x5 + load<u64>(p, 48) * x6 + load<u64>(p, 56) * x7 +
          load<u64>(p, 64) * x8 + load<u64>(p, 72) * x9 + load<u64>(p, 80) * x10 + load<u64>(p, 88) * x11 +
          load<u64>(p, 96) * x12 + load<u64>(p, 104) * x13 + load<u64>(p, 112) * x14 + load<u64>(p, 120) * x15,
      );
      store<u64>(
        q,
        load<u64>(q, 8) +
          load<u64>(p, 128) * x0 + load<u64>(p, 136) * x1 + load<u64>(p, 144) * x2 + load<u64>(p, 152) * x3 +
          load<u64>(p, 160) * x4 + load<u64>(p, 168) * x5 + load<u64>(p, 176) * x6 + load<u64>(p, 184) * x7 +
          load<u64>(p, 192) * x8 + load<u64>(p, 200) * x9 + load<u64>(p, 208) * x10 + load<u64>(p, 216) * x11 +
          load<u64>(p, 224) * x12 + load<u64>(p, 232) * x13 + load<u64>(p, 240) * x14 + load<u64>(p, 248) * x15,
        8,
      );
      store<u64>(
        q,
        load<u64>(q, 16) +
          load<u64>(p, 256) * x0 + load<u64>(p, 264) * x1 + load<u64>(p, 272) * x2 + load<u64>(p, 280) * x3 +
          load<u64>(p, 288) * x4 + load<u64>(p, 296) * x5 + load<u64>(p, 304) * x6 + load<u64>(p, 312) * x7 +
          load<u64>(p, 320) * x8 + load<u64>(p, 328) * x9 + load<u64>(p, 336) * x10 + load<u64>(p, 344) * x11 +
          load<u64>(p, 352) * x12 + load<u64>(p, 360) * x13 + load<u64>(p, 368) * x14 + load<u64>(p, 376) * x15,
        16,
      );
      store<u64>(
        q,
        load<u64>(q, 24) +
          load<u64>(p, 384) * x0 + load<u64>(p, 392) * x1 + load<u64>(p, 400) * x2 + load<u64>(p, 408) * x3 +
          load<u64>(p, 416) * x4 + load<u64>(p, 424) * x5 + load<u64>(p, 432) * x6 + load<u64>(p, 440) * x7 +
          load<u64>(p, 448) * x8 + load<u64>(p, 456) * x9 + load<u64>(p, 464) * x10 + load<u64>(p, 472) * x11 +
          load<u64>(p, 480) * x12 + load<u64>(p, 488) * x13 + load<u64>(p, 496) * x14 + load<u64>(p, 504) * x15,
        24,
      );
      p += 512;
      q += 32;
    }
    while (p < end) {
      store<u64>(
        q,
        load<u64>(q) +
          load<u64>(p) * x0 + load<u64>(p, 8) * x1 + load<u64>(p, 16) * x2 + load<u64>(p, 24) * x3 +
          load<u64>(p, 32) * x4 + load<u64>(p, 40) * x5 + load<u64>(p, 48) * x6 + load<u64>(p, 56) * x7 +
          load<u64>(p, 64) * x8 + load<u64>(p, 72) * x9 + load<u64>(p, 80) * x10 + load<u64>(p, 88) * x11 +
          load<u64>(p, 96) * x12 + load<u64>(p, 104) * x13 + load<u64>(p, 112) * x14 + load<u64>(p, 120) * x15,
      );
      p += 128;
      q += 8;
    }
  }
}

function rows8(c: usize, panel: usize, a: usize, cols: i32, rows: i32, lda: usize, ldc: usize): void {
  const whole = panel + (<usize>(cols & ~3)) * 64;
  const end = panel + (<usize>cols) * 64;
  for (; rows > 0; rows--, a += lda, c += ldc) {
    const x0 = load<u64>(a);
    const x1 = load<u64>(a, 8);
    const x2 = load<u64>(a, 16);
    const x3 = load<u64>(a, 24);
    const x4 = load<u64>(a, 32);
    const x5 = load<u64>(a, 40);
    const x6 = load<u64>(a, 48);
    const x7 = load<u64>(a, 56);
    let p = panel;
    let q = c;
    while (p < whole) {
      store<u64>(
        q,
        load<u64>(q) +
          load<u64>(p) * x0 + load<u64>(p, 8) * x1 + load<u64>(p, 16) * x2 + load<u64>(p, 24) * x3 +
          load<u64>(p, 32) * x4 + load<u64>(p, 40) * x5 + load<u64>(p, 48) * x6 + load<u64>(p, 56) * x7,
      );
      store<u64>(
        q,
        load<u64>(q, 8) +
          load<u64>(p, 64) * x0 + load<u64>(p, 72) * x1 + load<u64>(p, 80) * x2 + load<u64>(p, 88) * x3 +
          load<u64>(p, 96) * x4 + load<u64>(p, 104) * x5 + load<u64>(p, 112) * x6 + load<u64>(p, 120) * x7,
        8,
      );
      store<u64>(
        q,
        load<u64>(q, 16) +
          load<u64>(p, 128) * x0 + load<u64>(p, 136) * x1 + load<u64>(p, 144) * x2 + load<u64>(p, 152) * x3 +
          load<u64>(p, 160) * x4 + load<u64>(p, 168) * x5 + load<u64>(p, 176) * x6 + load<u64>(p, 184) * x7,
        16,
      );
      store<u64>(
        q,
        load<u64>(q, 24) +
          load<u64>(p, 192) * x0 + load<u64>(p, 200) * x1 + load<u64>(p, 208) * x2 + load<u64>(p, 216) * x3 +
          load<u64>(p, 224) * x4 + load<u64>(p, 232) * x5 + load<u64>(p, 240) * x6 + load<u64>(p, 248) * x7,
        24,
      );
      p += 256;
      q += 32;
    }
    while (p < end) {
      store<u64>(
        q,
        load<u64>(q) +
          load<u64>(p) * x0 + load<u64>(p, 8) * x1 + load<u64>(p, 16) * x2 + load<u64>(p, 24) * x3 +
          load<u64>(p, 32) * x4 + load<u64>(p, 40) * x5 + load<u64>(p, 48) * x6 + load<u64>(p, 56) * x7,
      );
      p += 64;
      q += 8;
    }
  }
}

function rows4(c: usize, panel: usize, a: usize, cols: i32, rows: i32, lda: usize, ldc: usize): void {
  const whole = panel + (<usize>(cols & ~3)) * 32;
  const end = panel + (<usize>cols) * 32;
  for (; rows > 0; rows--, a += lda, c += ldc) {
    const x0 = load<u64>(a);
    const x1 = load<u64>(a, 8);
    const x2 = load<u64>(a, 16);
    const x3 = load<u64>(a, 24);
    let p = panel;
    let q = c;
    while (p < whole) {
      store<u64>(
        q,
        load<u64>(q) +
          load<u64>(p) * x0 + load<u64>(p, 8) * x1 + load<u64>(p, 16) * x2 + load<u64>(p, 24) * x3,
      );
      store<u64>(
        q,
        load<u64>(q, 8) +
          load<u64>(p, 32) * x0 + load<u64>(p, 40) * x1 + load<u64>(p, 48) * x2 + load<u64>(p, 56) * x3,
        8,
      );
      store<u64>(
        q,
        load<u64>(q, 16) +
          load<u64>(p, 64) * x0 + load<u64>(p, 72) * x1 + load<u64>(p, 80) * x2 + load<u64>(p, 88) * x3,
        16,
      );
      store<u64>(
        q,
        load<u64>(q, 24) +
          load<u64>(p, 96) * x0 + load<u64>(p, 104) * x1 + load<u64>(p, 112) * x2 + load<u64>(p, 120) * x3,
        24,
      );
      p += 128;
      q += 32;
    }
    while (p < end) {
      store<u64>(
        q,
        load<u64>(q) +
          load<u64>(p) * x0 + load<u64>(p, 8) * x1 + load<u64>(p, 16) * x2 + load<u64>(p, 24) * x3,
      );
      p += 32;
      q += 8;
    }
  }
}

function rows1(c: usize, panel: usize, a: usize, cols: i32, rows: i32, lda: usize, ldc: usize): void {
  const whole = panel + (<usize>(cols & ~3)) * 8;
  const end = panel + (<usize>cols) * 8;
  for (; rows > 0; rows--, a += lda, c += ldc) {
    const x0 = load<u64>(a);
    let p = panel;
    let q = c;
    while (p < whole) {
      store<u64>(q, load<u64>(q) + load<u64>(p) * x0);
      store<u64>(q, load<u64>(q, 8) + load<u64>(p, 8) * x0, 8);
      store<u64>(q, load<u64>(q, 16) + load<u64>(p, 16) * x0, 16);
      store<u64>(q, load<u64>(q, 24) + load<u64>(p, 24) * x0, 24);
      p += 32;
      q += 32;
    }
    while (p < end) {
      store<u64>(q, load<u64>(q) + load<u64>(p) * x0);
      p += 8;
      q += 8;
    }
  }
}

/** depth is 16, 8, 4 or 1. */
export function panelTimesRows(
  depth: i32, c: usize, panel: usize, a: usize, cols: i32, rows: i32, lda: usize, ldc: usize,
): void {
  if (depth == 16) rows16(c, panel, a, cols, rows, lda, ldc);
  else if (depth == 8) rows8(c, panel, a, cols, rows, lda, ldc);
  else if (depth == 4) rows4(c, panel, a, cols, rows, lda, ldc);
  else rows1(c, panel, a, cols, rows, lda, ldc);
}
