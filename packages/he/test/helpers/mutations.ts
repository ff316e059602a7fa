import { HeForeignError, HeFormatError } from '../../src/errors.js';

/** Pseudo-random numbers that are the same in every run. */
export function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Versions of `bytes` that are cut off, lengthened, or changed, most often near the beginning, where heads are. */
export function* mutations(bytes: Uint8Array, count: number, seed = 1): Generator<Uint8Array> {
  const random = generator(seed);
  for (let i = 0; i < count; i++) {
    const place = () => random(random(3) === 0 ? bytes.length : Math.min(bytes.length, 220));
    switch (random(5)) {
      case 0:
        yield bytes.slice(0, place());
        break;
      case 1: {
        const longer = new Uint8Array(bytes.length + 1 + random(9));
        longer.set(bytes);
        yield longer;
        break;
      }
      case 2: {
        const changed = bytes.slice();
        changed.fill(random(2) * 255, place(), place());
        yield changed;
        break;
      }
      default: {
        const changed = bytes.slice();
        for (let flips = 1 + random(3); flips > 0; flips--) changed[place()] ^= 1 << random(8);
        yield changed;
      }
    }
  }
}

export function isFormatError(error: unknown): boolean {
  return error instanceof HeFormatError || error instanceof HeForeignError;
}
