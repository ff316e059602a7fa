import { fuzzRuns } from '@tacit/testing';
import { fuzzSuite } from './fuzz-suite.js';

describe('random input from outside', function () {
  this.timeout(120_000);
  const runs = fuzzRuns(10_000);
  fuzzSuite(runs, runs / 50);
});
