/** Telling a value: to whom, and in as few rounds as it takes. */
import { ArgumentError } from '@tacit/errors';
import { checkOptions } from '@tacit/graph';
import type { Words } from '@tacit/ring';
import type { Tensor } from 'onnxruntime-common';
import type { Context } from './context.js';
import type { FixedPoint } from './fixed-point/fixed-point.js';
import type { Plain } from './plain-input.js';

/** Whom a value is told. What is misspelt or undefined must not become everybody. */
export function recipient(options: { readonly to?: number }): number | undefined {
  if (typeof options !== 'object' || options === null)
    throw new ArgumentError(`reveal takes options, such as { to: 1 }, not ${options}`);
  checkOptions('reveal', options, ['to']);
  if ('to' in options && options.to === undefined)
    throw new ArgumentError('reveal: to is undefined; leave it out to tell every party');
  return options.to;
}

/** A tensor, as far as it is looked at here. */
interface Held {
  readonly context: Context;
  readonly value: FixedPoint;
}

/**
 * Tells a value. Issued before the first await, so that its place in the program is where it is written.
 * @param tensor whose value is told
 * @param to rank of the only party that learns it; all do without it
 * @param read what is made of the words and their fraction bits
 * @returns what `read` returned; undefined at parties that do not learn it
 */
export function revealWords<R>(
  { context, value }: Held,
  to: number | undefined,
  read: (words: Words, scale: number) => R,
): Promise<R | undefined> {
  const { engine, precision } = context;
  const decoded = (words: Words | undefined, scale: number): R | undefined => words && read(words, scale);
  // One bit more is told as it is: a product with an integer has it, and rounding it away would take a round.
  const drop = value.scale - precision.fractionBits <= 1 ? 0 : value.scale - precision.fractionBits;
  const lone = !('raw' in value.source && 'terms' in value.source);
  if (drop > 0 && lone && engine.roundsOnReveal(to)) {
    const told = engine.reveal(value.share, { to, scale: precision.fractionBits, drop });
    return told.then((words) => decoded(words, precision.fractionBits));
  }
  const x = value.narrow(1);
  const told = engine.reveal(x.share, { to, scale: x.scale });
  if (x !== value) x.dispose();
  return told.then((words) => decoded(words, x.scale));
}

/**
 * Tells a value as doubles.
 * @param tensor whose value is told
 * @param to rank of the only party that learns it; all do without it
 * @returns shape and numbers; undefined at parties that do not learn it
 */
export const revealPlain = (tensor: Held, to: number | undefined): Promise<Plain | undefined> =>
  revealWords(tensor, to, (words, scale) => ({
    shape: tensor.value.shape,
    data: tensor.context.engine.ring.decode(words, scale),
  }));

/** Numbers as a tensor of onnxruntime-common, in single precision. */
export async function toTensor({ shape, data }: Plain): Promise<Tensor> {
  const { Tensor } = await import('onnxruntime-common');
  return new Tensor('float32', Float32Array.from(data), shape);
}
