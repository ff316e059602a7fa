/** What goes wrong with keyed transforms of images. Sizes that do not fit are a `ShapeError` of @tacit/errors. */
import { TacitError } from '@tacit/errors';

/** A block has so few numbers that somebody can try all keys. Code `TRANSFORM_WEAK`. */
export class WeakTransformError extends TacitError {
  constructor(
    readonly kind: string,
    readonly block: number,
    readonly channels: number,
    readonly bits: number,
  ) {
    super(
      'TRANSFORM_WEAK',
      `${kind} on blocks of ${block} x ${block} x ${channels} has 2^${bits.toFixed(1)} keys, which can all be tried: take larger blocks, or say that this may be`,
    );
  }
}

/** Pixels are not what a transform takes. Code `TRANSFORM_PIXELS`. */
export class TransformPixelsError extends TacitError {
  constructor(message: string) {
    super('TRANSFORM_PIXELS', message);
  }
}

/** A model cannot get a transform in front, or has another than was named. Code `TRANSFORM_MODEL`. */
export class TransformModelError extends TacitError {
  constructor(message: string) {
    super('TRANSFORM_MODEL', message);
  }
}
