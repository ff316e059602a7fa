/** Optimisers: the namespace `optim`. */
export { type Moved, Optimizer, type OptimizerState, type Slots } from './optimizer.js';
export { SGD, type SGDOptions } from './sgd.js';
