/** Cross-validation. */
export {
  type Audience,
  type CrossValidateOptions,
  type CrossValidation,
  crossValidate,
} from './cross-validate.js';
export { accuracy, type Metric } from './metrics.js';
export type { Criterion } from './train-step.js';
