/** Options of commands that compute on labelled images, and the images. */
import { integer, number } from '@tacit/cli-kit';
import { ArgumentError } from '@tacit/errors';
import { type Command, InvalidArgumentError } from 'commander';
import type { LabelledFiles } from './labelled-files.js';

/** What the options say. */
export interface ExampleFlags {
  readonly evalImages?: string;
  readonly evalLabels?: string;
  readonly scale?: number;
  readonly batchSize?: number;
  readonly threads?: number;
}

/** A whole number above 0. */
export function count(text: string): number {
  const value = number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}

/**
 * Adds the options.
 * @param command gets them
 * @returns the same
 */
export const withExamples = (command: Command): Command =>
  command
    .option('-b, --batch-size <N>', 'images at a time; default: 32, or fewer of a large model', count)
    .option('--eval-images <FILE>', 'other images, to measure accuracy with')
    .option('--eval-labels <FILE>', 'their labels')
    .option(
      '--scale <N>',
      'divide images by this; default: 255 for images of bytes (uint8), otherwise 1',
      number,
    )
    .option(
      '--threads <N>',
      'threads that compute, 0 for this one; default: one for each processor, at most 4',
      integer(0, 256),
    );

/**
 * The files that the options name.
 * @param flags what the options say
 * @returns paths
 * @throws ArgumentError for images without labels, or labels without images
 */
export function evaluationFiles({ evalImages, evalLabels }: ExampleFlags): string[] {
  if ((evalImages === undefined) !== (evalLabels === undefined))
    throw new ArgumentError('--eval-images and --eval-labels belong together');
  return [evalImages, evalLabels].filter((name) => name !== undefined);
}

/**
 * Reads the examples, and others to measure accuracy with, where the options name some.
 * @param images path
 * @param labels path
 * @param flags what the options say
 * @returns both
 * @throws as `readLabelled` and `evaluationFiles`
 */
export async function readExamples(
  images: string,
  labels: string,
  flags: ExampleFlags,
): Promise<{ readonly data: LabelledFiles; readonly evaluation?: LabelledFiles }> {
  const [otherImages, otherLabels] = evaluationFiles(flags);
  const { readLabelled } = await import('./labelled-files.js');
  const data = await readLabelled(images, labels, flags.scale);
  if (otherImages === undefined || otherLabels === undefined) return { data };
  return { data, evaluation: await readLabelled(otherImages, otherLabels, flags.scale) };
}
