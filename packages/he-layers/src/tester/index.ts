/** The parameter tester. */
export {
  type BfvTestParameters,
  type CkksTestParameters,
  type PyCrCnnParameters,
  readTesterConfig,
  type TesterConfig,
  type TestParameters,
} from './config.js';
export { renderParameterReport } from './render.js';
export {
  type Failure,
  type LayerReport,
  type ParameterReport,
  pycrcnnResults,
  type WorstCase,
} from './report.js';
export { type Suggestion, type SuggestOptions, suggestParameters } from './suggest.js';
export type { BfvSuggestion } from './suggest-bfv.js';
export type { CkksSuggestion } from './suggest-ckks.js';
export { type TestOptions, testParameters } from './test-parameters.js';
