/** Optimisers: the namespace `optim`. */
export { Adam, type AdamOptions } from './adam.js';
export * as lrScheduler from './lr-scheduler.js';
export { type Moved, Optimizer, type Slots } from './optimizer.js';
export { SGD, type SGDOptions } from './sgd.js';
export type { OptimizerState, ParameterState } from './state.js';
