/** Codes of keyed transforms of images. */
import type { CodeTable } from './table.js';

export const TRANSFORMS = {
  TRANSFORM_WEAK: {
    meaning: 'Blocks of images have so few numbers that all keys can be tried.',
    remedy:
      'Take larger blocks, or pad the images so that larger ones divide them; `weak` (`--weak`) allows it.',
  },
  TRANSFORM_PIXELS: {
    meaning: 'Pixels are outside of what a transform takes, or were not made by its key.',
    remedy:
      'Transform bytes, or bytes divided by 255, before images are standardised; take back with the same key.',
  },
  TRANSFORM_MODEL: {
    meaning:
      'A model has no input of images of known size, or has another transform in front than was named.',
    remedy: 'Export it with fixed channels, height and width, or name the input and the layout.',
  },
} as const satisfies CodeTable;
