// Straight-line programs on bit planes: what a boolean protocol computes locally. A program is compiled once (its
// indices checked against the number of planes) and kept in the kernels' memory; a run interprets it on planes
// that lie one after the other.
import type { Core } from './core.js';
import { RingArgumentError, RingShapeError } from './errors.js';
import type { Words } from './words.js';

/** Operations: d, a, b and c are numbers of planes. */
export const BitOp = {
  /** d = a ^ b */
  XOR: 0,
  /** d = a & b */
  AND: 1,
  /** d = (a & b) ^ c */
  ANDX: 2,
  /** d = ~a */
  NOT: 3,
  /** d = a */
  COPY: 4,
  /** d = 0 */
  ZERO: 5,
  /** d = all ones */
  ONES: 6,
  /** d = a | b */
  OR: 7,
  /** d = a ^ b ^ c */
  XOR3: 8,
} as const;

export type BitInstruction = readonly [op: number, d: number, a?: number, b?: number, c?: number];

const OPERATIONS = Object.keys(BitOp).length;
const FIELDS = 5;

/**
 * Five numbers an instruction: op, d, a, b, c.
 * @param instructions operation and planes of each instruction
 * @returns the encoded program
 */
export function encodeBitProgram(instructions: readonly BitInstruction[]): Int32Array {
  const code = new Int32Array(instructions.length * FIELDS);
  instructions.forEach(([op, d, a = 0, b = 0, c = 0], i) => {
    code.set([op, d, a, b, c], i * FIELDS);
  });
  return code;
}

/** Throws unless every operation exists and every plane is below `planes`. */
function checkBitProgram(code: Int32Array, planes: number): void {
  if (code.length % FIELDS !== 0)
    throw new RingArgumentError(`bit program: ${code.length} numbers are not a multiple of ${FIELDS}`);
  for (let i = 0; i < code.length; i += FIELDS) {
    const fields = code.subarray(i, i + FIELDS);
    if (code[i] < 0 || code[i] >= OPERATIONS)
      throw new RingArgumentError(`bit program: instruction ${i / FIELDS} has no operation ${code[i]}`);
    for (let j = 1; j < FIELDS; j++) {
      if (fields[j] < 0 || fields[j] >= planes)
        throw new RingArgumentError(
          `bit program: instruction ${i / FIELDS} [${fields.join(', ')}] names plane ${fields[j]} of ${planes}`,
        );
    }
  }
}

/** A compiled program. It belongs to the ring that compiled it. */
export class BitProgram {
  readonly planes: number;
  readonly length: number;
  readonly #core: Core;
  readonly #code: number;

  /**
   * Checks a program and copies it into the kernels' memory.
   * @param core kernels and memory of the ring
   * @param code encoded instructions, five numbers each
   * @param planes number of planes that the program uses
   */
  constructor(core: Core, code: Int32Array, planes: number) {
    checkBitProgram(code, planes);
    this.planes = planes;
    this.length = code.length / FIELDS;
    this.#core = core;
    this.#code = core.scratch.keep(code.byteLength);
    new Int32Array(core.buffer, this.#code, code.length).set(code);
  }

  /**
   * Runs on planes of `planeWords` words (even), plane p at base[p * planeWords].
   * @param base memory of the planes, plane p from word p * planeWords on
   * @param planeWords words in a plane, even
   */
  run(base: Words, planeWords: number): void {
    this.#core.scoped(() => runAt(this.#core, this.#code, this.length, this.planes, base, planeWords));
  }
}

/** Checks, copies and runs a program that is needed once. */
export function runBitProgram(core: Core, code: Int32Array, base: Words, planeWords: number): void {
  checkBitProgram(code, planeWords > 0 ? Math.floor(base.length / planeWords) : 0);
  const { scratch } = core;
  const address = scratch.take(code.byteLength);
  new Int32Array(core.buffer, address, code.length).set(code);
  runAt(core, address, code.length / FIELDS, 0, base, planeWords);
}

function runAt(
  core: Core,
  code: number,
  count: number,
  planes: number,
  base: Words,
  planeWords: number,
): void {
  if (!Number.isInteger(planeWords) || planeWords < 0 || planeWords % 2 !== 0)
    throw new RingArgumentError(`bit program: planes of ${planeWords} words, must be an even number`);
  if (base.length < planes * planeWords)
    throw new RingShapeError(
      `bit program: ${planes} planes of ${planeWords} words need ${planes * planeWords} words, got ${base.length}`,
    );
  const at = core.stage(base);
  core.kernels.runBitProgram(code, count, at, planeWords * 8);
  if (!core.owns(base)) base.set(new BigUint64Array(core.buffer, at, base.length));
}
