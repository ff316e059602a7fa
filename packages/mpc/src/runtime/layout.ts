/**
 * The random material of one operation, as a list of fields that the party half and the dealer half share.
 *
 * A *free* field is a fresh uniform mask: every party expands its share from its seed, nothing is sent. (Or one mask a
 * party, where shares stand for themselves.) A *dealt* field is a value that the dealer computes: all parties but the last expand their share, the last gets a correction. A field
 * holds words (one 64-bit word an element) or planes (some bits an element, bit-sliced by blocks).
 *
 * Only masks may be free: a free product is wrong, a dealt mask used twice leaks.
 */

import type { Words } from '@tacit/ring';

/** Elements that are processed at once: 64 KiB of words, a KiB a plane. A multiple of 128. */
export const BLOCK = 8192;

/** Elements of a chunk: large operations are cut so that parties and dealer overlap and memory stays bounded. */
export const DEFAULT_CHUNK = 16 * BLOCK;

export interface Field {
  readonly index: number;
  readonly name: string;
  readonly dealt: boolean;
  /** Bits an element of a plane field; 0 for a field of words. */
  readonly planes: number;
  /** 32-bit numbers an element, each shared modulo 2^32, two to a word; 0 for a field of words or planes. */
  readonly halves: 0 | 1 | 2;
  /** Whether shares are XORed, as those of all planes are, and not added up. */
  readonly xor: boolean;
  /** Words an element of a field of words: more than one of a field of rows. */
  readonly width: number;
}

/** A run of elements inside a chunk. */
export interface Block {
  /** First element, from the start of the chunk. */
  readonly start: number;
  readonly length: number;
}

/** The part of an array that belongs to a block. */
export const blockOf = (words: Words, { start, length }: Block): Words =>
  words.subarray(start, start + length);

/** 64-bit words in a plane of `n` elements: whole 128-bit vectors. */
export const planeWords = (n: number): number => 2 * Math.ceil(n / 128);

/** Words that `planes` planes of `n` elements take when stored block by block. */
export function planeFieldWords(planes: number, n: number): number {
  const whole = Math.floor(n / BLOCK);
  const tail = n - whole * BLOCK;
  return planes * (whole * (BLOCK / 64) + (tail > 0 ? planeWords(tail) : 0));
}

/** Words of a field of `n` elements. */
export const fieldWords = ({ planes, halves, width }: Field, n: number): number => {
  if (planes > 0) return planeFieldWords(planes, n);
  return halves === 1 ? Math.ceil(n / 2) : n * width;
};

/** One masked opening: words mod 2^bits, or planes, one bit of each element a plane. */
export type Opening = { readonly bits: number } | { readonly planes: number };

/** Bytes of an opening's message to one peer, for `n` elements in chunks of `chunk`. */
export function openingBytes(opening: Opening, n: number, chunk = n): number {
  const bytes = (length: number) =>
    'bits' in opening ? Math.ceil((length * opening.bits) / 8) : planeFieldWords(opening.planes, length) * 8;
  const whole = Math.floor(n / Math.max(chunk, 1));
  return whole * bytes(chunk) + (n > whole * chunk ? bytes(n - whole * chunk) : 0);
}

/** Where a block of a field starts, in words from the start of the field. `start` is a multiple of BLOCK. */
export const fieldOffset = ({ planes, halves, width }: Field, start: number): number => {
  if (planes > 0) return (start / 64) * planes;
  return halves === 1 ? start / 2 : start * width;
};

/** The blocks of a chunk of `n` elements. */
export function* blocksOf(n: number): Generator<Block> {
  for (let start = 0; start < n; start += BLOCK) yield { start, length: Math.min(BLOCK, n - start) };
}

export class Layout {
  readonly fields: Field[] = [];
  #offsetsFor = -1;
  #offsets: number[] = [];

  #add(
    name: string,
    dealt: boolean,
    planes: number,
    halves: Field['halves'] = 0,
    xor = planes > 0,
    width = 1,
  ): Field {
    const field = { index: this.fields.length, name, dealt, planes, halves, xor, width };
    this.fields.push(field);
    return field;
  }
  /** A dealt value, one word an element. */
  words(name: string): Field {
    return this.#add(name, true, 0);
  }
  /** A dealt row of `width` words an element. */
  rows(name: string, width: number): Field {
    return this.#add(name, true, 0, 0, false, width);
  }
  /** One or two dealt 32-bit values an element, two to a word. */
  halves(name: string, count: 1 | 2): Field {
    return this.#add(name, true, 0, count);
  }
  /** 64 dealt bits an element, as a word. */
  bitWords(name: string): Field {
    return this.#add(name, true, 0, 0, true);
  }
  /** Dealt bits, `count` an element. */
  planes(name: string, count: number): Field {
    return this.#add(name, true, count);
  }
  /** A uniform mask, one word an element. */
  freeWords(name: string): Field {
    return this.#add(name, false, 0);
  }
  /** 64 uniform mask bits an element, as a word. */
  freeBitWords(name: string): Field {
    return this.#add(name, false, 0, 0, true);
  }
  /** Uniform mask bits, `count` an element. */
  freePlanes(name: string, count: number): Field {
    return this.#add(name, false, count);
  }

  /** Words of corrections for a chunk of n elements, all dealt fields one after another. */
  correctionWords(n: number): number {
    return this.fields.reduce((sum, f) => sum + (f.dealt ? fieldWords(f, n) : 0), 0);
  }
  /** Where the corrections of a field start in a chunk of n elements. */
  correctionOffset(field: Field, n: number): number {
    if (this.#offsetsFor !== n) {
      let at = 0;
      this.#offsets = this.fields.map((f) => {
        const start = at;
        if (f.dealt) at += fieldWords(f, n);
        return start;
      });
      this.#offsetsFor = n;
    }
    return this.#offsets[field.index];
  }
}
