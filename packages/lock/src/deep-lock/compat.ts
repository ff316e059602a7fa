/**
 * Opens what the public implementation of Deep-Lock locked (the repository ML-parameter-encryption, its scripts for PyTorch
 * and TensorFlow): same cipher as the paper, but a key schedule of its own, with its errors. INSECURE: nothing is locked in
 * this way here.
 *
 * The state is the key in words of 4 bytes, 4 of them or 8. A step takes t = SubBytes(RotWord(last word)), XORs the round
 * constant to its first byte, and then word_i ^= t, t = word_i for all words but the last; the constant doubles in GF(2^8).
 * The last word therefore never changes, the keys repeat after 204 blocks (408 with 8 words), and the last 4 bytes of all
 * blocks have one key. One step comes before the first block; each tensor's bytes are cut into blocks as long as the key,
 * the last one being shorter; blocks and keys run on through all tensors, in the order in which the model lists its
 * parameters.
 */
import { ArgumentError } from '@tacit/errors';
import { keyFormat } from '../keys/key.js';
import { double, INVERSE_S_BOX, S_BOX } from './aes.js';

/**
 * Opens tensors, or what comes to the same, undoes the lock of a whole model.
 * @param tensors the bytes of the parameters, in the order of the model; not changed
 * @param key 16 or 32 bytes
 * @returns their bytes as they were
 * @throws ArgumentError for a key of another length
 */
export function unlockCompat(tensors: readonly Uint8Array[], key: Uint8Array): Uint8Array[] {
  if (key.length !== 16 && key.length !== 32)
    throw new ArgumentError(`keys of that implementation have 16 or 32 bytes, not ${key.length}`);
  const state = key.slice();
  let roundConstant = step(state, 1);
  return tensors.map((bytes) => {
    const out = new Uint8Array(bytes.length);
    for (let at = 0; at < bytes.length; at += state.length) {
      const end = Math.min(at + state.length, bytes.length);
      for (let i = at; i < end; i++) out[i] = INVERSE_S_BOX[bytes[i]] ^ state[i - at];
      roundConstant = step(state, roundConstant);
    }
    return out;
  });
}

/**
 * Turns the state into the next round key.
 * @param state the words, changed
 * @param roundConstant of this step
 * @returns the constant of the next
 */
function step(state: Uint8Array, roundConstant: number): number {
  const last = state.length - 4;
  const word = [1, 2, 3, 0].map((b) => S_BOX[state[last + b]]);
  word[0] ^= roundConstant;
  for (let at = 0; at < last; at += 4)
    for (let b = 0; b < 4; b++) {
      state[at + b] ^= word[b];
      word[b] = state[at + b];
    }
  return double(roundConstant);
}

/**
 * The key in a file of that implementation: a pickled object `bytes`, the bytes themselves, or hexadecimal digits.
 * @param file the bytes of the file
 * @returns 16 or 32 bytes
 * @throws LockKeyError (`LOCK_KEY_FORMAT`) where it is none of these. Nothing of a pickle is run: only this one form of
 * it is read
 */
export function compatKey(file: Uint8Array): Uint8Array {
  if (file.length === 16 || file.length === 32) return file.slice();
  const text = Buffer.from(file).toString('latin1').trim();
  if (/^([0-9a-f]{32}){1,2}$/i.test(text)) return Uint8Array.from(Buffer.from(text, 'hex'));
  return pickledBytes(file);
}

/** PROTO n, perhaps FRAME, SHORT_BINBYTES, perhaps a note for the memo, STOP: all that `pickle.dump(bytes)` writes. */
function pickledBytes(file: Uint8Array): Uint8Array {
  let at = 0;
  const take = (opcode: number, operand: number): boolean => {
    if (file[at] !== opcode) return false;
    at += 1 + operand;
    return true;
  };
  const proto = take(0x80, 1);
  take(0x95, 8);
  const length = file[at + 1];
  const found = proto && take(0x43, 1) && (length === 16 || length === 32);
  const bytes = file.slice(at, at + length);
  at += found ? length : 0;
  if (!take(0x94, 0)) take(0x71, 1);
  if (!found || !take(0x2e, 0) || at !== file.length)
    throw keyFormat('neither 16 or 32 bytes, nor hexadecimal digits, nor such bytes pickled by Python');
  return bytes;
}
