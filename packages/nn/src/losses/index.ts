/** Losses. */
export { BCELoss } from './bce-loss.js';
export { BCEWithLogitsLoss } from './bce-with-logits-loss.js';
export { CrossEntropyLoss } from './cross-entropy-loss.js';
export { HingeLoss } from './hinge-loss.js';
export { KLDivLoss, type KLDivLossOptions } from './kl-div-loss.js';
export { L1Loss } from './l1-loss.js';
export { Loss, type LossOptions, type Reduction } from './loss.js';
export { MSELoss } from './mse-loss.js';
export { NLLLoss } from './nll-loss.js';
export { RAPPORLoss } from './rappor-loss.js';
