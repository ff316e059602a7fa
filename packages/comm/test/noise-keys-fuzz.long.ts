import { fuzzRuns } from '@tacit/testing';
import { fuzzNoiseByKeys } from './fuzz-suite.js';

describe('random input from outside', function () {
  // Two to three milliseconds each; a file may take an hour.
  this.timeout(55 * 60_000);
  const runs = fuzzRuns(1_000_000);
  fuzzNoiseByKeys(runs);
});
