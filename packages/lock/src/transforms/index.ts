/** Training with a secret key: keyed transforms of images, and as the first layer of a model. Runs in browsers too. */
export * from './block-key.js';
export * from './block-transform.js';
export * from './errors.js';
export { FFX_DOMAIN, type FfxTables, ffxTables } from './ffx.js';
export { IMAGE_LAYOUTS, type ImageLayout, type Images, type Pixels } from './images.js';
