/** The words that an operation takes, whole or while they are being made. */
import type { Words } from '@tacit/ring';
import type { Masked, Share } from './share.js';
import type { Underway } from './underway.js';

/** What an operation takes: tensors, and tensors as masked forms. */
interface Operands {
  readonly inputs: readonly Share[];
  readonly masked?: readonly Masked[];
}

/** All inputs, complete: first the tensors, then the factors of masked forms. */
export async function wholeInputs({ inputs, masked = [] }: Operands): Promise<Words[]> {
  const words: Words[] = [];
  for (const { value } of [...inputs, ...masked]) words.push(await value);
  return words;
}

/** The same, but what is made in as many chunks as the operation has is taken when its first chunk is begun. */
export async function inputsUnderway(
  { inputs, masked = [] }: Operands,
  chunks: number,
): Promise<(Words | Underway)[]> {
  const found: (Words | Underway)[] = [];
  for (const { underway, value } of [...inputs, ...masked]) {
    const begun = chunks > 1 ? await underway : undefined;
    found.push(begun?.chunks === chunks ? begun : await value);
  }
  return found;
}
