/** Training and evaluation. */
export { type EvaluateOptions, type Evaluation, evaluate } from './evaluate.js';
export {
  type BatchReport,
  type EpochReport,
  type FitOptions,
  type FitResult,
  type FitReveal,
  fit,
} from './fit.js';
export type { Recipient } from './recipients.js';
