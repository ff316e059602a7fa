// The local last steps of protocols: what a party computes once the masked values are open. All modulo 2^64.
// c is public modulo 2^width: c' are its low width-1 bits, s its top bit. e is one public bit an element, a plane
// (see planes.ts) over all elements. `first` is true for exactly one party, which adds the public parts.
import { type Core, checkInteger, checkLength } from './core.js';
import { RingShapeError } from './errors.js';
import { stepWords } from './floors.js';
import type { Words } from './words.js';

/**
 * out = T_s + (first ? (c' >> f) - 2^(width-2-f) : 0): probabilistic truncation by f bits.
 */
export function truncCombine(
  core: Core,
  out: Words,
  c: Words,
  t0: Words,
  t1: Words,
  width: number,
  f: number,
  first: boolean,
): void {
  checkWidth(width, f);
  core.stream('truncCombine', [out, c, t0, t1], 'write', (p, n) =>
    core.kernels.truncCombine(p[0], p[1], p[2], p[3], n, width, f, Number(first)),
  );
}

/** The same with T_1 given by the steps to it (floors.ts). */
export function truncSteps(
  core: Core,
  out: Words,
  c: Words,
  t0: Words,
  steps: Words,
  width: number,
  f: number,
  first: boolean,
): void {
  checkWidth(width, f);
  checkLength('truncSteps: steps', steps.length, stepWords(out.length));
  core.scoped(() => {
    const at = core.stage(steps);
    core.stream('truncSteps', [out, c, t0], 'write', (p, n, start) =>
      core.kernels.truncSteps(p[0], p[1], p[2], at + start * 4, n, width, f, Number(first)),
    );
  });
}

/** With P = c' >> f: e = 0: out = P * beta + bT_s; e = 1: out = P * (first - beta) + T_s - bT_s. */
export function reluCombine(
  core: Core,
  out: Words,
  c: Words,
  e: Words,
  beta: Words,
  t0: Words,
  t1: Words,
  bt0: Words,
  bt1: Words,
  width: number,
  f: number,
  first: boolean,
): void {
  checkWidth(width, f);
  withBits(core, e, out.length, (bits) =>
    core.stream('reluCombine', [out, c, beta, t0, t1, bt0, bt1], 'write', (p, n, start) =>
      core.kernels.reluCombine(
        p[0],
        p[1],
        bits + start / 8,
        p[2],
        p[3],
        p[4],
        p[5],
        p[6],
        n,
        width,
        f,
        Number(first),
      ),
    ),
  );
}

/** e = 0: beta; e = 1: first - beta: an arithmetic share of the bit e xor beta. */
export function bitCombine(core: Core, out: Words, e: Words, beta: Words, first: boolean): void {
  withBits(core, e, out.length, (bits) =>
    core.stream('bitCombine', [out, beta], 'write', (p, n, start) =>
      core.kernels.bitCombine(p[0], bits + start / 8, p[1], n, Number(first)),
    ),
  );
}

/** out = V * [b] + e * a + (1 - 2e) * ba, [b] = bitCombine(e, beta): the bit times a value opened as V = v - a. */
export function selectCombine(
  core: Core,
  out: Words,
  v: Words,
  e: Words,
  beta: Words,
  a: Words,
  ba: Words,
  first: boolean,
): void {
  withBits(core, e, out.length, (bits) =>
    core.stream('selectCombine', [out, v, beta, a, ba], 'write', (p, n, start) =>
      core.kernels.selectCombine(p[0], p[1], bits + start / 8, p[2], p[3], p[4], n, Number(first)),
    ),
  );
}

function withBits(core: Core, e: Words, n: number, run: (address: number) => void): void {
  if (e.length * 64 < n) throw new RingShapeError(`a plane of ${e.length} words for ${n} elements`);
  core.scoped(() => run(core.stage(e)));
}

function checkWidth(width: number, f: number): void {
  checkInteger('width', width, 2, 64);
  checkInteger('f', f, 0, width - 2);
}
