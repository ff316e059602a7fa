/** Losses. */
export { CrossEntropyLoss } from './cross-entropy-loss.js';
export { Loss, type LossOptions, type Reduction } from './loss.js';
export { MSELoss } from './mse-loss.js';
