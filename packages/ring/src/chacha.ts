// ChaCha keystream (Bernstein 2008) with RFC 8439's layout: 256-bit key, 96-bit nonce, 32-bit block counter. 20
// rounds are the RFC's; 12 and 8 are the reduced variants (Aumasson, "Too Much Crypto", 2019, finds 8 sufficient).
// Four blocks are computed at once; an output in the kernels' memory is written in place.
import { BLOCK, type Core, checkInteger } from './core.js';
import { RingArgumentError, RingShapeError } from './errors.js';
import type { Words } from './words.js';

export type ChaChaRounds = 8 | 12 | 20;

const BLOCK_BYTES = BLOCK * 8;
/** "expand 32-byte k" */
const CONSTANTS = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const;

/** What becomes of a keystream; the numbers are those of the kernel. */
const MODES = { store: 0, add: 1, subtract: 2, addTwice: 3, subtractHalves: 4, xor: 5 } as const;
/** Added to words (once or twice) or subtracted from them, from both 32-bit halves on their own, or exclusive-or. */
export type Accumulation = Exclude<keyof typeof MODES, 'store'>;

/** Names a keystream. */
export interface Keystream {
  readonly key: Uint32Array;
  readonly nonce: Uint32Array;
  /** The first block. */
  readonly counter: number;
  readonly rounds: ChaChaRounds;
}

/**
 * Fills `out` with the keystream, or combines it with what is there. Words are its bytes in little-endian order; only
 * words can be combined.
 */
export function chacha(
  core: Core,
  out: Words | Uint8Array,
  { key, nonce, counter, rounds }: Keystream,
  how: keyof typeof MODES,
): void {
  if (key.length !== 8 || nonce.length !== 3)
    throw new RingShapeError(
      `chacha: key of ${key.length} and nonce of ${nonce.length} words, needs 8 and 3`,
    );
  if (rounds !== 8 && rounds !== 12 && rounds !== 20)
    throw new RingArgumentError(`chacha: ${rounds} rounds, must be 8, 12 or 20`);
  checkInteger('counter', counter, 0, 0xffffffff);
  const bytes = out.byteLength;
  if (counter + Math.ceil(bytes / 64) > 2 ** 32)
    throw new RingArgumentError(
      `chacha: ${bytes} bytes from block ${counter} on exceed the 32-bit block counter`,
    );
  const state = core.workWords;
  state[0] = CONSTANTS[0];
  state[1] = CONSTANTS[1];
  state[2] = CONSTANTS[2];
  state[3] = CONSTANTS[3];
  state.set(key, 4);
  state[12] = counter;
  state.set(nonce, 13);
  const mode = MODES[how];
  if (core.owns(out)) core.kernels.chacha(out.byteOffset, bytes, core.work, rounds, mode);
  else {
    const target = out instanceof Uint8Array ? out : new Uint8Array(out.buffer, out.byteOffset, bytes);
    const block = core.slotBytes[0];
    // Blocks are whole groups of four ChaCha blocks, so the kernel has advanced the counter for the next one.
    for (let start = 0; start < bytes; start += BLOCK_BYTES) {
      const count = Math.min(BLOCK_BYTES, bytes - start);
      if (how !== 'store') block.set(target.subarray(start, start + count));
      core.kernels.chacha(core.slots[0], count, core.work, rounds, mode);
      target.set(count === BLOCK_BYTES ? block : block.subarray(0, count), start);
    }
  }
  // The key does not stay behind in memory that other kernels use as work space.
  state.fill(0);
}
