import { fuzzRuns } from '@tacit/testing';
import { fuzzSuite } from './fuzz-suite.js';

describe('random input from outside', function () {
  this.timeout(40 * 60_000);
  const runs = fuzzRuns(1_000_000);
  // Two to three milliseconds each.
  fuzzSuite(runs, runs / 10);
});
