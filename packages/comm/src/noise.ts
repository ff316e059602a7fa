/**
 * `@tacit/comm/noise`: links that are authenticated and encrypted end to end, by public keys or a token. Runs in Node.js
 * and in browsers.
 */
export type { Aead } from './secure/noise/aead.js';
export {
  type NoiseKeys,
  type NoiseOptions,
  noise,
  noiseKeys,
  noisePublicKey,
} from './secure/noise/noise-layer.js';
export type { Curve, Hash, Primitives } from './secure/noise/primitives.js';
