export { bigintOfBytes, bytesOfBigint, signedWord } from './bigint-bytes.js';
export type { BinaryOperation } from './binary.js';
export { type BitInstruction, BitOp, type BitProgram, encodeBitProgram } from './bit-program.js';
export { paddedShape } from './broadcast.js';
export type { Accumulation, ChaChaRounds, Keystream } from './chacha.js';
export {
  type Conv1dSizes,
  type Conv2dSizes,
  type WindowSizes,
  type WindowSumSizes,
  windowOutput,
} from './conv.js';
export {
  EncodeRangeError,
  RingArgumentError,
  RingError,
  RingShapeError,
  ScratchExhaustedError,
} from './errors.js';
export { EXPONENTIAL_BITS, EXPONENTIAL_WORDS } from './exponential.js';
export type { EncodeOptions, FloatArray } from './fixed-point.js';
export { stepsFit, stepWords } from './floors.js';
export { compileKernels } from './kernels.js';
export type { MatmulSizes } from './matmul.js';
export { packedBytes } from './packing.js';
export { planeWords } from './planes.js';
export { POISON, WordsPool } from './pool.js';
export { Ring, type RingOptions } from './ring.js';
export type { Scratch, ScratchMark } from './scratch.js';
export * from './shapes.js';
export type { SineTerm } from './sines.js';
export { bytesOf, type Words } from './words.js';
export { wrapsFit } from './wraps.js';
