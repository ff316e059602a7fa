// The compiled kernels: their exports, typed, and an instance with a memory of its own.
import { kernelsBase64 } from './generated/kernels.js';

type Pointer = number;

/** Exports of assembly/index.ts. `n` is the number of residues in a row. */
export interface Kernels {
  heapBase(): Pointer;
  minimalRoot(q: number, n: number): number;
  fillTables(forward: Pointer, inverse: Pointer, root: number, q: number, n: number): void;
  forward(row: Pointer, n: number, table: Pointer, q: number): void;
  forwardLifted(
    row: Pointer,
    input: Pointer,
    n: number,
    threshold: number,
    shift: number,
    table: Pointer,
    q: number,
  ): void;
  inverse(row: Pointer, n: number, table: Pointer, q: number): void;
  addRows(out: Pointer, a: Pointer, b: Pointer, n: number, q: number): void;
  subRows(out: Pointer, a: Pointer, b: Pointer, n: number, q: number): void;
  negateRow(out: Pointer, a: Pointer, n: number, q: number): void;
  addScalarRow(out: Pointer, a: Pointer, n: number, value: number, q: number): void;
  scaleRow(out: Pointer, a: Pointer, n: number, w: number, quotient: number, q: number): void;
  multiplyRows(
    out: Pointer,
    a: Pointer,
    b: Pointer,
    n: number,
    q: number,
    inverse: number,
    radix: number,
    quotient: number,
  ): void;
  crossRows(
    out: Pointer,
    a: Pointer,
    b: Pointer,
    c: Pointer,
    d: Pointer,
    n: number,
    q: number,
    inverse: number,
    radix: number,
    quotient: number,
  ): void;
  subScaleRow(out: Pointer, a: Pointer, b: Pointer, n: number, w: number, quotient: number, q: number): void;
  addSubScaleRow(
    out: Pointer,
    base: Pointer,
    a: Pointer,
    b: Pointer,
    n: number,
    w: number,
    quotient: number,
    q: number,
  ): void;
  copyRow(out: Pointer, a: Pointer, n: number): void;
  zeroRow(out: Pointer, n: number): void;
  liftRow(
    out: Pointer,
    input: Pointer,
    n: number,
    threshold: number,
    shift: number,
    q: number,
    one: number,
  ): void;
  permuteRow(out: Pointer, input: Pointer, n: number, table: Pointer): void;
  permuteAddRow(out: Pointer, input: Pointer, n: number, table: Pointer, q: number): void;
  dotRows(
    out0: Pointer,
    out1: Pointer,
    terms: Pointer,
    count: number,
    n: number,
    q: number,
    inverse: number,
    accumulate: number,
  ): void;
  combineRows(
    outputs: Pointer,
    rows: number,
    inputs: Pointer,
    width: number,
    starts: Pointer,
    columns: Pointer,
    weights: Pointer,
    n: number,
    q: number,
    inverse: number,
    scratch: Pointer,
    blockBits: number,
  ): void;
  narrow(out: Pointer, words: Pointer, n: number, q: number): number;
  widen(words: Pointer, row: Pointer, n: number): void;
  reduceSmall(out: Pointer, coefficients: Pointer, n: number, q: number): void;
  reduceLarge(out: Pointer, coefficients: Pointer, n: number, q: number): void;
  embed(
    coefficients: Pointer,
    values: Pointer,
    n: number,
    order: Pointer,
    roots: Pointer,
    work: Pointer,
    scale: number,
  ): number;
}

let compiled: Promise<WebAssembly.Module> | undefined;

function compileKernels(): Promise<WebAssembly.Module> {
  compiled ??= WebAssembly.compile(Uint8Array.from(atob(kernelsBase64), (letter) => letter.charCodeAt(0)));
  return compiled;
}

/** Kernels over a fresh memory. The module is compiled once in a thread. */
export async function instantiateKernels(): Promise<{ kernels: Kernels; memory: WebAssembly.Memory }> {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
  const abort = () => {
    throw new Error('a kernel of @tacit/rlwe stopped');
  };
  const instance = await WebAssembly.instantiate(await compileKernels(), { env: { memory, abort } });
  return { kernels: instance.exports as unknown as Kernels, memory };
}
