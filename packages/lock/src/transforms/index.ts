/** Training with a secret key: keyed transforms of images, and as the first layer of a model. Runs in browsers too. */
export * from './block-key.js';
export * from './block-transform.js';
export { type DecoyOptions, decoys, type LabelledImages, zeroToOne } from './decoys.js';
export * from './errors.js';
export { FFX_DOMAIN, type FfxTables, ffxTables } from './ffx.js';
export { IMAGE_LAYOUTS, type ImageLayout, type Images, type Pixels } from './images.js';
export * from './model/with-transform.js';
