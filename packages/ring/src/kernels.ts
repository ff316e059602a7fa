// The compiled kernels: the module, its imports and exports, typed. Compiling costs milliseconds, instantiating
// microseconds, so a program with several threads compiles once and posts the module to them.
import { kernelsBase64 } from './generated/kernels.js';

type Pointer = number;

/** Exports of assembly/index.ts. Counts are in words, addresses and sizes in bytes. */
export interface Kernels {
  heapBase(): Pointer;
  add(out: Pointer, a: Pointer, b: Pointer, n: number): void;
  sub(out: Pointer, a: Pointer, b: Pointer, n: number): void;
  mul(out: Pointer, a: Pointer, b: Pointer, n: number): void;
  xor(out: Pointer, a: Pointer, b: Pointer, n: number): void;
  and(out: Pointer, a: Pointer, b: Pointer, n: number): void;
  or(out: Pointer, a: Pointer, b: Pointer, n: number): void;
  addScalar(out: Pointer, a: Pointer, n: number, s: bigint): void;
  andScalar(out: Pointer, a: Pointer, n: number, s: bigint): void;
  xorScalar(out: Pointer, a: Pointer, n: number, s: bigint): void;
  subFromScalar(out: Pointer, a: Pointer, n: number, s: bigint): void;
  mulScalar(out: Pointer, a: Pointer, n: number, s: bigint): void;
  shl(out: Pointer, a: Pointer, n: number, k: number): void;
  shrU(out: Pointer, a: Pointer, n: number, k: number): void;
  shrS(out: Pointer, a: Pointer, n: number, k: number): void;
  mulAdd(out: Pointer, a: Pointer, b: Pointer, c: Pointer, n: number): void;
  addScaled(out: Pointer, a: Pointer, b: Pointer, n: number, t: bigint): void;
  scaledMulAdd(out: Pointer, a: Pointer, b: Pointer, c: Pointer, n: number, k: bigint): void;
  maskedFloors(t0: Pointer, t1: Pointer, r: Pointer, n: number, l: number, f: number): void;
  lowHalves(plane: Pointer, x: Pointer, n: number, plus: bigint): void;
  bothBits(out: Pointer, a: Pointer, b: Pointer, n: number): void;
  wrapCombine(
    out: Pointer,
    x: Pointer,
    t: Pointer,
    own: Pointer,
    theirs: Pointer,
    n: number,
    f: number,
    first: number,
    plus: bigint,
    bias: bigint,
  ): void;
  floorSteps(t0: Pointer, steps: Pointer, r: Pointer, n: number, l: number, f: number): void;
  addSteps(out: Pointer, t0: Pointer, steps: Pointer, n: number, shift: number): void;
  selectSteps(out: Pointer, steps: Pointer, bits: Pointer, n: number): void;
  truncSteps(
    out: Pointer,
    c: Pointer,
    t0: Pointer,
    steps: Pointer,
    n: number,
    width: number,
    f: number,
    first: number,
  ): void;
  truncCombine(
    out: Pointer,
    c: Pointer,
    t0: Pointer,
    t1: Pointer,
    n: number,
    width: number,
    f: number,
    first: number,
  ): void;
  reluCombine(
    out: Pointer,
    c: Pointer,
    e: Pointer,
    beta: Pointer,
    t0: Pointer,
    t1: Pointer,
    bt0: Pointer,
    bt1: Pointer,
    n: number,
    width: number,
    f: number,
    first: number,
  ): void;
  bitCombine(out: Pointer, e: Pointer, beta: Pointer, n: number, first: number): void;
  selectCombine(
    out: Pointer,
    v: Pointer,
    e: Pointer,
    beta: Pointer,
    a: Pointer,
    ba: Pointer,
    n: number,
    first: number,
  ): void;
  copyStrided(
    out: Pointer,
    a: Pointer,
    rows: number,
    cols: number,
    rowStride: number,
    colStride: number,
  ): void;
  sumMiddle(acc: Pointer, x: Pointer, outer: number, length: number, inner: number): void;
  pack(out: Pointer, words: Pointer, n: number, bits: number): void;
  unpack(out: Pointer, bytes: Pointer, n: number, bits: number): void;
  unpackAdd(acc: Pointer, bytes: Pointer, n: number, bits: number): void;
  encode(out: Pointer, values: Pointer, n: number, scale: number, limit: number): number;
  decode64(out: Pointer, words: Pointer, n: number, scale: number): void;
  decode32(out: Pointer, words: Pointer, n: number, scale: number): void;
  chacha(out: Pointer, bytes: number, state: Pointer, rounds: number, mode: number): void;
  toPlanes(
    planes: Pointer,
    words: Pointer,
    n: number,
    firstBit: number,
    count: number,
    planeBytes: number,
    work: Pointer,
  ): void;
  fromPlanes(
    words: Pointer,
    planes: Pointer,
    n: number,
    firstBit: number,
    count: number,
    planeBytes: number,
    work: Pointer,
  ): void;
  sineSum(
    out: Pointer,
    x: Pointer,
    pairs: Pointer,
    n: number,
    shift: number,
    table: Pointer,
    terms: number,
  ): void;
  sinePairs(out: Pointer, x: Pointer, n: number, shift: number, table: Pointer, terms: number): void;
  subHalves(out: Pointer, a: Pointer, b: Pointer, n: number): void;
  exponentialCombine(
    out: Pointer,
    c: Pointer,
    e: Pointer,
    planeBytes: number,
    words: Pointer,
    above: Pointer,
    n: number,
    shift: number,
    first: number,
  ): void;
  exponentialMasks(
    words: Pointer,
    above: Pointer,
    r: Pointer,
    beta: Pointer,
    planeBytes: number,
    n: number,
    shift: number,
  ): void;
  runBitProgram(code: Pointer, count: number, base: Pointer, planeBytes: number): void;

  gemm(
    c: Pointer,
    a: Pointer,
    b: Pointer,
    m: number,
    k: number,
    n: number,
    lda: number,
    ldb: number,
    ldc: number,
    accumulate: number,
    work: Pointer,
  ): void;
  gemmPlain(c: Pointer, a: Pointer, b: Pointer, m: number, k: number, n: number): void;
  multiplierLimit(iterations: number): bigint;
  strassenWorkBytes(m: number, k: number, n: number, levels: number): number;
  strassen(
    c: Pointer,
    a: Pointer,
    b: Pointer,
    m: number,
    k: number,
    n: number,
    lda: number,
    ldb: number,
    ldc: number,
    levels: number,
    work: Pointer,
  ): void;
  addRect(c: Pointer, ldc: number, x: Pointer, ldx: number, rows: number, cols: number): void;
  zeroMargin(at: Pointer, rows: number, cols: number, allRows: number, ld: number): void;
  padPlanes(
    to: Pointer,
    from: Pointer,
    channels: number,
    rows: number,
    cols: number,
    planeWords: number,
    ld: number,
    top: number,
    left: number,
  ): void;
  windowTable(
    table: Pointer,
    channels: number,
    kh: number,
    kw: number,
    dilationH: number,
    dilationW: number,
    planeWords: number,
    ld: number,
  ): void;
  windowStarts(
    starts: Pointer,
    image: Pointer,
    outRows: number,
    outCols: number,
    strideH: number,
    strideW: number,
    ld: number,
  ): void;
  convPanels(
    out: Pointer,
    table: Pointer,
    filters: Pointer,
    count: number,
    terms: number,
    starts: Pointer,
    positions: number,
    ldo: number,
    work: Pointer,
  ): void;
  convSingle(
    out: Pointer,
    table: Pointer,
    filter: Pointer,
    terms: number,
    starts: Pointer,
    positions: number,
  ): void;
  windowSums(out: Pointer, table: Pointer, terms: number, starts: Pointer, positions: number): void;
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Compiles the kernels. The module can be posted to threads and given to `Ring.load({ module })`. */
export function compileKernels(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(decodeBase64(kernelsBase64));
}

export const PAGE_BYTES = 65536;

/** An instance with a memory of its own, which can grow once, by `growthBytes`; views of it detach then. */
export async function instantiateKernels(
  module: WebAssembly.Module,
  memoryBytes: number,
  growthBytes: number,
): Promise<{ kernels: Kernels; memory: WebAssembly.Memory }> {
  const pages = (bytes: number): number => Math.ceil(bytes / PAGE_BYTES);
  const maximum = Math.min(2 ** 16, pages(memoryBytes) + pages(growthBytes));
  const memory = new WebAssembly.Memory({ initial: pages(memoryBytes), maximum });
  const imports = {
    env: {
      memory,
      abort: () => {
        throw new Error('a kernel of @tacit/ring stopped');
      },
    },
  };
  const instance = await WebAssembly.instantiate(module, imports);
  return { kernels: instance.exports as unknown as Kernels, memory };
}
