/** The compiled kernels: their exports, typed, and an instance with a memory of its own. */
import { FloatsMemoryError } from './errors.js';
import { kernelsBase64 } from './generated/kernels.js';

type Pointer = number;

/** Exports of assembly/index.ts. */
export interface Kernels {
  heapBase(): Pointer;
  gemmWork(): number;
  gemm(
    c: Pointer,
    a: Pointer,
    b: Pointer,
    m: number,
    k: number,
    n: number,
    aRow: number,
    aColumn: number,
    bRow: number,
    bColumn: number,
    cRow: number,
    accumulate: number,
    work: Pointer,
  ): void;
  addAll(out: Pointer, a: Pointer, b: Pointer, n: number): void;
  subAll(out: Pointer, a: Pointer, b: Pointer, n: number): void;
  mulAll(out: Pointer, a: Pointer, b: Pointer, n: number): void;
  clipAll(out: Pointer, x: Pointer, n: number, low: number, high: number): void;
  passWithin(out: Pointer, x: Pointer, dy: Pointer, n: number, low: number, high: number): void;
  passAbove(out: Pointer, x: Pointer, dy: Pointer, n: number, low: number): void;
  affinePlanes(
    out: Pointer,
    x: Pointer,
    scale: Pointer,
    shift: Pointer,
    planes: number,
    channels: number,
    size: number,
  ): void;
  sumPlanes(sums: Pointer, x: Pointer, planes: number, channels: number, size: number): void;
  dotPlanes(sums: Pointer, x: Pointer, y: Pointer, planes: number, channels: number, size: number): void;
  transposeMatrix(out: Pointer, x: Pointer, rows: number, columns: number): void;
  gatherPatches(to: Pointer, x: Pointer, ...window: PatchArguments): void;
  scatterPatches(x: Pointer, from: Pointer, ...window: PatchArguments): void;
  padPlane(
    to: Pointer,
    rows: number,
    row: number,
    x: Pointer,
    height: number,
    width: number,
    top: number,
    left: number,
    stepH: number,
    stepW: number,
  ): void;
  convolvePlane(
    out: Pointer,
    height: number,
    width: number,
    plane: Pointer,
    row: number,
    weights: Pointer,
    offsets: Pointer,
    taps: number,
    strideH: number,
    strideW: number,
    bias: number,
  ): void;
  correlatePlane(
    out: Pointer,
    dy: Pointer,
    height: number,
    vectors: number,
    plane: Pointer,
    row: number,
    offsets: Pointer,
    taps: number,
    strideH: number,
    strideW: number,
  ): void;
}

/** Which patches of an image, and which rows of the output they are for. */
export type PatchArguments = readonly [
  channels: number,
  height: number,
  width: number,
  kernelH: number,
  kernelW: number,
  strideH: number,
  strideW: number,
  dilationH: number,
  dilationW: number,
  top: number,
  left: number,
  outWidth: number,
  first: number,
  rows: number,
];

const PAGE_BYTES = 65536;
const MOST_PAGES = 65536;

let compiled: Promise<WebAssembly.Module> | undefined;

function compileKernels(): Promise<WebAssembly.Module> {
  compiled ??= WebAssembly.compile(Uint8Array.from(atob(kernelsBase64), (c) => c.charCodeAt(0)));
  return compiled;
}

/**
 * Kernels over a memory that stays where it is. Pages that are never touched cost address space only.
 * @param memoryBytes size of the memory
 * @throws FloatsMemoryError where the machine does not give as much
 */
export async function instantiateKernels(
  memoryBytes: number,
): Promise<{ kernels: Kernels; memory: WebAssembly.Memory }> {
  const pages = Math.ceil(memoryBytes / PAGE_BYTES);
  let memory: WebAssembly.Memory;
  try {
    memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    throw new FloatsMemoryError(memoryBytes, MOST_PAGES * PAGE_BYTES);
  }
  const abort = () => {
    throw new Error('a kernel of @tacit/floats stopped');
  };
  const instance = await WebAssembly.instantiate(await compileKernels(), { env: { memory, abort } });
  return { kernels: instance.exports as unknown as Kernels, memory };
}
