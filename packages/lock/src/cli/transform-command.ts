/** `tacit lock transform`: images under a key, and back. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { bytes, Progress } from '@tacit/cli-kit';
import { ArgumentError } from '@tacit/errors';
import { encodeNpy, parseNpy, readWhole, stageFile } from '@tacit/files';
import { type Command, Option } from 'commander';
import type { BlockSize, ImageLayout, TransformKind } from '../transforms/index.js';
import { print, requireNewModel } from './outputs.js';
import { type NewKeyFlags, newKeyOptions, passphraseFor, withNewKey } from './passphrase.js';

interface TransformFlags extends NewKeyFlags {
  readonly key: string;
  readonly newKey?: boolean;
  readonly kind: TransformKind;
  readonly block: string;
  readonly layout?: ImageLayout;
  readonly out: string;
  readonly inverse?: boolean;
  readonly weak?: boolean;
  readonly quiet?: boolean;
}

/** Of fewer keys than this it is said how few they are. */
const MANY_BITS = 80;

const HELP = `
Kinds (Pyone Maung and Kiya, arXiv 2008.02450):
  shf   puts the pixels of each block into another order
  np    turns p into 255 - p at half of the places
  ffx   encrypts p at half of the places to three digits; bytes become float32

IMAGES.npy holds uint8, or float32 from 0 to 1: [N, C, H, W], with --layout HWC [N, H, W, C], greyscale [N, H, W]; or
one image. Transform pixels as they come from their file, before they are standardised. The same is done to every
block of every image, so a network learns to see through it, and only with this key.

Examples:
  tacit lock transform train.npy --key images.key --new-key --kind shf --block 4 --out train-shf.npy
  tacit lock transform test.npy --key images.key --kind shf --block 4 --out test-shf.npy
  tacit lock transform test-shf.npy --key images.key --kind shf --block 4 --inverse --out again.npy
`;

/**
 * Adds the command.
 * @param lock the command `tacit lock`
 */
export function addTransform(lock: Command): void {
  withNewKey(
    lock
      .command('transform')
      .description('transform images by a key, so that a network trained on them needs the key')
      .argument('<IMAGES.npy>', 'images')
      .requiredOption('--key <FILE>', 'the key')
      .option('--new-key', 'make the key first')
      .addOption(
        new Option('--kind <KIND>', 'what is done to a block')
          .choices(['shf', 'np', 'ffx'])
          .makeOptionMandatory(),
      )
      .addOption(new Option('--block <SIDE>', 'side of a block').choices(['2', '4', '8']).default('4'))
      .addOption(
        new Option('--layout <LAYOUT>', 'order of the axes (default: HW of three axes, else CHW)').choices([
          'CHW',
          'HWC',
          'HW',
        ]),
      )
      .requiredOption('--out <FILE>', 'the images that are made')
      .option('--inverse', 'take the transform back')
      .option('--weak', 'allow blocks of fewer than 32 numbers, of which all keys can be tried')
      .option('--quiet', 'no warnings'),
  )
    .addHelpText('after', HELP)
    .action(transformImages);
}

async function transformImages(path: string, flags: TransformFlags): Promise<void> {
  const { key: keyPath, kind, inverse = false, out, force, weak } = flags;
  const block = Number(flags.block) as BlockSize;
  if (new Set([path, keyPath, out].map((file) => resolve(file))).size < 3)
    throw new ArgumentError(`${path}, ${keyPath} and ${out} are not three files`);
  if (flags.newKey && inverse)
    throw new ArgumentError('a new key takes nothing back: --inverse or --new-key');
  requireNewModel(out, force);
  const { requireNewKey } = await import('../keys/index.js');
  if (flags.newKey) requireNewKey(keyPath, force);
  else if (!existsSync(keyPath)) throw new ArgumentError(`there is no key ${keyPath}; --new-key makes one`);
  const { shape, data } = parseNpy(await readWhole(path));
  if (!(data instanceof Uint8Array || data instanceof Float32Array))
    throw new ArgumentError(`${path} holds neither uint8 nor float32: convert it, e.g. by x.astype('uint8')`);
  const layout = flags.layout ?? (shape.length === 3 ? 'HW' : 'CHW');
  const { blockTransform, keySpaceBits } = await import('../transforms/index.js');
  const images = { shape, data, layout };
  const progress = new Progress(flags.quiet === true);
  const { secret, id, write } = await keyOf(flags);
  try {
    const transform = blockTransform({ kind, block, key: secret, weak });
    progress.show(`${bytes(data.byteLength)} of images`);
    const made = inverse ? transform.inverse(images) : transform.transform(images);
    const staged = stageFile(out, encodeNpy(made.shape, made.data), { exclusive: !force });
    try {
      await write();
      staged.commit();
    } catch (error) {
      staged.discard();
      throw error;
    }
    progress.end();
    const bits = keySpaceBits(kind, block, channelsOf(shape, layout));
    if (bits < MANY_BITS)
      progress.warn(
        `there are only 2^${bits.toFixed(1)} keys for ${kind} on these blocks; larger blocks have more`,
      );
    if (flags.newKey && flags.jsonKey) progress.warn(`${keyPath} is open: whoever reads it has the key`);
    print([
      [inverse ? 'taken back' : 'transformed', `${kind}, blocks of ${block} x ${block}, ${layout}`],
      ['images', `${out} [${made.shape}] ${made.data instanceof Uint8Array ? 'uint8' : 'float32'}`],
      ['key', `${keyPath} (id ${id})`],
      ['key space', `2^${bits.toFixed(1)}`],
    ]);
  } finally {
    progress.end();
    secret.fill(0);
  }
}

/** The key, and how to write it where it is new. */
async function keyOf(
  flags: TransformFlags,
): Promise<{ secret: Uint8Array; id: string; write: () => Promise<void> }> {
  const { newTransformKey, transformKey } = await import('../transform-key.js');
  const { readKey, writeKey } = await import('../keys/index.js');
  if (!flags.newKey) {
    const { body, id } = await readKey(flags.key, transformKey, { passphrase: () => passphraseFor(flags) });
    return { secret: body.secret, id, write: async () => {} };
  }
  const options = await newKeyOptions(flags);
  const key = newTransformKey();
  return {
    secret: key.body.secret,
    id: key.id,
    write: () => writeKey(flags.key, transformKey, key, options),
  };
}

/** Images are checked when they are transformed. */
const channelsOf = (shape: readonly number[], layout: ImageLayout): number =>
  layout === 'HW' ? 1 : (shape.at(layout === 'HWC' ? -1 : -3) ?? 1);
